"""An import: what a file contains, collected and checked on the way."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final, cast

import msgspec

from bot.formats.importers.untrusted_document import (
    DocumentObject,
    ImportNotes,
    UnreadableFile,
    convert_or_note,
)
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import TYPE_OF, Element, ElementId, Kind
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ControlClass, ResponseKind, Stride
from domain.model import id_order

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
        return [letter for letter in letters if letter]
    places = [(found.start(), one) for one, pattern in _WORDS if (found := pattern.search(words))]
    return [one for _, one in sorted(places)]


def cwe_numbers(weaknesses: Iterable[str]) -> list[int]:
    """Return the numbers in references such as `CWE-79`."""
    found = (_NUMBER.search(weakness[:_LONGEST]) for weakness in weaknesses)
    return [int(one.group()) for one in found if one]


_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_BETWEEN: Final = re.compile(r"[^0-9a-z]+")
_NUMBER: Final = re.compile(r"\d{1,6}")
_LONGEST: Final = 200


class ImportedResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Decision about a threat."""

    kind: ResponseKind
    reason: str = ""
    owner: str = ""
    due: date | None = None
    transferred_to: str = ""
    expires: date | None = None


class ImportedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat; `element` is the ID of its element."""

    id: str
    title: str
    stride: tuple[Stride, ...] = ()
    description: str = ""
    element: str | None = None
    link: str = ""
    response: ImportedResponse | None = None


class ImportedMitigation(msgspec.Struct, frozen=True, kw_only=True):
    """A mitigation of the threat with that ID, and of those in `also`."""

    threat: str
    also: tuple[str, ...] = ()
    title: str
    description: str = ""
    control: ControlClass | None = None
    owner: str = ""
    due: date | None = None
    ticket: str = ""
    state: MitigationState = MitigationState.PLANNED
    evidence: str = ""
    reason: str = ""


class ImportedAssumption(msgspec.Struct, frozen=True, kw_only=True):
    """An assumption, and its holder if known."""

    text: str
    held_by: str = ""


class ImportedLink(msgspec.Struct, frozen=True, kw_only=True):
    """The answer whether an external dependency and a component are the same thing, by their IDs."""

    dependency: str
    component: str
    same: bool
    former_sort: str = ""


class ImportedScreening(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about a topic of the screening, and whether a second person had confirmed it."""

    topic: str
    answer: Answer
    confirmed: bool = False


class ImportedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A threat model as in a file; `elements` are in the order of the file.

    `technologies` are the elements of which the file states the technology, or that they have none;
    `assumed` is what was assumed of an element. `phase` is the phase stored in the file, if any; `notes` are
    about data without a counterpart.
    """

    title: str
    name: str
    description: str = ""
    out_of_scope: str = ""
    labels: tuple[str, ...] = ()
    phase: str = ""
    elements: tuple[Element, ...] = ()
    facts: Mapping[tuple[ElementId, str], Answer] = {}
    bases: Mapping[tuple[ElementId, str], BasisKind] = {}
    technologies: frozenset[ElementId] = frozenset()
    assumed: Mapping[ElementId, Mapping[str, Answer]] = {}
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[ImportedAssumption, ...] = ()
    links: tuple[ImportedLink, ...] = ()
    screening: tuple[ImportedScreening, ...] = ()
    threats: tuple[ImportedThreat, ...] = ()
    mitigations: tuple[ImportedMitigation, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Element]:
        """Return the elements of one kind."""
        return [element for element in self.elements if isinstance(element, TYPE_OF[kind])]


class ModelExtension(msgspec.Struct, frozen=True, kw_only=True):
    """This bot's own data about a model in another format."""

    description: str = ""
    imported: str = ""
    out_of_scope: str = ""
    labels: tuple[str, ...] = ()
    phase: str = ""
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[ImportedAssumption, ...] = ()
    links: tuple[ImportedLink, ...] = ()
    screening: tuple[ImportedScreening, ...] = ()
    elements: tuple[dict[str, Any], ...] = ()

    def without_mark(self, description: str) -> str:
        """Return a description without the statement that the exported model itself was imported."""
        return description.removesuffix(self.imported).rstrip() if self.imported else description


def extension_text(own: dict[str, Any], name: str) -> str:
    """Return a text of this bot's own data, empty if there is none."""
    value = own.get(name)
    return value if isinstance(value, str) else ""


