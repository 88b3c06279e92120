"""Parsing and formatting of moments in a time zone."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from whenever import (
    SYSTEM_TZ,  # pyright: ignore[reportUnknownVariableType]  (of whenever)
    Date,
    Instant,
    Time,
    TimeZoneNotFoundError,
)

from bot.operator_error import OperatorError


class UnreadableMoment(OperatorError):
    """A moment or a zone that cannot be read; the message says how to write it."""


def parse_moment(text: str, zone: str | None, *, option: str = "--as-of") -> datetime:
    """Parse a date (its last instant in the zone, or in this machine's) or RFC 3339 text.

    The answer is in UTC. Raises `UnreadableMoment`, which names the option that it was given with.
    """
    try:
        following = Date.parse_iso(text).next_day().at(Time.MIDNIGHT)
    except ValueError:
        return _exact(text, option)
    try:
        end = following.assume_tz(zone or SYSTEM_TZ)  # pyright: ignore[reportUnknownMemberType]  (of whenever)
    except TimeZoneNotFoundError:
        raise _no_zone(zone) from None
    return end.to_instant().subtract(microseconds=1).to_stdlib()


def format_moment(moment: datetime, zone: str | None = None) -> str:
    """Format a moment to the minute in the zone, or in this machine's; raises `UnreadableMoment`."""
    instant = Instant(moment)
    try:
        local = instant.to_tz(zone or SYSTEM_TZ)  # pyright: ignore[reportUnknownMemberType]  (of whenever)
    except TimeZoneNotFoundError:
        raise _no_zone(zone) from None
    except (OverflowError, ValueError):  # at the ends of time, where a local day may be none
        return f"{moment:%Y-%m-%d %H:%M}".rjust(16, "0")
    return local.to_plain().format("YYYY-MM-DD HH:mm")


def local_day(moment: datetime, zone: str | None = None) -> date:
    """Return the day that a moment lies on in the zone, or in this machine's; raises `UnreadableMoment`."""
    return date.fromisoformat(format_moment(moment, zone)[:10])


def local_time_of(zone: str | None) -> tzinfo:
    """Return how clocks go in the zone, or on this machine; raises `UnreadableMoment`."""
    if zone is None:
        return datetime.now().astimezone().tzinfo or UTC
    try:
        return ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # for no name, a folder, and a way out of the folder of zones
        raise _no_zone(zone) from None


def format_rfc3339(moment: datetime) -> str:
    """Return a moment for programs: RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _no_zone(zone: str | None) -> UnreadableMoment:
    return UnreadableMoment(f"--zone: there is no time zone {zone!r}. Enter a name such as Europe/Berlin.")


def _exact(text: str, option: str) -> datetime:
    try:
        return Instant.parse_iso(text).to_stdlib()
    except ValueError:
        raise UnreadableMoment(
            f"{option}: {text!r} is not a valid time. Enter a date (2026-03-31) or a time with an "
            f"offset (2026-03-31T12:00:00+02:00)."
        ) from None
