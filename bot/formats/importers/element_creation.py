"""Elements and links that an import creates."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from msgspec.structs import asdict, replace

from bot.formats.importers.imported_model import ImportedModel
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AnswerLinks,
    AnswerQuestions,
    AnswerScreening,
    Command,
    CreatingCommand,
    LinkReply,
    OrderTrustLevels,
    Reply,
    ReviseTrustBoundary,
    ScreeningReply,
)
from domain.decide import decide
from domain.element_kinds import ADD_COMMANDS
from domain.events import ElementAdded, Event, described_element
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import (
    SINGULAR,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    Kind,
    NameChoice,
    PersonId,
    TrustBoundary,
    TrustLevel,
    kind_of,
)
from domain.kernel.length_limits import LINES, NAME, TEXT, WORD
from domain.kernel.text_formatting import count_phrase
from domain.model.element_labels import name_of, same_name
from domain.rejections import FlowAlreadyDrawn, LikelyDuplicates, NameTaken, Rejected
from domain.replay import EMPTY, replay


class ImportSession:
    """Commands of one person at one time that create what a file contains, and the resulting model.

    `ids` maps the file's element IDs to the new ones; `similar` are names that probably mean the same.
    """

    def __init__(self, found: ImportedModel, *, by: PersonId, at: datetime) -> None:
        self.found = found
        self.author: dict[str, Any] = {"by": by, "at": at}
        self.model = EMPTY
        self.events: list[Event] = []
        self.notes: list[str] = []
        self.similar: list[str] = []
        self.ids: dict[str, ElementId] = {}
        self._today: date = at.date()

    def execute(self, command: Command) -> Sequence[Event]:
        """Execute a command, and return its events; raises Rejected.

        What is named like something else is kept as another thing: a file tells the two apart by their IDs.
        """
        try:
            events = decide(command, self.model)
        except LikelyDuplicates as asked:
            return self.execute(self._as_others(command, asked))
        self.model = replay(events, self.model)
        self.events += events
        return events

    def _as_others(self, command: Command, asked: LikelyDuplicates) -> Command:
        """Return the command with names stated to mean other things, and note them."""
        if not isinstance(command, CreatingCommand):
            raise asked
        choices = [
            NameChoice(kind=one.kind, name=one.name, others=tuple(other.name for other in one.others))
            for one in asked.found
        ]
        for one in asked.found:
            closest = one.others[0].name
            self.similar.append(f"{SINGULAR[one.kind]} “{one.name[:60]}” and “{closest[:60]}”")
        return replace(command, choices=(*command.choices, *choices))

    def attempt(self, command: Command, what: str) -> bool:
        """Execute a command, or note that `what` is not imported; return whether it succeeded."""
        try:
            self.execute(command)
        except Rejected as refused:
            self.note(f"{what}: {refused}")
            return False
        return True

    def note(self, text: str) -> None:
        """Note a difference from the file."""
        self.notes.append(text)

    def name(self, text: str, what: str) -> str:
        """Return a name on one line, without invisible characters, within the limit."""
        name = " ".join(text.split())
        if not any(one.isprintable() and not one.isspace() for one in name):
            self.note(f"{what}: no readable name")
            return f"Unnamed {what.partition(' “')[0].removeprefix('the ')}"
        return self.cut(name, NAME, f"the name of {what}")

    def text(self, text: str, what: str) -> str:
        """Return a text within the limit."""
        return self.cut(text, TEXT, f"the text of {what}")

    def cut(self, text: str, limit: int, what: str) -> str:
        """Return the part of a text within the limit."""
        if len(text.strip()) <= limit:
            return text
        self.note(f"{what}: shortened from {len(text):,} to {limit:,} characters")
        return text.strip()[: limit - 1] + "…"

    def person(self, id: str) -> PersonId | None:
        """Return a Slack user ID, or None with a note."""
        if _PERSON.fullmatch(id):
            return PersonId(id)
        if id:
            self.note(f"the person “{id[:60]}”: not a Slack member ID")
        return None

    def future_day(self, day: date | None, what: str) -> date | None:
        """Return a day unless it is over."""
        if day is not None and day < self._today:
            self.note(f"the date of {what}: {day.isoformat()} is in the past")
            return None
        return day


_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")


_ORDER: Final = (
    Kind.TRUST_LEVEL,
    Kind.TRUST_BOUNDARY,
    Kind.COMPONENT,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ENTRY_POINT,
    Kind.ASSET,
    Kind.DATA_FLOW,
)
"""Kinds in an order in which references point backwards."""


_MAX_OF_A_NAME = 5_000
"""Maximum elements with equal names from one file."""


_DEEPEST = 12
"""Maximum nesting of entry points: each ID contains those of its parents, and buttons carry IDs."""


class ElementCreation(ImportSession):
    """Creation of a file's elements, of the links between them, and of its screening."""

    def __init__(self, found: ImportedModel, *, by: PersonId, at: datetime) -> None:
        super().__init__(found, by=by, at=at)
        self._former_sorts = {
            link.component: ComponentKind(link.former_sort)
            for link in found.links
            if link.same and link.former_sort in set(ComponentKind)
        }
        """The kinds of components before they were linked: linking makes them external entities again."""
        self._called: Counter[tuple[Kind, str]] = Counter()
        """The count of each name, so that numbering continues: all names in a file may be equal."""

    def create_elements(self) -> None:
        """Create elements in the order of their references, then nesting and answers."""
        for kind in _ORDER:
            for element in _parents_first(self.found.of(kind)):
                if (fields := self._fields(element)) is not None:
                    self._add(element, kind, fields)
        self._order()
        self._nest()
        self._answer()
        self._compare_assumptions()

    def create_links(self) -> None:
        """State of each pair in the file whether the two are the same thing."""
        for link in self.found.links:
            dependency, component = self.ids.get(link.dependency), self.ids.get(link.component)
            what = f"whether “{link.dependency[:60]}” and “{link.component[:60]}” are the same thing"
            if dependency is None or component is None:
                self.note(f"{what}: one of them could not be taken over")
                continue
            reply = LinkReply(dependency=dependency, component=component, same=link.same)
            self.attempt(AnswerLinks(**self.author, replies=(reply,)), what)

    def create_screening(self) -> None:
        """Answer the screening as in the file; a confirmation is a second person's and is not imported."""
        for one in self.found.screening:
            reply = ScreeningReply(topic=one.topic, answer=one.answer)
            what = f"the answer about “{one.topic[:60]}” in the whole system"
            self.attempt(AnswerScreening(**self.author, replies=(reply,)), what)
        if any(one.confirmed for one in self.found.screening):
            self.note("that a second person confirmed the screening: confirm it again")

    def _add(self, element: Element, kind: Kind, fields: dict[str, Any]) -> None:
        """Add an element; names are unique within a register: a repeated name gets a number."""
        name = str(fields["name"])
        called = kind, same_name(name)
        for number in (1, *range(self._called[called] + 2, _MAX_OF_A_NAME)):
            if number > 1:
                fields["name"] = f"{(name or 'Flow')[: NAME - 7]} ({number})"
            try:
                events = self.execute(ADD_COMMANDS[kind](**self.author, **fields))
            except (NameTaken, FlowAlreadyDrawn):
                continue
            except Rejected as refused:
                self.note(f"{_words(kind)} “{element.name[:60]}”: {refused}")
                return
            if number > 1:
                self._called[called] = number - 1
                self.note(
                    f"{_words(kind)} “{name[:60]}” renamed to “{fields['name']}”, because the name is "
                    f"already used"
                )
            added = (event for event in events if isinstance(event, ElementAdded))
            self.ids[element.id] = described_element(next(added)).id
            return
        self.note(f"{_words(kind)} “{name[:60]}”: not imported, because too many elements have this name")

    def _fields(self, element: Element) -> dict[str, Any] | None:
        """Return the command's fields of an element, with the new IDs of other elements."""
        kind, what = kind_of(element), f"{_words(kind_of(element))} “{element.name[:60]}”"
        fields = {name: value for name, value in asdict(element).items() if name not in ("id", "rank")}
        named = element.name.strip() or not isinstance(element, DataFlow)
        fields["name"] = self.name(element.name, what) if named else ""
        fields["description"] = self.text(element.description, what)
        for word in ("sort", "owner", "protocol"):
            if isinstance(fields.get(word), str) and not isinstance(element, Component):
                fields[word] = self.cut(fields[word], WORD, f"“{word}” of {what}")
        if isinstance(element, TrustBoundary):
            fields["parent"] = None
        for name in ("parent", "component", "lowest_trust_level", "trust_level", "boundary", "entry_point"):
            if fields.get(name) is not None:
                fields[name] = self._ref(fields[name], f"“{name.replace('_', ' ')}” of {what}")
        if isinstance(element, Component):
            fields["sort"] = self._former_sorts.get(element.id, element.sort)
        if isinstance(element, Component | ExternalDependency):
            fields["technology"] = self._technology(element, what)
        if isinstance(element, Component):
            fields["owner"] = self.person(element.owner or "")
        for name in ("stored_in", "readers", "writers", "assets", "assets_back"):
            if name in fields:
                every = [self._ref(field, f"“{name.replace('_', ' ')}” of {what}") for field in fields[name]]
                fields[name] = tuple(one for one in every if one is not None)
        if isinstance(element, EntryPoint) and str(fields["parent"]).count(".") >= _DEEPEST:
            self.note(f"parent of {what}: entry points are nested more than {_DEEPEST} levels deep")
            fields["parent"] = None
        if isinstance(element, DataFlow):
            ends = [self.ids.get(one) for one in (element.source, element.target)]
            if None in ends:
                self.note(f"{what}: its source or target is not in the file, or was not imported")
                return None
            fields["source"], fields["target"] = ends
        return fields if kind in ADD_COMMANDS else None

    def _technology(self, element: Component | ExternalDependency, what: str) -> str | None:
        """Return the technology that the file states; None if it states none, so that it is guessed."""
        if element.id not in self.found.technologies and not element.technology:
            return None
        if isinstance(element, Component):
            return self.cut(element.technology, WORD, f"the technology of {what}")
        if element.technology and BUILT_IN.technology_of(element.technology) is None:
            self.note(f"technology “{element.technology[:60]}” of {what}: not in the catalog")
            return ""
        return element.technology

    def _compare_assumptions(self) -> None:
        """Note the elements of which something else follows now than was assumed in the file."""
        for id, facts in self.found.assumed.items():
            here = self.ids.get(id)
            recorded = self.model.assumed.get(here) if here else None
            now = {fact.fact: fact.answer for fact in recorded.facts} if recorded else {}
            if here and now != dict(facts):
                self.note(
                    f"assumptions about “{name_of(self.model, here)[:60]}”: replaced by those "
                    f"of this release's catalog"
                )

    def _ref(self, id: str, what: str) -> ElementId | None:
        known = self.ids.get(id)
        if known is None:
            self.note(f"{what}: “{id[:60]}” is not in the file, or was not imported")
        return known

    def _order(self) -> None:
        """Order the trust levels as in the file, which may differ from the order of their IDs."""
        levels = [one for one in self.found.of(Kind.TRUST_LEVEL) if isinstance(one, TrustLevel)]
        levels.sort(key=lambda level: level.rank)
        wanted = tuple(self.ids[level.id] for level in levels if level.id in self.ids)
        if wanted:
            self.attempt(OrderTrustLevels(**self.author, order=wanted), "the order of the trust levels")

    def _nest(self) -> None:
        """Nest the boundaries, once all of them exist."""
        for one in self.found.of(Kind.TRUST_BOUNDARY):
            here = self.ids.get(one.id)
            known = self.model.elements.get(here) if here else None
            if isinstance(one, TrustBoundary) and one.parent is not None and here and known:
                parent = self._ref(one.parent, f"“parent” of trust boundary “{one.name[:60]}”")
                revised = ReviseTrustBoundary(
                    **self.author,
                    element=here,
                    name=known.name,
                    description=known.description,
                    parent=parent,
                )
                self.attempt(revised, f"parent of the trust boundary “{one.name[:60]}” lies")

    def _answer(self) -> None:
        """Answer as in the file, those together that rest on the same; a check has to be made again."""
        replies: dict[BasisKind, list[Reply]] = {}
        for (id, fact), answer in self.found.facts.items():
            if id in self.ids:
                basis = self.found.bases.get((id, fact), BasisKind.STATED)
                reply = Reply(element=self.ids[id], fact=fact, answer=answer)
                replies.setdefault(basis, []).append(reply)
        for basis, alike in replies.items():
            for start in range(0, len(alike), LINES):
                some = tuple(alike[start : start + LINES])
                self.attempt(
                    AnswerQuestions(**self.author, replies=some, basis=basis), "answers about elements"
                )
        if checked := len(replies.get(BasisKind.CONFIRMED, ())):
            self.note(f"{count_phrase(checked, 'spot check')} of answers: the answers count as stated")


def _parents_first(elements: Sequence[Element]) -> list[Element]:
    """Return entry points after their parents; otherwise the order stays."""
    ordered: list[Element] = []
    left = list(elements)
    while left:
        inside = {one.id for one in left}
        waiting = [one for one in left if isinstance(one, EntryPoint) and one.parent in inside]
        if len(waiting) == len(left):
            return ordered + left  # a cycle: references to missing elements are noted
        ordered += [one for one in left if not (isinstance(one, EntryPoint) and one.parent in inside)]
        left = waiting
    return ordered


def _words(kind: Kind) -> str:
    return kind.value.replace("_", " ")
