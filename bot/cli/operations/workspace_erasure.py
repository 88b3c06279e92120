"""Erasure of a whole workspace."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bot.cli.operations.workspace_list import list_workspaces, no_such_workspace
from bot.operator_error import OperatorError
from bot.serving_lock import serving_process
from bot.store.database import DatabaseStore
from domain.kernel.text_formatting import count_phrase


def plan_workspace_erasure(store: DatabaseStore, workspace: str, file: Path | None) -> str:
    """Describe the erasure of a workspace; raises OperatorError if it does not exist or may be served.

    `file` is the file of the database, None on a server.
    """
    found = next((one for one in list_workspaces(store) if one.workspace == workspace), None)
    if found is None:
        raise no_such_workspace(workspace)
    with _not_served(store, workspace, file):
        pass
    models, events = count_phrase(found.models, "model"), count_phrase(found.events, "event")
    return (
        f"This erases workspace {workspace} with {models} and {events}: the events, the directory, the "
        f"installation of the app, and everything pending. Messages in Slack and issues in trackers stay. "
        f"Erased text remains in backups until these expire. This cannot be undone."
    )


def erase(store: DatabaseStore, workspace: str, file: Path | None) -> str:
    """Erase a workspace, and say what is left of it; raises OperatorError if it may be served."""
    with _not_served(store, workspace, file):
        removed = store.remove_workspace(workspace)
    if removed is None:
        return f"{workspace}: erased; it had no events"
    return (
        f"{workspace}: erased; its chain ended at {removed.sequence} with {removed.hash.hex()}\n"
        f"If the app is installed there again, it starts without models, with a new chain, and continues the "
        f"numbers of the models."
    )


def _not_served(store: DatabaseStore, workspace: str, file: Path | None) -> AbstractContextManager[None]:
    """Return a block in which no bot stores data of a workspace.

    A running bot does not serve a workspace in which the app was uninstalled. Without an installation on
    record, the workspace may be the one whose token the settings have.
    """
    installed = workspace in store.installations.installed()
    if store.installations.of_tenant(workspace) and not installed:
        return nullcontext()
    if process := serving_process(file):
        advice = "Uninstall the app in Slack, or stop the bot" if installed else "Stop it first"
        raise OperatorError(
            f"{process} runs `threatmodel serve` on this database. {advice}: a running bot would store data "
            f"of {workspace} again."
        )
    return store.alone()
