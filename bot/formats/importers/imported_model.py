"""An import: what a file contains, collected and checked on the way."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

import msgspec

from bot.formats.importers.stride_mapping import stride_categories
from bot.formats.importers.untrusted_document import ImportNotes, UnreadableFile, convert_or_note
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import TYPE_OF, Element, ElementId, Kind
from domain.kernel.mitigation import MitigationState
from domain.kernel.response import ResponseKind
from domain.kernel.stride import ControlClass, Stride
from domain.model import id_order


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
        return [one for one in self.elements if isinstance(one, TYPE_OF[kind])]


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


def read_threat(
    own: dict[str, Any],
    notes: ImportNotes,
    *,
    id: str,
    title: str,
    description: str,
    categories: Iterable[str],
    element: str | None,
    weaknesses: Iterable[int] = (),
) -> ImportedThreat:
    """Return a threat; the format's own fields are used if this bot's data is missing."""
    stride: tuple[Stride, ...] = ()
    if own:
        _lose_votes(own, notes)
        stride = convert_or_note(own.get("stride", ()), tuple[Stride, ...], notes, f"“{title}”") or ()
    return ImportedThreat(
        id=id,
        title=title,
        description=description,
        stride=stride or stride_categories(() if own else categories, weaknesses, notes, title),
        element=extension_text(own, "element") or element,
        link=extension_text(own, "link"),
        response=_response_in(own, notes, title),
    )


def read_mitigation(fields: dict[str, Any], notes: ImportNotes) -> ImportedMitigation:
    """Return a mitigation; only its title and description if the rest is invalid."""
    read = convert_or_note(fields, ImportedMitigation, notes, f"“{fields['title']}”")
    return read or ImportedMitigation(
        threat=fields["threat"], title=fields["title"], description=fields["description"]
    )


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


def _lose_votes(own: dict[str, Any], notes: ImportNotes) -> None:
    """Note that a threat's score and its rules are not imported."""
    if own.get("score"):
        notes.note_loss("score of a threat: it must be voted on again")
    if own.get("candidates"):
        notes.note_loss("the rule from which a threat was confirmed")
    places: object = own.get("places")
    if isinstance(places, list) and len(cast("list[object]", places)) > 1:
        notes.note_loss("the further places of a threat: imported for the first one")


def _response_in(own: dict[str, Any], notes: ImportNotes, title: str) -> ImportedResponse | None:
    """Return the response to a threat, chosen or proposed; None if there is none."""
    decision = own.get("response") or own.get("proposal")
    if own.get("response") and own.get("proposal"):
        notes.note_loss("a proposal to accept a risk that already had a response")
    return convert_or_note(decision, ImportedResponse, notes, f"“{title}”") if decision else None


class ImportCollector:
    """Collector of elements with unique IDs, and of the facts about them."""

    def __init__(self, notes: ImportNotes) -> None:
        self._notes = notes
        self._elements: dict[str, Element] = {}
        self._facts: dict[tuple[ElementId, str], Answer] = {}
        self._technologies: set[ElementId] = set()
        self._assumed: dict[ElementId, Mapping[str, Answer]] = {}

    def read_extension(self, attributes: Mapping[str, Any]) -> ModelExtension:
        """Return this bot's data about the model, and collect elements found only there."""
        own = convert_or_note(attributes, ModelExtension, self._notes, "the model") or ModelExtension()
        for one in own.elements:
            self._own_element(one)
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
        element = convert_or_note(attributes, sort, self._notes, f"“{format_fields.get('name', id)}”")
        if element is None:
            try:
                element = msgspec.convert({**format_fields, "id": id, **_NEEDED.get(kind, {})}, sort)
            except msgspec.ValidationError as error:
                raise UnreadableFile(f"{_called(kind, format_fields)} cannot be read: {error}.") from None
        self._elements[id] = element
        if "technology" in own:
            self._technologies.add(element.id)
        if isinstance(own.get("assumed"), dict):
            facts = convert_or_note(own["assumed"].get("facts", {}), dict[str, Answer], self._notes, f"{id}")
            self._assumed[element.id] = facts or {}
        self._answer(kind, element.id, own.get("facts", {}))
        return element

    def answer(self, id: ElementId, fact: str, answer: Answer) -> None:
        """Record a fact of the format, unless this bot's own data has it."""
        self._facts.setdefault((id, fact), answer)

    def build(
        self,
        own: ModelExtension,
        *,
        title: str,
        name: str,
        description: str,
        assumptions: tuple[ImportedAssumption, ...],
        threats: Iterable[ImportedThreat],
        mitigations: Iterable[ImportedMitigation],
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
            technologies=frozenset(self._technologies),
            assumed=self._assumed,
            complete=own.complete,
            assumptions=assumptions,
            links=own.links,
            screening=own.screening,
            threats=tuple(threats),
            mitigations=tuple(mitigations),
            notes=self._notes.all(),
        )

    def _own_element(self, one: Mapping[str, Any]) -> None:
        """Add an element that only our own data contains."""
        kind, id, name = one.get("kind"), one.get("id"), one.get("name")
        if not all(isinstance(text, str) for text in (kind, id, name)) or kind not in set(Kind):
            self._notes.note_loss(
                "data of this bot about an element: it was changed and can no longer be read"
            )
            return
        self.add(Kind(kind), str(id), one, {"name": str(name)})

    def _answer(self, kind: Kind, id: ElementId, facts: object) -> None:
        answers = convert_or_note(facts, dict[str, Answer], self._notes, f"{id}")
        for fact, answer in (answers or {}).items():
            known = BUILT_IN.find_fact(fact)
            if known is None or kind not in known.kinds:
                self._notes.note_loss(f"the fact “{fact}”, which this release does not have")
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
