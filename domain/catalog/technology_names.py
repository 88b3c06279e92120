"""Guesses of a technology: from the name of an element, and from what was typed as a technology."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, NamedTuple

from domain.catalog.catalog_value import Catalog

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


_CODE: Final = re.compile(
    r"librar(?:y|ies)|packages?|\w{0,20}images?|plug-?ins?|add-?ons?|extensions?|sdks?|modules?|frameworks?"
    r"|crates?|gems?|scripts?|models?|weights|firmware|drivers?|dependenc(?:y|ies)|charts?"
)
"""A last word that tells of code or of a model that someone else made: `npm packages`, `Base image`."""
_RUNS_CODE: Final = re.compile(
    r"\b(?:sandbox|runner|notebook|playground|interpreter|executor|code execution|script(?:ing)? engine"
    r"|plug-?in host|build (?:agent|farm|worker)|function runtime|workflow engine)s?\b",
    re.IGNORECASE,
)
_AUTOMATION: Final = re.compile(
    r"\b(?:operator|controller|bot|agent|autoscaler|scheduler|orchestrator|automation|robot|reconciler)s?$",
    re.IGNORECASE,
)
_CONSUMER: Final = re.compile(r"\b(?:consumer|subscriber|listener|processor)s?$", re.IGNORECASE)
_EVALUATION: Final = re.compile(
    r"\b(?:training|analytics?|analysis|analysts?|research(?:ers?)?|statistics|warehouse|data lake|insights?"
    r"|reporting|telemetry|data scien(?:ce|tists?)|experiments?|machine learning|feature store)\b",
    re.IGNORECASE,
)
_CHECK: Final = re.compile(
    r"\b(?:admission|validat(?:or|ion)|firewall|filter|scann(?:er|ing)|authoriz(?:er|ation)|authenticator"
    r"|polic(?:y|ies)|moderation|verif(?:ier|ication)|guard|gatekeeper|fraud|antivirus|sanitizer|inspection"
    r"|approvals?|screening|access control)\b",
    re.IGNORECASE,
)
_IDENTITY: Final = re.compile(
    r"\b(?:sign[- ]?in|log[- ]?in|single sign[- ]?on|sso|identity|authentication|openid connect|oidc)\b",
    re.IGNORECASE,
)
_HEAD_ENDS: Final = re.compile(r"[(\[:,]|\s(?:of|from|for|in|by|on)\s", re.IGNORECASE)


def names_code(name: str) -> bool:
    """Return whether a name is that of third-party code: its noun is a package, an image or a model."""
    words = normal_name(_HEAD_ENDS.split(name.strip())[0]).split()
    return bool(words) and _CODE.fullmatch(words[-1]) is not None


def names_code_runner(name: str) -> bool:
    """Return whether a name tells of something whose purpose may be to run the code of others."""
    return _RUNS_CODE.search(name) is not None


def names_automation(name: str) -> bool:
    """Return whether a name tells of something that acts without a person, such as an operator."""
    return _AUTOMATION.search(name.partition("(")[0].strip()) is not None


def names_consumer(name: str) -> bool:
    """Return whether a name tells of something that reads messages, such as a subscriber."""
    return _CONSUMER.search(name.partition("(")[0].strip()) is not None


def names_evaluation(name: str) -> bool:
    """Return whether a name tells of a place that evaluates data, such as research or training."""
    return _EVALUATION.search(name) is not None


def names_check(name: str) -> bool:
    """Return whether a name tells of something that decides what may pass, such as a filter."""
    return _CHECK.search(name) is not None


def names_identity_provider(name: str) -> bool:
    """Return whether a name tells of something that signs people in for others, and is no code."""
    return _IDENTITY.search(name) is not None and not names_code(name)


def normal_name(text: str) -> str:
    """Return the words of a name in lower case, separated by single spaces."""
    return " ".join(_WORD.findall(text[:_MAX_LENGTH].casefold()))


class _Names(NamedTuple):
    """The names in a catalog, each with the key that it stands for."""

    products: Mapping[str, str]
    nouns: Mapping[str, str]
    whole: Mapping[str, str]
    typed: Mapping[str, str]
    longest: int


@lru_cache(maxsize=8)
def _names(catalog: Catalog) -> _Names:
    products = {normal_name(alias): one.key for one in catalog.technologies for alias in one.aliases}
    nouns = {normal_name(name): category.key for category in catalog.categories for name in category.names}
    whole = {normal_name(name): one.key for one in catalog.categories for name in one.whole_names}
    own = {
        normal_name(name): technology.key
        for technology in (*catalog.technologies, *catalog.categories)
        for name in (technology.key.replace("_", " "), technology.name, *technology.short_names)
    }
    longest = max((len(name.split()) for name in (*products, *nouns)), default=0)
    return _Names(products, nouns, whole, {**nouns, **products, **own}, longest)


@lru_cache(maxsize=4096)
def guess_technology(catalog: Catalog, name: str) -> str:
    """Return the key of the technology that a name reveals, or of its category; empty if it reveals none.

    A product says more than a noun, a longer name more than a shorter one, and of two names of equal length
    the last one counts. A database administrator is no database, and a Kafka consumer no Kafka.
    """
    names = _names(catalog)
    if whole := names.whole.get(normal_name(name)):
        return whole
    for words in (normal_name(name).split(), normal_name(_HUMP.sub(" ", name)).split()):
        uses_it = bool(words) and _USES_IT.fullmatch(words[-1]) is not None
        for known in (names.products, names.nouns):
            found = [
                one for one in _matches(words, known, names.longest) if not uses_it or one[1] == len(words)
            ]
            if found:
                return max(found)[-1]
    return ""


@lru_cache(maxsize=1024)
def technology_typed(catalog: Catalog, text: str) -> str:
    """Return the key of the technology or category that a text names and nothing else; empty if none."""
    return _names(catalog).typed.get(normal_name(text), "")


def nearest_technologies(catalog: Catalog, text: str, name: str) -> tuple[str, ...]:
    """Return the keys of technologies and categories that a text may mean, the nearest first.

    They are named in the text, spelled like it, or of the category that the name of the element reveals.
    """
    typed = _names(catalog).typed
    alike = get_close_matches(normal_name(text), typed, n=_MOST_ALIKE, cutoff=_ALIKE)
    found = (guess_technology(catalog, text), *(typed[one] for one in alike))
    revealed = (*found, guess_technology(catalog, name))
    categories = [one.key for one in map(catalog.category_of, revealed) if one]
    return tuple(dict.fromkeys(one for one in (*found, *categories) if one))


def _matches(words: list[str], known: Mapping[str, str], longest: int) -> Iterator[tuple[int, int, str]]:
    """Yield the length, the end and the key of each phrase that is known, as written and in the singular."""
    for end in range(1, len(words) + 1):
        for length in range(1, min(longest, end) + 1):
            phrase = " ".join(words[end - length : end])
            key = known.get(phrase) or known.get(phrase.removesuffix("s"))
            if key:
                yield length, end, key
