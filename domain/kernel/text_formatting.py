"""Numbers and lists as sentences have them."""

from collections.abc import Sequence


def count_phrase(count: int, one: str, many: str = "") -> str:
    """A count with the fitting word: `1 warning`, `2 warnings`; `many` where that is no `s`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def join_list(parts: Sequence[str]) -> str:
    """Several things in a sentence: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
