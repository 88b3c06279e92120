"""Formatting of counts and lists within sentences."""

from collections.abc import Sequence


def count_phrase(count: int, one: str, many: str = "") -> str:
    """Format a count with its noun: `1 warning`, `2 warnings`; `many` for an irregular plural."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def join_list(parts: Sequence[str]) -> str:
    """Join parts as in a sentence: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