def extension_texts(own: dict[str, Any], name: str) -> list[str]:
    """Return a list of texts of this bot's own data, empty if there is none."""
    value = own.get(name)
    return (
        [one for one in cast("list[object]", value) if isinstance(one, str)]
        if isinstance(value, list)
        else []
    )


def without_none(own: dict[str, Any]) -> dict[str, Any]:
    """Return this bot's own data without empty values."""
    return {name: value for name, value in own.items() if value is not None}


class FormatReader:
    """Reader of one file: collector of elements with unique IDs, the facts about them, and threats."""

    def __init__(self, document: DocumentObject) -> None:
        self.document = document
        self.notes: ImportNotes = document.notes
        self.threats: dict[str, ImportedThreat] = {}
        self.mitigations: list[ImportedMitigation] = []
        self._elements: dict[str, Element] = {}
        self._facts: dict[tuple[ElementId, str], Answer] = {}
        self._bases: dict[tuple[ElementId, str], BasisKind] = {}
        self._technologies: set[ElementId] = set()
        self._assumed: dict[ElementId, Mapping[str, Answer]] = {}

    def lose(self, what: str) -> None:
        """Note data that is not imported, or changed."""
        self.notes.note_loss(what)

    def read_extension(self, attributes: Mapping[str, Any]) -> ModelExtension:
        """Return this bot's data about the model, and collect elements found only there."""
        own = convert_or_note(attributes, ModelExtension, self.notes, "the model") or ModelExtension()
        for element in own.elements:
            self._own_element(element)
        return own

    def add(self, kind: Kind, id: str, own: Mapping[str, Any], format_fields: Mapping[str, Any]) -> Element:
        """Add an element from our own data and the format's, which takes precedence."""
        if not id:
            raise UnreadableFile(f"{_called(kind, format_fields)} has no id.")
        if id in self._elements:
            raise UnreadableFile(f"Two objects in the file have the ID “{id}”. Make the IDs unique.")
        sort = TYPE_OF[kind]
        fields = set(sort.__struct_fields__)
        beside = {name: value for name, value in own.items() if name in fields}
        attributes = {**beside, **format_fields, "id": id}
        element = convert_or_note(attributes, sort, self.notes, f"“{format_fields.get('name', id)}”")
        if element is None:
            try:
                element = msgspec.convert({**format_fields, "id": id, **_NEEDED.get(kind, {})}, sort)
            except msgspec.ValidationError as error:
                raise UnreadableFile(f"{_called(kind, format_fields)} cannot be read: {error}.") from None
        self._elements[id] = element
        if "technology" in own:
            self._technologies.add(element.id)
        if isinstance(own.get("assumed"), dict):
            facts = convert_or_note(own["assumed"].get("facts", {}), dict[str, Answer], self.notes, f"{id}")
            self._assumed[element.id] = facts or {}
        self._read_facts(kind, element.id, own.get("facts", {}))
        bases = convert_or_note(own.get("bases", {}), dict[str, BasisKind], self.notes, f"{id}")
        self._bases |= {(element.id, fact): basis for fact, basis in (bases or {}).items()}
        return element

    def answer(self, id: ElementId, fact: str, answer: Answer) -> None:
        """Record a fact of the format, unless this bot's own data has it."""
        self._facts.setdefault((id, fact), answer)

    def add_threat(
        self,
        own: dict[str, Any],
        *,
        id: str,
        title: str,
        description: str,
        element: str | None,
        categories: Iterable[str] = (),
        weaknesses: Iterable[str] = (),
        called: str = "ID",
    ) -> None:
        """Add a threat; the format's own fields are used if this bot's data is missing."""
        if id in self.threats:
            raise UnreadableFile(
                f"Two threats in the file have the {called} “{id}”. Make the {called}s unique."
            )
        stride: tuple[Stride, ...] = ()
        if own:
            self._lose_votes(own)
            stride = (
                convert_or_note(own.get("stride", ()), tuple[Stride, ...], self.notes, f"“{title}”") or ()
            )
        numbers = cwe_numbers(weaknesses)
        self.threats[id] = ImportedThreat(
            id=id,
            title=title,
            description=description,
            stride=stride or stride_categories(() if own else categories, numbers, self.notes, title),
            element=extension_text(own, "element") or element,
            link=extension_text(own, "link"),
            response=self._response(own, title),
        )

    def _lose_votes(self, own: dict[str, Any]) -> None:
        """Note that a threat's score and its rules are not imported."""
        if own.get("score"):
            self.lose("score of a threat: it must be voted on again")
        if own.get("suggested_threats"):
            self.lose("the rule from which a threat was confirmed")
        places: object = own.get("places")
        if isinstance(places, list) and len(cast("list[object]", places)) > 1:
            self.lose("the further places of a threat: imported for the first one")

    def _response(self, own: dict[str, Any], title: str) -> ImportedResponse | None:
        """Return the response to a threat, chosen or proposed; None if there is none."""
        decision = own.get("response") or own.get("proposal")
        if own.get("response") and own.get("proposal"):
            self.lose("a proposal to accept a risk that already had a response")
        return convert_or_note(decision, ImportedResponse, self.notes, f"“{title}”") if decision else None

    def add_mitigation(
        self,
        own: dict[str, Any],
        state: Mapping[str, str],
        threats: Sequence[str],
        *,
        title: str,
        description: str,
    ) -> None:
        """Add a mitigation of some threats; only its title and description if the rest is invalid.

        This bot's data takes precedence over the state in the format.
        """
        stated: dict[str, Any] = {"threat": threats[0], "title": title, "description": description}
        fields = {**state, **without_none(own), **stated, "also": threats[1:]}
        read = convert_or_note(fields, ImportedMitigation, self.notes, f"“{title}”")
        self.mitigations.append(read or ImportedMitigation(**stated))

    def build(
        self,
        own: ModelExtension,
        *,
        title: str,
        name: str,
        description: str,
        assumptions: tuple[ImportedAssumption, ...] | None = None,
    ) -> ImportedModel:
        """Build the imported model of a file; `title` is the format's name."""
        return ImportedModel(
            title=title,
            name=name,
            description=description,
            out_of_scope=own.out_of_scope,
            labels=own.labels,
            phase=own.phase,
            # By this bot's original IDs, otherwise in the order of the file.
            elements=tuple(sorted(self._elements.values(), key=_place)),
            facts=self._facts,
            bases=self._bases,
            technologies=frozenset(self._technologies),
            assumed=self._assumed,
            complete=own.complete,
            assumptions=own.assumptions if assumptions is None else assumptions,
            links=own.links,
            screening=own.screening,
            threats=tuple(self.threats.values()),
            mitigations=tuple(self.mitigations),
            notes=self.notes.all(),
        )

    def _own_element(self, one: Mapping[str, Any]) -> None:
        """Add an element that only our own data contains."""
        kind, id, name = one.get("kind"), one.get("id"), one.get("name")
        if not all(isinstance(text, str) for text in (kind, id, name)) or kind not in set(Kind):
            self.lose("data of this bot about an element: it was changed and can no longer be read")
            return
        self.add(Kind(kind), str(id), one, {"name": str(name)})

    def _read_facts(self, kind: Kind, id: ElementId, facts: object) -> None:
        answers = convert_or_note(facts, dict[str, Answer], self.notes, f"{id}")
        for fact, answer in (answers or {}).items():
            known = BUILT_IN.facts.get(fact)
            if known is None or kind not in known.kinds:
                self.lose(f"the fact “{fact}”, which this release does not have")
            else:
                self._facts[id, fact] = answer


