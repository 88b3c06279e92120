"""What was found in a file: elements under the file's own ids, and what is said about them."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from bot.formats.reading import Notes, Unreadable, converted
from domain.elements import TYPE_OF, Element, ElementId, Kind
from domain.facts import FACTS, Answer
from domain.mitigations import MitigationState
from domain.model import id_order
from domain.responses import ResponseKind
from domain.stride import ControlClass, Stride


class FoundResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about a threat."""

    kind: ResponseKind
    reason: str = ""
    owner: str = ""
    due: date | None = None
    transferred_to: str = ""
    expires: date | None = None


class FoundThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A threat; `element` is the id of what it is about."""

    id: str
    title: str
    stride: tuple[Stride, ...] = ()
    description: str = ""
    element: str | None = None
    link: str = ""
    response: FoundResponse | None = None


class FoundMitigation(msgspec.Struct, frozen=True, kw_only=True):
    """A mitigation against the threat of that id."""

    threat: str
    title: str
    description: str = ""
    control: ControlClass | None = None
    owner: str = ""
    due: date | None = None
    ticket: str = ""
    state: MitigationState = MitigationState.PLANNED
    evidence: str = ""
    reason: str = ""


class FoundAssumption(msgspec.Struct, frozen=True, kw_only=True):
    """Something taken for true, and by whom where that is known."""

    text: str
    held_by: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A threat model as a file has it; `elements` come in the order in which they are told.

    `phase` is the one that it was in, where the file says so; `notes` are about what has no counterpart.
    """

    title: str
    name: str
    description: str = ""
    out_of_scope: str = ""
    phase: str = ""
    elements: tuple[Element, ...] = ()
    facts: Mapping[tuple[ElementId, str], Answer] = {}
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[FoundAssumption, ...] = ()
    threats: tuple[FoundThreat, ...] = ()
    mitigations: tuple[FoundMitigation, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> list[Element]:
        """The elements of one kind."""
        return [one for one in self.elements if isinstance(one, TYPE_OF[kind])]


class OwnModel(msgspec.Struct, frozen=True, kw_only=True):
    """What this bot writes beside a model."""

    description: str = ""
    out_of_scope: str = ""
    phase: str = ""
    complete: tuple[Kind, ...] = ()
    assumptions: tuple[FoundAssumption, ...] = ()
    elements: tuple[dict[str, Any], ...] = ()


class Gathering:
    """Collects elements, each id once, with the facts that stand beside them."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self._elements: dict[str, Element] = {}
        self._facts: dict[tuple[ElementId, str], Answer] = {}

    @property
    def elements(self) -> tuple[Element, ...]:
        """What was collected: by the ids that this bot had given, else as it came."""
        return tuple(sorted(self._elements.values(), key=_place))

    @property
    def facts(self) -> Mapping[tuple[ElementId, str], Answer]:
        """What was answered about it."""
        return self._facts

    def add(self, kind: Kind, id: str, own: Mapping[str, Any], said: Mapping[str, Any]) -> Element:
        """An element from what this bot wrote about it and from what the format says, which counts more."""
        if not id:
            raise Unreadable(f"{_called(kind, said)} has no id.")
        if id in self._elements:
            raise Unreadable(f"Two things in the file have the id “{id}”: give each its own.")
        sort = TYPE_OF[kind]
        fields = set(sort.__struct_fields__)
        beside = {name: value for name, value in own.items() if name in fields}
        told = {**beside, **said, "id": id}
        element = converted(told, sort, self.notes, f"“{said.get('name', id)}”")
        if element is None:
            try:
                element = msgspec.convert({**said, "id": id, **_NEEDED.get(kind, {})}, sort)
            except msgspec.ValidationError as error:
                raise Unreadable(f"{_called(kind, said)} cannot be read: {error}.") from None
        self._elements[id] = element
        self._answer(kind, element.id, own.get("facts", {}))
        return element

    def own(self, one: Mapping[str, Any]) -> None:
        """An element that only this bot's own words tell of."""
        kind, id, name = one.get("kind"), one.get("id"), one.get("name")
        if not all(isinstance(said, str) for said in (kind, id, name)) or kind not in set(Kind):
            self.notes.lose(
                "an element that this bot had written: it was changed and is not understood any more"
            )
            return
        self.add(Kind(kind), str(id), one, {"name": str(name)})

    def answer(self, id: ElementId, fact: str, answer: Answer) -> None:
        """Note a fact that the format itself tells, unless this bot's own words have it."""
        self._facts.setdefault((id, fact), answer)

    def _answer(self, kind: Kind, id: ElementId, facts: object) -> None:
        answers = converted(facts, dict[str, Answer], self.notes, f"{id}")
        for fact, answer in (answers or {}).items():
            known = FACTS.get(fact)
            if known is None or kind not in known.kinds:
                self.notes.lose(f"the fact “{fact}”, which this release does not ask about")
            else:
                self._facts[id, fact] = answer


def _place(element: Element) -> tuple[int, ...]:
    return id_order(element.id) if _OURS.fullmatch(element.id) else ()


_OURS = re.compile(r"[A-Z]{2}-\d{1,9}(\.\d{1,9})*")
_NEEDED: Mapping[Kind, Mapping[str, Any]] = {Kind.TRUST_LEVEL: {"rank": 0}}


def no_circles(parents: Mapping[str, str | None], what: str) -> None:
    """Raise Unreadable where something lies in itself, directly or through others."""
    inside = in_itself(parents)
    if inside is not None:
        raise Unreadable(f"The {what} “{inside}” lies in itself, perhaps through others: mend its parent.")


def in_itself(parents: Mapping[str, str | None]) -> str | None:
    """Something that lies in itself, directly or through others; None where nothing does.

    Everything is looked at once: a file may nest as much as fits into it.
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


def strides(words: Iterable[str], notes: Notes, title: str) -> tuple[Stride, ...]:
    """The categories that words mean, those of other schemes too; a threat has at least one here."""
    found: list[Stride] = []
    for word in words:
        category = _CATEGORIES.get(word.strip().lower().replace("_", " ").replace("-", " "))
        if category is None:
            notes.lose(f"the category “{word[:60]}” of a threat, which is none of STRIDE")
        elif category not in found:
            found.append(category)
    if not found:
        notes.lose(f"“{title[:60]}” says no STRIDE category: it is taken for tampering, please look at it")
    return tuple(found) or (Stride.TAMPERING,)


_CATEGORIES = {
    **{one.words.lower(): one for one in Stride},
    **{one.value.lower(): one for one in Stride},
    "confidentiality": Stride.INFORMATION_DISCLOSURE,
    "integrity": Stride.TAMPERING,
    "availability": Stride.DENIAL_OF_SERVICE,
}


def _called(kind: Kind, said: Mapping[str, Any]) -> str:
    return f"The {kind.value.replace('_', ' ')} “{said.get('name', '')}”"
