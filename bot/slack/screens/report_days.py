"""Days that a report covers."""

from datetime import date

import msgspec


class Days(msgspec.Struct, frozen=True):
    """First day of a report's changes, and the day of its state; None if not chosen."""

    since: date | None = None
    as_of: date | None = None

    @property
    def chosen(self) -> tuple[date, ...]:
        """The chosen days."""
        return tuple(day for day in (self.since, self.as_of) if day is not None)
