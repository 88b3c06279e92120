"""Guesses of a technology: from the name of an element, and from what was typed as a technology."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from domain.technologies.categories import CATEGORIES
from domain.technologies.technology_catalog import TECHNOLOGIES, category_of

_WORD = re.compile(r"\.?[^\W_]+(?:[.'][^\W_]+)*(?:#|\+\+)?")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_USES_IT: Final = re.compile(
    r"(?!server|broker|cluster|container|docker|balancer|register|router)"
    r"(clients?|users?|admins?|teams?|staff|engineers?|people|\w{2,}(er|or)s?)"
)
"""A last word that tells of someone or something that uses the product before it: `Kafka consumer`."""
_ALIKE: Final = 0.8
"""How alike the spelling of a near name is: only a typing error comes that close."""
_MOST_ALIKE: Final = 3
_MAX_LENGTH: Final = 200
"""The number of characters examined: a name is no longer."""


def normal_name(text: str) -> str:
    """Return the words of a name in lower case, separated by single spaces."""
    return " ".join(_WORD.findall(text[:_MAX_LENGTH].casefold()))


_PRODUCTS: Final[Mapping[str, str]] = MappingProxyType(
    {normal_name(alias): one.key for one in TECHNOLOGIES for alias in one.aliases}
)
_NOUNS: Final[Mapping[str, str]] = MappingProxyType(
    {normal_name(name): one.key for one in CATEGORIES for name in one.names}
)
_WHOLE: Final[Mapping[str, str]] = MappingProxyType(
    {normal_name(name): one.key for one in CATEGORIES for name in one.whole_names}
)
_TYPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        **_NOUNS,
        **_PRODUCTS,
        **{
            normal_name(name): one.key
            for one in TECHNOLOGIES
            for name in (one.key.replace("_", " "), one.name, *one.short_names)
        },
        **{
            normal_name(name): one.key
            for one in CATEGORIES
            for name in (one.key.replace("_", " "), one.name, *one.short_names)
        },
    }
)
_LONGEST: Final = max(len(name.split()) for name in (*_PRODUCTS, *_NOUNS))


@lru_cache(maxsize=4096)
def guess_technology(name: str) -> str:
    """Return the key of the technology that a name reveals, or of its category; empty if it reveals none.

    A product says more than a noun, a longer name more than a shorter one, and of two names of equal length
    the last one counts. A database administrator is no database, and a Kafka consumer no Kafka.
    """
    if whole := _WHOLE.get(normal_name(name)):
        return whole
    for words in (normal_name(name).split(), normal_name(_HUMP.sub(" ", name)).split()):
        uses_it = bool(words) and _USES_IT.fullmatch(words[-1]) is not None
        for known in (_PRODUCTS, _NOUNS):
            found = [one for one in _matches(words, known) if not uses_it or one[1] == len(words)]
            if found:
                return max(found)[-1]
    return ""


@lru_cache(maxsize=1024)
def technology_typed(text: str) -> str:
    """Return the key of the technology or category that a text names and nothing else; empty if none."""
    return _TYPED.get(normal_name(text), "")


def nearest_technologies(text: str, name: str) -> tuple[str, ...]:
    """Return the keys of technologies and categories that a text may mean, the nearest first.

    They are named in the text, spelled like it, or of the category that the name of the element reveals.
    """
    alike = get_close_matches(normal_name(text), _TYPED, n=_MOST_ALIKE, cutoff=_ALIKE)
    found = (guess_technology(text), *(_TYPED[one] for one in alike))
    categories = [one.key for one in map(category_of, (*found, guess_technology(name))) if one]
    return tuple(dict.fromkeys(one for one in (*found, *categories) if one))


def _matches(words: list[str], known: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield the length, the end and the key of each phrase that is known, as written and in the singular."""
    for end in range(1, len(words) + 1):
        for length in range(1, min(_LONGEST, end) + 1):
            phrase = " ".join(words[end - length : end])
            key = known.get(phrase) or known.get(phrase.removesuffix("s"))
            if key:
                yield length, end, key
