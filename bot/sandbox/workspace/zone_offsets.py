"""Local times and UTC offsets of time zones."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NAMES = {
    "WET": "Western European Time",
    "WEST": "Western European Summer Time",
    "GMT": "Greenwich Mean Time",
    "BST": "British Summer Time",
    "CET": "Central European Time",
    "CEST": "Central European Summer Time",
    "EET": "Eastern European Time",
    "EEST": "Eastern European Summer Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
    "CST": "Central Standard Time",
    "CDT": "Central Daylight Time",
    "MST": "Mountain Standard Time",
    "MDT": "Mountain Daylight Time",
    "PST": "Pacific Standard Time",
    "PDT": "Pacific Daylight Time",
    "JST": "Japan Standard Time",
    "IST": "India Standard Time",
    "UTC": "Coordinated Universal Time",
}


class UnknownZone(ValueError):
    """Error: no time zone has that name."""


def local_time(tz: str, at: float) -> datetime:
    """Return the local time of a zone at a moment, in seconds since 1970; raises UnknownZone."""
    return datetime.fromtimestamp(at, UTC).astimezone(_zone(tz))


def offset(tz: str, at: float) -> int:
    """Return the UTC offset of a zone in seconds at a moment; raises UnknownZone."""
    east = local_time(tz, at).utcoffset()
    return int(east.total_seconds()) if east is not None else 0


def label(tz: str, at: float) -> str:
    """Return Slack's name for a zone at a moment, such as Central European Summer Time."""
    short = local_time(tz, at).tzname() or tz
    return _NAMES.get(short, tz.rpartition("/")[2].replace("_", " ") + " Time")


@cache
def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise UnknownZone(tz) from unknown
