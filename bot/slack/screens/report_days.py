"""Report that was ordered: its form, the days that it covers, and whether it has the appendix."""

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


class ReportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was ordered; `full` with the appendix."""

    form: str
    days: Days = Days()
    full: bool = False


def report_argument(form: str, *, full: bool) -> str:
    """Return what a button carries of a report's format: the same as is typed."""
    return f"{form} full".strip() if full else form
