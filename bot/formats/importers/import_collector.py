"""Collector of imported elements: unique IDs, no cycles, our own data merged with the format's."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from bot.formats.importers.extension_reader import ModelExtension
from bot.formats.importers.imported_model import (
    ImportedAssumption,
    ImportedMitigation,
    ImportedModel,
    ImportedThreat,
)
from bot.formats.importers.untrusted_document import ImportNotes, UnreadableFile, convert_or_note
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import TYPE_OF, Element, ElementId, Kind
from domain.model import id_order


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
