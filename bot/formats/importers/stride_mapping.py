"""Mapping of another tool's threats to STRIDE categories: by name, by CWE, else by default."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from bot.formats.importers.untrusted_document import ImportNotes
from domain.built_in_catalog import BUILT_IN
from domain.kernel.stride import Stride

_OTHER_WEAKNESSES: Final[Mapping[Stride, tuple[int, ...]]] = {
    Stride.SPOOFING: (
        *(287, 288, 289, 291, 297, 300, 302, 303, 304, 305, 346, 350, 384, 451, 521, 523, 601, 614, 620),
        *(345, 836, 940, 1391),
    ),
    Stride.TAMPERING: (
        *(20, 73, 74, 77, 88, 90, 91, 93, 94, 95, 96, 98, 113, 116, 129, 130, 134, 138, 184, 347, 353, 354),
        *(426, 427, 470, 471, 472, 494, 565, 643, 732, 829, 917, 943, 1173, 1287, 1321),
        *(119, 120, 121, 122, 123, 124, 415, 416, 787, 805, 822, 824, 843),  # memory corruption
    ),
    Stride.REPUDIATION: (221, 222, 224, 779),
    Stride.INFORMATION_DISCLOSURE: (
        *(22, 23, 36, 125, 126, 127, 200, 203, 204, 208, 212, 215, 226, 256, 257, 260, 261, 310, 312, 313),
        *(316, 317, 318, 320, 321, 322, 323, 324, 325, 326, 327, 328, 329, 330, 331, 335, 338, 497, 525, 538),
        *(311, 540, 548, 552, 598, 615, 759, 760, 780, 916, 1230),
    ),
    Stride.DENIAL_OF_SERVICE: (
        *(190, 191, 369, 399, 401, 404, 407, 409, 410, 459, 476, 606, 617, 674, 730, 771, 772, 776, 789),
        *(400, 754, 834, 835, 1333),
    ),
    Stride.ELEVATION_OF_PRIVILEGE: (
        *(264, 266, 267, 268, 269, 270, 271, 272, 273, 274, 276, 277, 280, 281, 282, 283, 284, 285, 425, 566),
        *(441, 639, 648, 668, 807, 862, 1220, 1357, 1390),
    ),
}
"""Categories of weaknesses that the catalog does not name, or names in rules of several categories.

For a weakness that enables several kinds of attack, its technical impact in CWE's own table decides.
"""


@cache
def _by_weakness() -> dict[int, Stride]:
    """Return the category of each weakness: the catalog's, if all rules that name it agree."""
    found = {number: category for category, numbers in _OTHER_WEAKNESSES.items() for number in numbers}
    named: dict[int, set[Stride]] = {}
    for rule in BUILT_IN.rules:
        for number in rule.cwe:
            named.setdefault(number, set()).add(rule.category)
    return found | {number: min(one) for number, one in named.items() if len(one) == 1 or number not in found}


_WORDS: Final = tuple(
    (category, re.compile(pattern))
    for category, pattern in (
        (Stride.SPOOFING, r"\bspoof|\bauthenti[ct]|\bimpersonat"),
        (Stride.TAMPERING, r"\btamper|\bintegrity\b"),
        (Stride.REPUDIATION, r"(?<!\bnon )\brepudiat"),
        (Stride.INFORMATION_DISCLOSURE, r"\bdisclos|\bleak|\bconfidentiality\b|\bexposure\b"),
        (Stride.DENIAL_OF_SERVICE, r"\bdenial of service|\bd?dos\b|\bavailability\b"),
        (
            Stride.ELEVATION_OF_PRIVILEGE,
            r"\b(?:elevat|escalat)\w* of priv|\bprivileges? (?:elevat|escalat)|\beop\b|\bauthori[sz]ation\b",
        ),
    )
)
_LETTERS: Final = {one.value.lower(): one for one in Stride}


def stride_categories(
    names: Iterable[str], weaknesses: Iterable[int], notes: ImportNotes, title: str
) -> tuple[Stride, ...]:
    """Return the categories of a threat, at least one; note whether they were derived or guessed."""
    found: list[Stride] = []
    for word in names:
        meant = categories_in(word)
        if not meant and word.strip():
            notes.note_loss(f"the category “{word[:60]}” of a threat: not a STRIDE category")
        found += meant
    if found:
        return tuple(dict.fromkeys(found))
    derived = {_by_weakness()[number]: number for number in weaknesses if number in _by_weakness()}
    if derived:
        words = ", ".join(f"{one.label.lower()} (CWE-{number})" for one, number in derived.items())
        notes.note_loss(f"“{title[:60]}” has no STRIDE category: imported as {words}")
        return tuple(derived)
    notes.note_loss(f"“{title[:60]}” has no STRIDE category: imported as tampering; review it")
    return (Stride.TAMPERING,)


def categories_in(word: str) -> list[Stride]:
    """Return the STRIDE categories in another tool's word or list of words."""
    spaced = _HUMP.sub(" ", word[:_LONGEST])  # InformationDisclosure
    words = " ".join(_BETWEEN.sub(" ", spaced.lower()).split())
    letters = [_LETTERS.get(one) for one in words.split()]
    if letters and None not in letters:
        return [one for one in letters if one]
    places = [(found.start(), one) for one, pattern in _WORDS if (found := pattern.search(words))]
    return [one for _, one in sorted(places)]


def cwe_numbers(weaknesses: Iterable[str]) -> list[int]:
    """Return the numbers in references such as `CWE-79`."""
    found = (_NUMBER.search(one[:_LONGEST]) for one in weaknesses)
    return [int(one.group()) for one in found if one]


_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_BETWEEN: Final = re.compile(r"[^0-9a-z]+")
_NUMBER: Final = re.compile(r"\d{1,6}")
_LONGEST: Final = 200
