"""Tells what was found in a file as ordinary commands; what is refused is noted, and the rest goes on."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from msgspec.structs import asdict

from bot.formats.found import Found, FoundMitigation, FoundResponse, FoundThreat
from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    Adding,
    AddTrustBoundary,
    AddTrustLevel,
    AnswerQuestions,
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    Command,
    CompleteRegister,
    DropMitigation,
    ImplementMitigation,
    OrderTrustLevels,
    PlanMitigation,
    ProposeAcceptance,
    RecordAssumption,
    Reply,
    ReportThreat,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseTrustBoundary,
    StartMitigation,
    StartThreatModel,
)
from domain.decide import decide
from domain.elements import (
    ChannelId,
    Component,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    Kind,
    ModelKey,
    PersonId,
    TrustBoundary,
    TrustLevel,
    kind_of,
)
from domain.events import Event
from domain.limits import LINES, NAME, TEXT, WORD
from domain.mitigations import MitigationId, MitigationState
from domain.model import EMPTY, ThreatModel, replay
from domain.own_threats import ThreatId
from domain.rejections import FlowAlreadyDrawn, NameTaken, Rejected
from domain.responses import ResponseKind

_ADDING: dict[Kind, type[Adding]] = {
    Kind.EXTERNAL_DEPENDENCY: AddExternalDependency,
    Kind.ENTRY_POINT: AddEntryPoint,
    Kind.ASSET: AddAsset,
    Kind.TRUST_LEVEL: AddTrustLevel,
    Kind.DATA_FLOW: AddDataFlow,
    Kind.COMPONENT: AddComponent,
    Kind.TRUST_BOUNDARY: AddTrustBoundary,
}
_ORDER: Final = (
    Kind.TRUST_LEVEL,
    Kind.TRUST_BOUNDARY,
    Kind.COMPONENT,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ENTRY_POINT,
    Kind.ASSET,
    Kind.DATA_FLOW,
)
"""Each kind after those that it names."""

MOST_ELEMENTS = 2_000
"""Elements and threats that one file may bring."""

_SAME_NAMES = 200
REASON = "Imported with what was decided about its threats."


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """The events that a file becomes, the model that they make, and what is not as it was in the file."""

    events: tuple[Event, ...]
    model: ThreatModel
    notes: tuple[str, ...]


def brought(found: Found, *, key: ModelKey, channel: ChannelId, by: PersonId, at: datetime) -> Brought:
    """What a file becomes as somebody tells it at a moment; raises Rejected where it cannot begin."""
    return _Telling(found, by=by, at=at).told(key, channel)


class _Telling:
    def __init__(self, found: Found, *, by: PersonId, at: datetime) -> None:
        self._found = found
        self._said: dict[str, Any] = {"by": by, "at": at}
        self._by = by
        self._today: date = at.date()
        self._model = EMPTY
        self._events: list[Event] = []
        self._notes: list[str] = []
        self._ids: dict[str, ElementId] = {}
        self._threats: dict[str, ThreatId] = {}

    def told(self, key: ModelKey, channel: ChannelId) -> Brought:
        found = self._found
        self._too_many(len(found.elements) + len(found.threats) + len(found.mitigations))
        self._say(
            StartThreatModel(
                **self._said,
                key=key,
                name=self._name(found.name, "the model"),
                channel=channel,
                description=self._text(found.description, "the model"),
                out_of_scope=self._text(found.out_of_scope, "what is out of scope"),
            )
        )
        for kind in _ORDER:
            self._add_all(_parents_first(found.of(kind)))
        self._order()
        self._nest()
        self._answer()
        for one in found.complete:
            self._try(CompleteRegister(**self._said, register=one), f"that the {one.value} list is complete")
        for one in found.assumptions:
            self._try(
                RecordAssumption(
                    **self._said,
                    text=self._text(one.text, "an assumption"),
                    held_by=self._person(one.held_by),
                ),
                "an assumption",
            )
        for one in found.threats:
            self._report(one)
        self._decide()
        return Brought(
            events=tuple(self._events), model=self._model, notes=_once([*found.notes, *self._notes])
        )

    def _too_many(self, count: int) -> None:
        if count > MOST_ELEMENTS:
            raise Rejected(
                f"The file has {count:,} elements, threats and mitigations; at most {MOST_ELEMENTS:,} fit."
            )

    # Elements

    def _add_all(self, elements: Iterable[Element]) -> None:
        for element in elements:
            kind = kind_of(element)
            fields = self._fields(element)
            if fields is None:
                continue
            before = set(self._model.elements)
            name = str(fields["name"])
            for number in range(1, _SAME_NAMES):
                try:
                    self._say(_ADDING[kind](**self._said, **fields))
                except (NameTaken, FlowAlreadyDrawn):
                    # Names are unique within a register: the second one gets a number.
                    fields["name"] = f"{(name or 'Flow')[: NAME - 6]} ({number + 1})"
                except Rejected as refused:
                    self._note(f"{_words(kind)} “{element.name[:60]}”: {refused}")
                    break
                else:
                    if number > 1:
                        self._note(
                            f"{_words(kind)} “{name[:60]}” is called “{fields['name']}”: the name was taken"
                        )
                    (self._ids[element.id],) = set(self._model.elements) - before
                    break

    def _fields(self, element: Element) -> dict[str, Any] | None:
        """What the command says of an element, with the ids that the others have here."""
        kind, what = kind_of(element), f"{_words(kind_of(element))} “{element.name[:60]}”"
        fields = {name: value for name, value in asdict(element).items() if name not in ("id", "rank")}
        named = element.name.strip() or not isinstance(element, DataFlow)
        fields["name"] = self._name(element.name, what) if named else ""
        fields["description"] = self._text(element.description, what)
        for word in ("sort", "owner", "protocol"):
            if isinstance(fields.get(word), str) and not isinstance(element, Component):
                fields[word] = self._cut(fields[word], WORD, f"“{word}” of {what}")
        if isinstance(element, TrustBoundary):
            fields["parent"] = None
        for name in ("parent", "component", "lowest_trust_level", "trust_level", "boundary", "entry_point"):
            if fields.get(name) is not None:
                fields[name] = self._ref(fields[name], f"“{name.replace('_', ' ')}” of {what}")
        for name in ("stored_in", "readers", "writers", "assets"):
            if name in fields:
                every = [self._ref(one, f"“{name.replace('_', ' ')}” of {what}") for one in fields[name]]
                fields[name] = tuple(one for one in every if one is not None)
        if isinstance(element, DataFlow):
            ends = [self._ids.get(one) for one in (element.source, element.target)]
            if None in ends:
                self._note(f"{what}: one of its ends is not in the file, or could not be taken over")
                return None
            fields["source"], fields["target"] = ends
        return fields if kind in _ADDING else None

    def _ref(self, id: str, what: str) -> ElementId | None:
        known = self._ids.get(id)
        if known is None:
            self._note(f"{what}: “{id[:60]}” is not in the file, or could not be taken over")
        return known

    def _order(self) -> None:
        """Put the trust levels in the file's order, which may not be that of their ids."""
        levels = [one for one in self._found.of(Kind.TRUST_LEVEL) if isinstance(one, TrustLevel)]
        wanted = tuple(
            self._ids[one.id] for one in sorted(levels, key=lambda one: one.rank) if one.id in self._ids
        )
        if wanted:
            self._try(OrderTrustLevels(**self._said, order=wanted), "the order of the trust levels")

    def _nest(self) -> None:
        """Say of the boundaries in which others they lie, once all are there."""
        for one in self._found.of(Kind.TRUST_BOUNDARY):
            here = self._ids.get(one.id)
            known = self._model.elements.get(here) if here else None
            if isinstance(one, TrustBoundary) and one.parent is not None and here and known:
                parent = self._ref(one.parent, f"“parent” of trust boundary “{one.name[:60]}”")
                revised = ReviseTrustBoundary(
                    **self._said,
                    element=here,
                    name=known.name,
                    description=known.description,
                    parent=parent,
                )
                self._try(revised, f"in what the trust boundary “{one.name[:60]}” lies")

    def _answer(self) -> None:
        replies = [
            Reply(element=self._ids[id], fact=fact, answer=answer)
            for (id, fact), answer in self._found.facts.items()
            if id in self._ids
        ]
        for start in range(0, len(replies), LINES):
            some = tuple(replies[start : start + LINES])
            self._try(AnswerQuestions(**self._said, replies=some), "answers about elements")

    # Threats

    def _report(self, one: FoundThreat) -> None:
        what = f"threat “{one.title[:60]}”"
        link = one.link if _LINK.fullmatch(one.link) else ""
        if one.link and not link:
            self._note(f"the link of the {what}, which is no address of the web")
        at = self._ids.get(one.element) if one.element else None
        if one.element and at is None:
            self._note(f"what the {what} is about: “{one.element[:60]}” is not in the file")
        report = ReportThreat(
            **self._said,
            title=self._name(one.title, what),
            stride=one.stride,
            description=self._text(one.description, what),
            element=at,
            link=link,
        )
        if self._try(report, what):
            self._threats[one.id] = max(self._model.threats, key=lambda id: int(id.partition("-")[2]))

    def _decide(self) -> None:
        """Say what was decided, which belongs to remediation, and go to where the file left off."""
        mitigations = [one for one in self._found.mitigations if one.threat in self._threats]
        decided = [one for one in self._found.threats if one.response and one.id in self._threats]
        phase = self._found.phase
        wanted = (
            phase if phase in ("collection", "analysis", "remediation") else "remediation" if phase else ""
        )
        if phase and phase != wanted:
            self._note(f"that the model was {phase}: it goes on in remediation")
        if mitigations or decided or wanted in ("analysis", "remediation"):
            self._try(BeginAnalysis(**self._said, reason=REASON), "the phase")
        if mitigations or decided or wanted == "remediation":
            self._try(BeginRemediation(**self._said, reason=REASON), "the phase")
        for threat in decided:
            self._respond(threat, threat.response)
        for one in mitigations:
            self._plan(one)
        if (mitigations or decided) and wanted == "analysis":
            self._try(ReturnToAnalysis(**self._said), "the phase")
        elif (mitigations or decided) and wanted in ("", "collection"):
            self._try(ReturnToCollection(**self._said), "the phase")

    def _respond(self, threat: FoundThreat, response: FoundResponse | None) -> None:
        what = f"what was decided about “{threat.title[:60]}”"
        if response is None:
            return
        owner = self._person(response.owner)
        if response.kind is ResponseKind.ACCEPT:
            self._note(
                f"that the risk of “{threat.title[:60]}” is accepted: it is proposed, somebody has to agree"
            )
            expires = self._coming(response.expires, what)
            if expires is None:
                return
            proposal = ProposeAcceptance(
                **self._said,
                threat=self._threats[threat.id],
                expires=expires,
                reason=self._text(response.reason, what) or REASON,
                owner=owner,
            )
            self._try(proposal, what)
            return
        chosen = ChooseResponse(
            **self._said,
            threat=self._threats[threat.id],
            response=response.kind,
            reason=self._text(response.reason, what),
            transferred_to=self._cut(response.transferred_to, WORD, what),
            owner=owner,
            due=self._coming(response.due, what),
        )
        self._try(chosen, what)

    def _plan(self, one: FoundMitigation) -> None:
        what = f"mitigation “{one.title[:60]}”"
        link = one.ticket if _LINK.fullmatch(one.ticket) else ""
        if one.ticket and not link:
            self._note(f"the ticket of the {what}, which is no address of the web")
        plan = PlanMitigation(
            **self._said,
            threat=self._threats[one.threat],
            title=self._name(one.title, what),
            control=one.control,
            description=self._text(one.description, what),
            ticket=link,
            owner=self._person(one.owner),
            due=self._coming(one.due, what),
        )
        if not self._try(plan, what):
            return
        id = max(self._model.mitigations, key=lambda id: int(id.partition("-")[2]))
        for command in self._steps(one, id, what):
            self._try(command, f"how far the {what} has come")

    def _steps(self, one: FoundMitigation, id: MitigationId, what: str) -> Sequence[Command]:
        match one.state:
            case MitigationState.PLANNED:
                return ()
            case MitigationState.STARTED:
                return (StartMitigation(**self._said, mitigation=id),)
            case MitigationState.DROPPED:
                reason = self._text(one.reason, what) or REASON
                return (DropMitigation(**self._said, mitigation=id, reason=reason),)
            case MitigationState.IMPLEMENTED | MitigationState.VERIFIED:
                if one.state is MitigationState.VERIFIED:
                    self._note(f"that the {what} was verified: somebody has to look at it again")
                evidence = self._text(one.evidence, what) or "The imported file says so."
                return (ImplementMitigation(**self._said, mitigation=id, evidence=evidence),)

    # Saying

    def _say(self, command: Command) -> None:
        events = decide(command, self._model)
        self._model = replay(events, self._model)
        self._events += events

    def _try(self, command: Command, what: str) -> bool:
        try:
            self._say(command)
        except Rejected as refused:
            self._note(f"{what}: {refused}")
            return False
        return True

    def _note(self, text: str) -> None:
        self._notes.append(text)

    def _name(self, text: str, what: str) -> str:
        name = " ".join(text.split())
        if not any(one.isprintable() and not one.isspace() for one in name):
            self._note(f"{what} has no name that can be read")
            return f"Unnamed {what.partition(' “')[0].removeprefix('the ')}"
        return self._cut(name, NAME, f"the name of {what}")

    def _text(self, text: str, what: str) -> str:
        return self._cut(text, TEXT, f"the text of {what}")

    def _cut(self, text: str, limit: int, what: str) -> str:
        if len(text.strip()) <= limit:
            return text
        self._note(f"{what} is cut: it has {len(text):,} characters, and {limit:,} fit")
        return text.strip()[: limit - 1] + "…"

    def _person(self, id: str) -> PersonId | None:
        """Somebody of Slack; whoever else is named is not taken over."""
        if _PERSON.fullmatch(id):
            return PersonId(id)
        if id:
            self._note(f"that it is “{id[:60]}” who sees to something: that is nobody's id in Slack")
        return None

    def _coming(self, day: date | None, what: str) -> date | None:
        if day is not None and day < self._today:
            self._note(f"the date of {what}: {day.isoformat()} is over")
            return None
        return day


_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}")
_LINK = re.compile(r"https?://[^\s<>|\"\\\x00-\x1f]{1,980}")


def _parents_first(elements: Sequence[Element]) -> list[Element]:
    """Entry points after those that they lie in; the rest as it comes."""
    told: list[Element] = []
    left = list(elements)
    while left:
        waiting = {one.id for one in left}
        free = [one for one in left if not (isinstance(one, EntryPoint) and one.parent in waiting)]
        told += free or left
        left = [one for one in left if one not in free] if free else []
    return told


def _once(notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))


def _words(kind: Kind) -> str:
    return kind.value.replace("_", " ")
