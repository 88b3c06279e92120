"""The days that a report covers."""

from datetime import date

import msgspec


class Days(msgspec.Struct, frozen=True):
    """The day since which a report tells what has changed, and the one that it is as of; None for none."""

    since: date | None = None
    as_of: date | None = None

    @property
    def chosen(self) -> tuple[date, ...]:
        """Those that were said."""
        return tuple(day for day in (self.since, self.as_of) if day is not None)
