"""Moments as the database holds them: UTC, of one length, so that their texts sort as they do."""

from datetime import UTC, datetime
from typing import Final

DUE_NOW: Final = "0"
"""Sorts before every moment."""


def format_timestamp(moment: datetime) -> str:
    """A moment as text: `2026-11-24T17:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_timestamp(text: str) -> datetime:
    """The moment that a text of `format_timestamp` names."""
    return datetime.fromisoformat(text)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
