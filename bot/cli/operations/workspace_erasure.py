"""Erasure of a whole workspace."""

from pathlib import Path

from bot.cli.operations.workspace_list import list_workspaces, no_such_workspace
from bot.operator_error import OperatorError
from bot.serving_lock import serving_process
from bot.store import Store
from domain.kernel.text_formatting import count_phrase


def plan_workspace_erasure(store: Store, workspace: str, file: Path | None) -> str:
    """Describe the erasure of a workspace; raises OperatorError if it does not exist or a bot serves it.

    `file` is the file of the database, None on a server.
    """
    found = next((one for one in list_workspaces(store) if one.workspace == workspace), None)
    if found is None:
        raise no_such_workspace(workspace)
    process = serving_process(file) if file is not None else None
    if process:
        raise OperatorError(
            f"{process} runs `threatmodel serve` on this database. Stop it first: a running bot "
            f"would store data of {workspace} again."
        )
    if file is None and workspace in store.installations.installed():
        raise OperatorError(
            f"The app is still installed in {workspace}, so a running bot would store its data again. "
            f"Uninstall the app in Slack first."
        )
    models, events = count_phrase(found.models, "model"), count_phrase(found.events, "event")
    return (
        f"This erases workspace {workspace} with {models} and {events}: the events, the directory, the "
        f"installation of the app, and everything pending. Messages in Slack stay. Erased text remains in "
        f"backups until these expire. This cannot be undone."
    )


def erase(store: Store, workspace: str) -> str:
    """Erase a workspace, and say what is left of it."""
    removed = store.remove_workspace(workspace)
    if removed is None:
        return f"{workspace}: erased; it had no events"
    return (
        f"{workspace}: erased; its chain ended at {removed.sequence} with {removed.hash.hex()}\n"
        f"If the app is installed there again, it starts without models, with a new chain, and continues the "
        f"numbers of the models."
    )
