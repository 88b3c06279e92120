"""Tables of connected trackers."""

from collections.abc import Iterable

from rich.table import Table

from bot.cli.operations.tracker_health import TrackerOnRecord
from bot.cli.output.text_grid import add_row, text_grid


def trackers_table(trackers: Iterable[TrackerOnRecord]) -> Table:
    """Return the trackers of all workspaces, one a line."""
    table = text_grid("Workspace", "ID", "Kind", "Project", "Address", "Default", "State")
    for one in trackers:
        default = "yes" if one.default else ""
        add_row(table, one.workspace, one.tracker, one.kind, one.project, one.url, default, one.state)
    return table
