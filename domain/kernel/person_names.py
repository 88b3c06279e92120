"""Replacement of `@id` mentions in sentences by people's names."""

import re
from collections.abc import Callable, Iterable

from domain.kernel.elements import PersonId

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
