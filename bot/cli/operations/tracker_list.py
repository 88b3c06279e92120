"""Tables of connected trackers."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.output.text_grid import add_row, text_grid
from domain.kernel.tracked_issue import TrackerId


class TrackerOnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A connected tracker of a workspace: its project, and the state of the connection."""

    workspace: str
    tracker: TrackerId
    kind: str
    project: str
    url: str
    labels: tuple[str, ...]
    default: bool
    saved_at: datetime
    polled_at: datetime | None
    failures: int
    error: str
    stopped: bool

    @property
    def state(self) -> str:
        """The state in words."""
        if self.stopped:
            return f"stopped: {self.error}"
        if self.error:
            return f"failing: {self.error}"
        return f"read {format_moment(self.polled_at)}" if self.polled_at else "not read yet"


def trackers_table(trackers: Iterable[TrackerOnRecord]) -> Table:
    """Return the trackers of all workspaces, one a line."""
    table = text_grid("Workspace", "ID", "Kind", "Project", "Address", "Default", "State")
    for one in trackers:
        default = "yes" if one.default else ""
        add_row(table, one.workspace, one.tracker, one.kind, one.project, one.url, default, one.state)
    return table