def _place(element: Element) -> tuple[int, ...]:
    return id_order(element.id) if _OURS.fullmatch(element.id) else ()


_OURS = re.compile(r"[A-Z]{2}-\d{1,9}(\.\d{1,9})*")
_NEEDED: Mapping[Kind, Mapping[str, Any]] = {Kind.TRUST_LEVEL: {"rank": 0}}


def check_no_cycles(parents: Mapping[str, str | None], what: str) -> None:
    """Raise UnreadableFile if a part contains itself, directly or indirectly."""
    inside = find_cycle(parents)
    if inside is not None:
        raise UnreadableFile(
            f"The {what} “{inside}” is nested in itself, directly or indirectly. Correct its parent."
        )


def find_cycle(parents: Mapping[str, str | None]) -> str | None:
    """Return a part that contains itself, directly or indirectly; None if there is none.

    Each part is visited once, because a file may nest as deeply as its size permits.
    """
    fine: set[str] = set()
    for start in parents:
        passed: set[str] = set()
        here: str | None = start
        while here is not None and here in parents and here not in fine:
            if here in passed:
                return here
            passed.add(here)
            here = parents[here]
        fine |= passed
    return None


def _called(kind: Kind, format_fields: Mapping[str, Any]) -> str:
    return f"The {kind.value.replace('_', ' ')} “{format_fields.get('name', '')}”"
