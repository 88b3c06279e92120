"""Formatting of counts and lists within sentences."""

from collections.abc import Sequence


def count_phrase(count: int, one: str, many: str = "") -> str:
    """Format a count with its noun: `1 warning`, `2 entries`; `many` for an irregular plural."""
    return f"{count:,} {one if count == 1 else many or _plural(one)}"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def join_list(parts: Sequence[str]) -> str:
    """Join parts as in a sentence: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
