"""Storage of open modals and Home tabs across restarts."""

from msgspec import Struct

from bot.sandbox.open_views.displayed_view import DisplayedView
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.record_storage import RecordStorage

_KIND = "view"


class _Record(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A view with its values as a list, because JSON has no composite keys."""

    id: str
    person: str
    body: Json
    hash: str
    root: str
    previous: str | None = None
    held: tuple[tuple[str, str, Json], ...] = ()
    emptied: tuple[tuple[str, str], ...] = ()
    errors: dict[str, str] = {}


class ViewStorage:
    """Storage of open views, written on each change."""

    def __init__(self, kept: RecordStorage, team: str) -> None:
        """`team` is the ID of the workspace."""
        self._kept, self._team = kept, team

    def save(self, view: DisplayedView) -> None:
        """Store the current state of a view."""
        held = tuple((block, action, state) for (block, action), state in view.held.items())
        record = _Record(
            id=view.id,
            person=view.person,
            body=view.body,
            hash=view.hash,
            root=view.root,
            previous=view.previous,
            held=held,
            emptied=tuple(sorted(view.emptied)),
            errors=view.errors,
        )
        self._kept.save(_KIND, view.id, record)

    def drop(self, view: DisplayedView) -> None:
        """Delete a closed view."""
        self._kept.drop(_KIND, view.id)

    def all(self) -> list[DisplayedView]:
        """Return every view, from bottom to top."""
        views = [_view(record, self._team) for record in self._kept.read_all(_KIND, _Record).values()]
        return sorted(views, key=lambda view: _depth(view, views))


def _view(record: _Record, team: str) -> DisplayedView:
    return DisplayedView(
        id=record.id,
        person=record.person,
        team=team,
        body=record.body,
        hash=record.hash,
        root=record.root,
        previous=record.previous,
        held={(block, action): state for block, action, state in record.held},
        emptied=frozenset(record.emptied),
        errors=record.errors,
    )


def _depth(view: DisplayedView, views: list[DisplayedView]) -> int:
    below = [one for one in views if one.id == view.previous]
    return 1 + _depth(below[0], views) if below else 0
