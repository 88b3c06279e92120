"""List of the workspaces of a database, and erasure of a whole one."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

import msgspec
from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError
from bot.serving_lock import serving_process
from bot.store import Store
from domain.kernel.text_formatting import count_phrase


def plan_workspace_erasure(store: Store, workspace: str, file: Path | None) -> str:
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


def erase(store: Store, workspace: str, file: Path | None) -> str:
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


def _not_served(store: Store, workspace: str, file: Path | None) -> AbstractContextManager[None]:
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


NOT_INSTALLED = "-"
"""The state of a workspace without an installation on record, such as one that the settings name."""


class ListedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace: its models and events, its last change, and the state of the app in it."""

    workspace: str
    models: int
    events: int
    updated_at: datetime | None
    app: str


def list_workspaces(store: Store) -> list[ListedWorkspace]:
    """Return every workspace that has events or an installation, by ID."""
    events = {one.tenant: one.sequence for one in store.heads()}
    models: dict[str, list[datetime]] = {}
    for one in store.streams():
        models.setdefault(one.tenant, []).append(one.updated_at)
    states: dict[str, set[str]] = {}
    for installation in store.installations.all():
        states.setdefault(installation.tenant, set()).add(installation.state)
    return [
        ListedWorkspace(
            workspace=tenant,
            models=len(models.get(tenant, ())),
            events=events.get(tenant, 0),
            updated_at=max(models.get(tenant, ()), default=None),
            app=", ".join(sorted(states.get(tenant, ()))) or NOT_INSTALLED,
        )
        for tenant in sorted(events.keys() | states.keys())
    ]


def no_such_workspace(workspace: str) -> OperatorError:
    """Return the error about an unknown workspace."""
    name = terminal_text(workspace[:80])
    return OperatorError(
        f"There is no workspace {name}. Run `threatmodel workspace list` to list the workspaces."
    )


def workspaces_table(workspaces: Iterable[ListedWorkspace]) -> Table:
    """Return the workspaces of a database, one a line."""
    return text_grid(
        ("Workspace", "Models", "Events", "Last change", "App"),
        (
            (
                *(one.workspace, str(one.models), str(one.events)),
                *(format_moment(one.updated_at) if one.updated_at else "", one.app),
            )
            for one in workspaces
        ),
    )
