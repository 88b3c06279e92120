"""Timestamps as text: UTC and of one length, so that they sort by time."""

from datetime import UTC, datetime
from typing import Final

DUE_NOW: Final = "0"
"""Sorts before every moment."""


def format_timestamp(moment: datetime) -> str:
    """Return a moment as text: `2026-11-24T17:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_timestamp(text: str) -> datetime:
    """Return the moment of a text that `format_timestamp` wrote."""
    return datetime.fromisoformat(text)


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)
