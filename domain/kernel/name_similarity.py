"""Similarity of names: whether two names probably mean the same thing."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rapidfuzz.fuzz import ratio

LIKELY_SAME: Final = 90
"""The similarity from which two names probably mean the same thing."""


def token_sort_ratio(one: str, other: str) -> float:
    """Return the similarity of two names from 0 to 100, independent of the order of their words.

    It is RapidFuzz's ratio of the sorted words: twice the length of their longest common subsequence in
    relation to both lengths. Case and punctuation do not count.
    """
    return _ratio(_sorted_words(one), _sorted_words(other))


def likely_same(one: str, other: str) -> bool:
    """Return whether two names probably mean the same thing, also without a trailing parenthesis.

    Names that differ in a number, a single letter, a region, an environment or a negation mean two things.
    """
    # In the order of their cost: every new name is compared with all others of its kind.
    pairs = (_sorted_words(one), _sorted_words(other)), (_without(one), _without(other))
    close = [pair for pair in pairs if _is_of_like_length(*pair)]
    if not close or _distinguishing(one) != _distinguishing(other):
        return False
    if not any(_ratio(*pair, LIKELY_SAME) for pair in close):
        return False
    return not _negated(_words(one), _words(other))


def spelling_free(name: str) -> str:
    """Return a name without its case and punctuation: names that differ only in spelling become equal."""
    return " ".join(_words(name)) or name.casefold()


def most_similar(name: str, others: Iterable[str], most: int) -> list[str]:
    """Return the names that probably mean the same as a name, the closest first."""
    found = [(-max(token_sort_ratio(name, other), _short_ratio(name, other)), other) for other in others]
    return [one for _, one in sorted(found)[:most]]


class SimilarNames:
    """Names with which many others are compared."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[tuple[str, ...], list[str]] = {}
        for name in names:
            self._names.setdefault(_distinguishing(name), []).append(name)

    def most_similar(self, name: str, most: int = 3) -> list[str]:
        """Return the names that probably mean the same as a name, the closest first."""
        found = [one for one in self._names.get(_distinguishing(name), ()) if likely_same(name, one)]
        return most_similar(name, found, most) if found else found


def _short_ratio(one: str, other: str) -> float:
    return _ratio(_without(one), _without(other))


def _is_of_like_length(one: str, other: str) -> bool:
    """Return whether two texts are not too different in length to be similar; two without words are not."""
    shorter, total = min(len(one), len(other)), len(one) + len(other)
    return bool(shorter) and 200 * shorter >= LIKELY_SAME * total


def _ratio(one: str, other: str, least: float = 0) -> float:
    """Return the similarity; 0 if it is less than `least`, or if both texts are empty."""
    return ratio(one, other, score_cutoff=least) if one or other else 0.0


@lru_cache(maxsize=8192)
def _words(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", name).casefold()))


@lru_cache(maxsize=8192)
def _sorted_words(name: str) -> str:
    return " ".join(sorted(_words(name)))


@lru_cache(maxsize=8192)
def _without(name: str) -> str:
    """Return the sorted words of a name without a trailing parenthesis, if others are left."""
    text = name.rstrip()
    start = text.rfind("(") if text.endswith(")") else -1
    return (_sorted_words(text[:start]) if start > 0 else "") or _sorted_words(name)


@lru_cache(maxsize=8192)
def _distinguishing(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell two otherwise equal things apart, in their order."""
    return tuple(
        word
        for word in _words(name)
        if len(word) == 1 or word in _PLACES_AND_ENVIRONMENTS or any(map(str.isdigit, word))
    )


def _negated(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return whether a word of one name is the negation of a word of the other: `unauthenticated`."""
    mine, theirs = set(one), set(other)
    return any(
        f"{prefix}{word}" in rest
        for words, rest in ((mine, theirs - mine), (theirs, mine - theirs))
        for word in words
        for prefix in _NEGATIONS
    )


_WORD = re.compile(r"[^\W_]+[#+]*")
_NEGATIONS = ("un", "non", "in", "dis")
_ENVIRONMENTS: Final = """
    prod production live stage staging stg test testing tst qa uat dev development sandbox preprod preview
    demo local ci dr canary blue green pilot acceptance integration
"""
_REGIONS: Final = """
    eu us usa uk emea apac latam na europe european america american asia asian africa australia canada china
    india japan germany german france french switzerland swiss austria spain italy ireland brazil
    east west north south northeast northwest southeast southwest central primary secondary
    frankfurt dublin london paris virginia ohio oregon california singapore sydney tokyo mumbai
"""
_PLACES_AND_ENVIRONMENTS: Final = frozenset((*_ENVIRONMENTS.split(), *_REGIONS.split()))
"""Words that name a region or an environment: `Orders (staging)` is another thing than `Orders`."""
