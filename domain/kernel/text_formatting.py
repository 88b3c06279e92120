"""Text: counts and lists within sentences, and mentions of people."""

import re
from collections.abc import Callable, Iterable, Sequence

from domain.kernel.elements import PersonId


def count_phrase(count: int, one: str, many: str = "") -> str:
    """Format a count with its noun: `1 warning`, `2 entries`; `many` for an irregular plural."""
    return f"{count:,} {one if count == 1 else many or _plural(one)}"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def join_names(names: Sequence[str]) -> str:
    """Join names by commas, or by semicolons if a name has a comma itself, as those of many data flows."""
    return _separator(names).join(names)


def join_list(parts: Sequence[str]) -> str:
    """Join parts as in a sentence: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{_separator(parts).join(parts[:-1])} and {parts[-1]}"


def _separator(names: Sequence[str]) -> str:
    return "; " if any(", " in name for name in names) else ", "


def listed(names: str) -> tuple[str, ...]:
    """Return names that are declared in one text, separated by commas."""
    return tuple(names.split(", "))


Naming = Callable[[PersonId], str]
"""Maps a person to the name to show."""


def with_names(sentence: str, people: Iterable[PersonId], naming: Naming) -> str:
    """Return a sentence with the people it mentions called by name."""
    # Longest id first and in one pass: an id may be the prefix of another, and a name may look like an id.
    ids = sorted(people, key=len, reverse=True)
    if not ids:
        return sentence
    mention = re.compile("@(" + "|".join(re.escape(id) for id in ids) + ")")
    return mention.sub(lambda match: f"@{naming(PersonId(match[1]))}", sentence)
