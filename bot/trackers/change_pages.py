"""Pages of what changed in a tracker, while it goes on changing."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import repeat
from typing import Final, Protocol, TypeVar

from bot.trackers.tracker import TrackerUnreachable

PAGE: Final = 100

MOST_PAGES: Final = 1_000
"""Pages of one list: a tracker that names ever more pages would be read for ever."""

_SECOND: Final = timedelta(seconds=1)


def page_turns() -> Iterator[None]:
    """Yield for each page of a list that may be read; raises TrackerUnreachable after the last one."""
    yield from repeat(None, MOST_PAGES)
    raise TrackerUnreachable(f"The tracker has a list of more than {MOST_PAGES:,} pages.")


class ChangedRow(Protocol):
    """A row of a list that is sorted by the moment of the last change."""

    @property
    def id(self) -> Hashable:
        """What tells rows apart."""
        ...

    @property
    def updated_at(self) -> datetime:
        """When it was changed last."""
        ...


Row = TypeVar("Row", bound=ChangedRow)


def rows_by_change(
    since: datetime, page_of: Callable[[datetime, int], Sequence[Row]], *, size: int = PAGE
) -> Iterator[Row]:
    """Yield the rows that changed at or after a moment, the earliest first, each state of a row once.

    `page_of` returns a page, numbered from 1, of the rows that changed after a moment. A row that changes
    meanwhile moves to the end of the list and pulls others to earlier pages, so that the list is asked for
    again from the last moment seen instead of for its next page. Some trackers show moments in whole seconds,
    and differ in whether "after" includes the moment, hence the second in between.
    """
    start, number = since - _SECOND, 1
    seen: set[tuple[Hashable, datetime]] = set()
    for _ in page_turns():
        page = page_of(start, number)
        for row in page:
            state = (row.id, row.updated_at)
            if state not in seen and row.updated_at >= since:
                yield row
            seen.add(state)
        if len(page) < size:
            return
        last = page[-1].updated_at - _SECOND
        start, number = (last, 1) if last > start else (start, number + 1)
