"""What people are called, in sentences that mention them as `@id`."""

import re
from collections.abc import Callable, Iterable

from domain.kernel.elements import PersonId

Naming = Callable[[PersonId], str]
"""What somebody is called where the sentence is read."""


def with_names(sentence: str, people: Iterable[PersonId], naming: Naming) -> str:
    """The sentence with the persons it mentions called by name."""
    # The longest id first and all in one go: an id may begin another one, and a name may look like an id.
    ids = sorted(people, key=len, reverse=True)
    if not ids:
        return sentence
    mention = re.compile("@(" + "|".join(re.escape(id) for id in ids) + ")")
    return mention.sub(lambda match: f"@{naming(PersonId(match[1]))}", sentence)
