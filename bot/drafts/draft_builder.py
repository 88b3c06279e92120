"""Collector of what files propose: items by key, each with its answers, with names that are free."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from bot.formats.importers.untrusted_document import UnreadableFile
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import (
    MAX_ITEMS,
    Certainty,
    Draft,
    DraftAnswer,
    DraftItem,
    DraftSource,
    ProposedAssumption,
    ProposedThreat,
    SourceKey,
    SourcePlace,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataKind, Exposure, Kind
from domain.kernel.length_limits import NAME, TEXT, WORD
from domain.model.element_labels import same_name

_ORDER: Final = {Certainty.CERTAIN: 0, Certainty.LIKELY: 1, Certainty.GUESS: 2}
_MAX_KEY: Final = 300
_MOST_NOTES: Final = 200


class BuiltItem(msgspec.Struct):
    """An item that is being collected; `qualifier` is added to its name if another item has that name."""

    kind: Kind
    key: str
    name: str
    place: SourcePlace
    certainty: Certainty = Certainty.CERTAIN
    qualifier: str = ""
    description: str = ""
    sort: str = ""
    role: ComponentKind | None = None
    technology: str = ""
    boundary: str = ""
    parent: str = ""
    component: str = ""
    exposure: Exposure | None = None
    protocol: str = ""
    source: str = ""
    target: str = ""
    data: DataKind | None = None
    stored_in: list[str] = []
    answers: dict[str, DraftAnswer] = {}
    unseen: set[str] = set()

    def withhold(self, *facts: str) -> None:
        """Propose no reassuring answer to some questions: not everything that they are about was seen."""
        self.unseen.update(facts)

    def answer(
        self, facts: str, place: SourcePlace, *, yes: bool, certainty: Certainty = Certainty.CERTAIN
    ) -> None:
        """Propose an answer to questions; of two that differ, the one that shows a weakness is kept."""
        answer = Answer.YES if yes else Answer.NO
        for fact in facts.split():
            old = self.answers.get(fact)
            if old is None:
                kept = True
            elif old.answer is answer:
                kept = _ORDER[certainty] < _ORDER[old.certainty]
            else:
                kept = is_weakness(fact, answer)
            if kept:
                self.answers[fact] = DraftAnswer(fact=fact, answer=answer, place=place, certainty=certainty)

    def keep_in(self, key: str) -> None:
        """Note a place where the data is stored, once."""
        if key not in self.stored_in:
            self.stored_in.append(key)


def is_weakness(fact: str, answer: Answer) -> bool:
    """Return whether an answer can raise a threat: a control that is missing, or a condition that holds."""
    return answer is (Answer.NO if BUILT_IN.facts[fact].denial else Answer.YES)


REACH: Final = (Exposure.LOCAL, Exposure.INTERNAL, None, Exposure.PARTNER, Exposure.INTERNET)
"""Exposures from the narrowest to the widest; without one, a port may be reached from other machines."""

_PRIVILEGES: Final = ("least_privilege", "isolated", "role_restricted", "peers_restricted")


class DraftBuilder:
    """A draft that is being collected from files; `variables` are those of each file, by its name."""

    def __init__(self, variables: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.variables = variables or {}
        self.items: dict[str, BuiltItem] = {}
        self.threats: dict[SourceKey, ProposedThreat] = {}
        self.assumptions: dict[SourceKey, ProposedAssumption] = {}
        self._notes: dict[str, int] = {}

    def add(self, item: BuiltItem) -> BuiltItem:
        """Add an item; if there is one with its key, add to that what it does not state, and return it."""
        item.key = cut_key(item.key)
        known = self.items.get(item.key)
        if known is not None and known.kind is not item.kind:  # their names differ in signs that are not kept
            item.key = cut_key(f"{item.key}#{item.kind}")
            known = self.items.get(item.key)
        if known is None:
            self._check_limit()
            self.items[item.key] = item
            return item
        if _ORDER[item.certainty] < _ORDER[known.certainty]:
            known.certainty, known.place = item.certainty, item.place
        for name in _FILLED:
            if not getattr(known, name):
                setattr(known, name, getattr(item, name))
        if item.kind is Kind.ENTRY_POINT:
            known.exposure = max(known.exposure, item.exposure, key=REACH.index)
        for key in item.stored_in:
            known.keep_in(key)
        return known

    def component(
        self,
        key: str,
        name: str,
        place: SourcePlace,
        role: ComponentKind | None,
        technology: str,
        certainty: Certainty = Certainty.CERTAIN,
        *,
        qualifier: str = "",
        description: str = "",
    ) -> BuiltItem:
        """Add a component that is software."""
        item = BuiltItem(Kind.COMPONENT, key, name, place, certainty, qualifier, description)
        item.role, item.technology = role, technology
        added = self.add(item)
        added.answer("software", added.place, yes=True)
        return added

    def dependency(
        self, key: str, name: str, place: SourcePlace, *, sort: str = "", technology: str = ""
    ) -> BuiltItem:
        """Add an external dependency, whose key is the same in all files."""
        kind, key = Kind.EXTERNAL_DEPENDENCY, f"dependency:{key}"
        return self.add(BuiltItem(kind, key, name, place, Certainty.LIKELY, sort=sort, technology=technology))

    def flow(
        self,
        source: BuiltItem,
        target: BuiltItem,
        place: SourcePlace,
        certainty: Certainty,
        protocol: str = "",
    ) -> BuiltItem:
        """Add a data flow between two components, or from one to an external dependency."""
        name = " → ".join(clean_name(one.name, NAME // 2 - 2) for one in (source, target))
        flow = BuiltItem(Kind.DATA_FLOW, flow_key(source.key, target.key), name, place, certainty)
        flow.source, flow.target, flow.protocol = source.key, target.key, protocol
        return self.add(flow)

    def credential(
        self,
        key: str,
        name: str,
        place: SourcePlace,
        certainty: Certainty = Certainty.CERTAIN,
        *,
        qualifier: str = "",
    ) -> BuiltItem:
        """Add a credential as an asset."""
        item = BuiltItem(Kind.ASSET, key, name, place, certainty, qualifier, sort="Credential")
        item.data = DataKind.CREDENTIAL
        return self.add(item)

    def boundary(
        self, key: str, name: str, place: SourcePlace, members: Iterable[BuiltItem], *, qualifier: str = ""
    ) -> None:
        """Add a trust boundary around components, except those that lie in another one."""
        boundary = self.add(BuiltItem(Kind.TRUST_BOUNDARY, key, name, place, Certainty.LIKELY, qualifier))
        for member in members:
            member.boundary = member.boundary or boundary.key

    def entry_point(
        self,
        key: str,
        name: str,
        place: SourcePlace,
        behind: BuiltItem | None,
        exposure: Exposure | None = None,
        protocol: str = "",
        certainty: Certainty = Certainty.CERTAIN,
        *,
        qualifier: str = "",
    ) -> BuiltItem:
        """Add an entry point of the component behind it, if that is known."""
        item = BuiltItem(Kind.ENTRY_POINT, key, name, place, certainty, qualifier, exposure=exposure)
        item.component, item.protocol = behind.key if behind else "", protocol
        return self.add(item)

    def leave_open(self, key: str, text: str, place: SourcePlace, item: BuiltItem | None = None) -> None:
        """Propose to assume a value that the files do not have; it may give the item any privilege."""
        key = cut_key(f"{key}?{text}")
        text = f"{clean_name(text, _MAX_KEY)}, and the files do not have the value"
        if key not in self.assumptions:
            self._check_limit()
        self.assumptions.setdefault(key, ProposedAssumption(key=key, text=text, place=place, unresolved=True))
        if item is not None:
            item.withhold(*_PRIVILEGES)

    def note(self, text: str, count: int = 1) -> None:
        """Note what was not read; the same note is counted, and so are all beyond a number of them."""
        if len(self._notes) >= _MOST_NOTES and text not in self._notes:
            text = "other parts of other types were not read"
        self._notes[text] = self._notes.get(text, 0) + count

    def _check_limit(self) -> None:
        """Raise UnreadableFile if the draft is full."""
        if len(self.items) + len(self.assumptions) >= MAX_ITEMS:
            raise UnreadableFile(
                f"The files describe more than {MAX_ITEMS:,} elements, which is too many for one draft. "
                f"Read fewer files at a time."
            )

    def draft(self, sources: Iterable[DraftSource]) -> Draft:
        """Return the draft, with names that are free and within the limits."""
        used: dict[Kind, set[str]] = {}
        items = tuple(
            _built(item, _free_name(item, used.setdefault(item.kind, set()))) for item in self.items.values()
        )
        notes = (f"{text} ({count} times)" if count > 1 else text for text, count in self._notes.items())
        return Draft(
            sources=tuple(sources),
            items=items,
            threats=tuple(self.threats.values()),
            assumptions=tuple(self.assumptions.values()),
            notes=tuple(clean_name(note, TEXT) for note in notes),
        )


def flow_key(source: str, target: str) -> str:
    """Return the key of a flow: `compose:web>db`, with the scheme of the target only if it is another one."""
    scheme = f"{source.partition(':')[0]}:"
    return f"{source}>{target.removeprefix(scheme)}"


def cut_key(key: str) -> SourceKey:
    """Return a key on one line, and of a limited length: the rest of a longer one becomes a digest."""
    if len(key) <= _MAX_KEY:
        return SourceKey(clean_name(key, _MAX_KEY))
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return SourceKey(f"{clean_name(key[: _MAX_KEY - 20], _MAX_KEY)}…{digest}")


def clean_name(text: str, limit: int = NAME) -> str:
    """Return a text on one line without invisible characters, shortened to a limit."""
    kept = (one if unicodedata.category(one)[0] not in "CZ" else " " for one in text[: 4 * limit])
    return _cut(" ".join("".join(kept).split()), limit)


def clean_text(text: str, limit: int = TEXT) -> str:
    """Return a text of several lines without invisible characters, shortened to a limit."""
    kept = (one if one == "\n" or unicodedata.category(one)[0] != "C" else " " for one in text[: 4 * limit])
    return _cut("".join(kept).strip(), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


_FILLED: Final = (
    *("description", "sort", "role", "technology", "boundary", "parent", "component"),
    *("protocol", "data", "qualifier"),
)
"""The attributes that a second statement about an item adds."""


def _free_name(item: BuiltItem, used: set[str]) -> str:
    """Return the name, with the qualifier or a number if another item of its kind has it."""
    name, number = clean_name(item.name) or clean_name(item.key), 1
    if item.qualifier and same_name(name) in used:
        name = f"{clean_name(item.name, NAME // 2)} ({clean_name(item.qualifier, NAME // 3)})"
    while same_name(name) in used:
        number += 1
        name = f"{clean_name(item.name, NAME - 10)} ({number})"
    used.add(same_name(name))
    return name


def _built(item: BuiltItem, name: str) -> DraftItem:
    stated: dict[str, Any] = {field: getattr(item, field) for field in DraftItem.__struct_fields__}
    stated |= {
        "name": name,
        "description": clean_text(item.description),
        "sort": clean_name(item.sort, WORD),
        "protocol": clean_name(item.protocol, WORD),
        "stored_in": tuple(item.stored_in),
        "answers": tuple(
            answer
            for answer in item.answers.values()
            if answer.fact not in item.unseen or is_weakness(answer.fact, answer.answer)
        ),
    }
    return DraftItem(**stated)
