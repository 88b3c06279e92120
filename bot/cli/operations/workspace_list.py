"""List of the workspaces in a database."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.output.text_grid import add_row, text_grid
from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError
from bot.store import Store

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
    table = text_grid("Workspace", "Models", "Events", "Last change", "App")
    for one in workspaces:
        moment = format_moment(one.updated_at) if one.updated_at else ""
        add_row(table, one.workspace, str(one.models), str(one.events), moment, one.app)
    return table
