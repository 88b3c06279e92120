"""Text: counts and lists within sentences, mentions of people, and length limits of input."""

import re
from collections.abc import Callable, Iterable, Sequence

from domain.kernel.elements import PersonId


def count_phrase(count: int, one: str, many: str = "") -> str:
    """Format a count with its noun: `1 warning`, `2 entries`; `many` for an irregular plural."""
    return f"{count:,} {one if count == 1 else many or _plural(one)}"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def join_list(parts: Sequence[str]) -> str:
    """Join parts as in a sentence: `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


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


NAME = 150
"""Characters in the name of an element or a model."""

TEXT = 3000
"""Characters in a description, a reason or an assumption."""

WORD = 75
"""Characters in a short attribute such as a protocol or an owner."""

ACCOUNT = 500
"""Characters in the ID or the name of an account in a tracker."""

LABEL = 40
"""Characters in a label of a model."""

LABELS = 10
"""Labels of a model."""

LINK = 1000
"""Characters in the address of a page or message."""

LINES = 200
"""Elements or flows that one command may add."""

SENTENCE = 300
"""Characters in the reason of a ballot, or in the sentence that explains a number."""
