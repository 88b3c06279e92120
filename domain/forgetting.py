"""Erasure of a person from a model: their entries, each with what takes its place."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec
from msgspec.structs import replace

from domain import events
from domain.analysis.suggested_threat_groups import title_of_places
from domain.catalog import Catalog
from domain.catalog.protocol_names import protocol_words, protocols_in
from domain.catalog.technology_names import (
    guess_technology,
    names_automation,
    names_code,
    names_code_runner,
)
from domain.drafts.draft import DraftSource, SourcePlace
from domain.drafts.settlement import ERASED_FILE, ReleasedKey, SettledDraft, SettledItem, erased_key
from domain.dread.metrics import Ballot
from domain.element_links import represented_dependencies
from domain.events import Event, RecordedEvent
from domain.kernel.answer_basis import AnswerCheck
from domain.kernel.closing import ClosingProposal, ConditionOverride, RetrospectiveAnswer
from domain.kernel.elements import (
    SINGULAR,
    SYSTEM,
    Asset,
    Assumption,
    Component,
    ComponentKind,
    DataFlow,
    Element,
    ElementId,
    EntryPoint,
    ExternalDependency,
    PersonId,
    TrustBoundary,
    TrustLevel,
    kind_of,
)
from domain.kernel.mitigation import Mitigation
from domain.kernel.threat import Consideration, Dismissal, Response, Threat, ThreatId, elements_of, rule_of
from domain.kernel.tracked_issue import SeenIssue
from domain.kernel.voting_round import Round, RoundId
from domain.model import ThreatModel, evolve, id_order
from domain.model.element_labels import name_of
from domain.remediation.suggestions import planned_controls, suggest_controls
from domain.replay import EMPTY, replay
from domain.voting.turnout import invited_voters

ERASED_TEXT = "(erased)"
"""Stands in place of a reason that was erased: a decision that needs one stays valid."""


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """The entries of a model that contain a person's words, by version.

    `replaced` are recorded again without these words; those of the person with the system as their author.
    `dropped` have nothing in their place: ballots that do not count, explanations, answers to the
    retrospective, snoozed reminders. `restated` of the replaced ones are entries of others. `ballots` are
    those that count in closed rounds, and stay without a name. `awaited` are the open rounds in which the
    person is a voter; `mentioned` whether another entry names them. `same` are the pairs of an external
    dependency and a component that were the same thing by their names alone.
    """

    replaced: Mapping[int, Event]
    dropped: tuple[int, ...] = ()
    restated: int = 0
    ballots: int = 0
    ballots_dropped: int = 0
    awaited: tuple[RoundId, ...] = ()
    mentioned: bool = False
    same: tuple[tuple[ElementId, ElementId], ...] = ()

    def links(self, model: ThreatModel, *, at: datetime) -> tuple[events.ElementsLinked, ...]:
        """Return the events after the last one of a model that state which elements are the same thing."""
        answer = model.version + 1
        return tuple(
            events.ElementsLinked(
                by=SYSTEM,
                at=at,
                answer=answer,
                dependency=dependency,
                component=component,
                former_sort=_sort_of(model, component),
            )
            for dependency, component in self.same
        )

    @property
    def versions(self) -> tuple[int, ...]:
        """Return the entries whose recorded content is to be erased."""
        return tuple(sorted((*self.replaced, *self.dropped)))


def forget_person(
    past: Sequence[RecordedEvent], person: PersonId, accounts: Iterable[str] = ()
) -> Forgetting:
    """Return what is to be done with the entries of a model so that nothing in it is a person's text.

    Everything that others may have built on stays: elements and threats under a neutral name, answers,
    decisions and duties, and the results of closed rounds. A person's ID stays where an entry needs it, as
    the owner of a mitigation or the author of a proposal that another person approved. A text belongs to the
    first person who entered it at its place, so another person's entry that repeats it is replaced, too.
    `accounts` are the IDs and the names of the person's accounts in trackers, which showed them as assignees.
    """
    return _Forgetter(past, person, frozenset(accounts)).forget()


_DROPPED = (events.BallotExplained, events.RetrospectiveAnswered, events.ReminderSnoozed)
"""Events that consist of a person's words or preferences, and that nothing builds on."""


class _Forgetter:
    def __init__(self, past: Sequence[RecordedEvent], person: PersonId, accounts: frozenset[str]) -> None:
        self._past = past
        self._person = person
        self._accounts = accounts
        self._end = replay(past)
        self._texts: dict[tuple[str, str, str], str] = {}
        self._voter = _unused_voter(self._end)
        self._closed = self._closed_rounds_with_ballot()

    def forget(self) -> Forgetting:
        """Return the entries to replace and to drop."""
        replaced: dict[int, Event] = {}
        dropped: list[int] = []
        counts = {"restated": 0, "ballots": 0, "ballots_dropped": 0}
        counted = self._counted_ballots()
        mentioned = False
        before = after = EMPTY
        for version, event in enumerate(self._past, start=1):
            done: RecordedEvent = event
            if not isinstance(event, events.Erased):
                own = event.by == self._person
                if own and self._is_dropped(event, version, counted):
                    counts["ballots_dropped"] += isinstance(event, events.BallotCast)
                    dropped.append(version)
                    done = events.Erased()
                else:
                    done = self._without_words(event, version, before, after)
                    if done != event:
                        replaced[version] = done
                        counts["restated"] += not own
                        counts["ballots"] += isinstance(event, events.BallotCast)
                    mentioned = mentioned or _names(event, self._person)
            before, after = evolve(before, event), evolve(after, done)
        return Forgetting(
            replaced=replaced,
            dropped=tuple(dropped),
            **counts,
            awaited=tuple(one.id for one in self._end.open_rounds() if self._person in invited_voters(one)),
            mentioned=mentioned,
            same=_same_by_name(before, after),
        )

    def _is_dropped(self, event: Event, version: int, counted: frozenset[int]) -> bool:
        if isinstance(event, events.BallotCast):
            return version not in counted
        return isinstance(event, _DROPPED)

    def _closed_rounds_with_ballot(self) -> frozenset[RoundId]:
        voted = {round for round, _, voter in self._end.ballots if voter == self._person}
        return frozenset(
            id for id in voted if (one := self._end.rounds.get(id)) is not None and one.ending is not None
        )

    def _counted_ballots(self) -> frozenset[int]:
        """Return the versions of the ballots that closed rounds counted: each replaced earlier ones."""
        last: dict[tuple[RoundId, ThreatId], int] = {}
        for version, event in enumerate(self._past, start=1):
            if isinstance(event, events.BallotCast) and event.by == self._person:
                last[event.round, event.threat] = version
        return frozenset(version for (round, _), version in last.items() if round in self._closed)

    def _without_words(self, event: Event, version: int, before: ThreatModel, after: ThreatModel) -> Event:
        """Return an event without the person's text; the same one if it has none and is not theirs."""
        own = event.by == self._person
        titles = self._generated_titles(event, before, after)
        place = _Place(version=version, event=event)
        done = cast("Event", self._walked(event, place, titles, own=own))
        match done:
            case events.BallotCast() if own:
                ballot = Ballot(numbers=done.ballot.numbers, follow_up=done.ballot.follow_up)
                return replace(done, by=self._voter, ballot=ballot)
            case events.RoundOpened(round=round) if round.id in self._closed:
                done = replace(done, round=self._without_voter(round))
            case events.VoterLeft(round=id) if id in self._closed and done.voter == self._person:
                done = replace(done, voter=self._voter)
            case _:  # other events name no voter
                pass
        return replace(done, by=SYSTEM) if own else done

    def _without_voter(self, round: Round) -> Round:
        def renamed(people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
            return tuple(self._voter if person == self._person else person for person in people)

        return replace(round, voters=renamed(round.voters), left=renamed(round.left))

    def _walked(self, value: msgspec.Struct, place: "_Place", titles: Mapping[str, str], *, own: bool) -> Any:
        """Return a struct without the person's text, in the structs that it holds as well."""
        changes: dict[str, Any] = {}
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if isinstance(held, str):
                text = self._said(value, name, held, place, titles, own=own)
                if text != held:
                    changes[name] = text
            elif isinstance(held, msgspec.Struct):
                part = self._walked(held, place, titles, own=own)
                if part is not held:
                    changes[name] = part
            elif isinstance(held, tuple):
                known = isinstance(value, events.LabelsChosen)
                parts = tuple(
                    self._walked(one, place, titles, own=own)
                    if isinstance(one, msgspec.Struct)
                    else self._said(value, name, one, place, titles, own=own)
                    if isinstance(one, str) and known
                    else one
                    for one in cast("tuple[object, ...]", held)
                )
                parts = tuple(one for one in parts if one != "") if known else parts
                if parts != held:
                    changes[name] = parts
        return replace(value, **changes) if changes else value

    def _said(
        self,
        value: msgspec.Struct,
        field: str,
        text: str,
        place: "_Place",
        titles: Mapping[str, str],
        *,
        own: bool,
    ) -> str:
        """Return a text, or what stands in its place if the person was the first to enter it there."""
        if isinstance(value, SeenIssue) and field in ("assignee", "account") and text:
            if value.person != self._person and text not in self._accounts:
                return text
            return ERASED_TEXT if field == "assignee" else ""
        neutral = TEXTS.get(type(value), _NO_TEXTS).get(field)
        if neutral is None or not text:
            return text
        about = (*place.of(value, field), text)
        if about not in self._texts:
            if field == "title" and text in titles:
                self._texts[about] = titles[text]
            else:
                self._texts[about] = (
                    neutral(value, self._end) if own and text not in _rule_texts(self._end.catalog) else text
                )
        return self._texts[about]

    def _generated_titles(self, event: Event, before: ThreatModel, after: ThreatModel) -> Mapping[str, str]:
        """Return the titles made from names and other titles, each with the one made from what is left."""
        mitigation = getattr(event, "mitigation", None)
        if isinstance(mitigation, Mitigation):
            return _suggested_titles(mitigation, before, after)
        threat = getattr(event, "threat", None)
        if not isinstance(threat, Threat) or not threat.suggested_threats:
            return _NO_TITLES
        rule = after.catalog.rules_by_id.get(rule_of(threat.suggested_threats[0]))
        if rule is None:
            return _NO_TITLES
        about = elements_of(threat.suggested_threats[0])
        was, now = (", ".join(name_of(model, one) for one in about) for model in (before, after))
        return {
            title_of_places(rule, threat.suggested_threats, was): title_of_places(
                rule, threat.suggested_threats, now
            )
        }


def _suggested_titles(mitigation: Mitigation, before: ThreatModel, after: ThreatModel) -> Mapping[str, str]:
    titles: dict[str, str] = {}
    for id in mitigation.threats:
        was, now = before.threats.get(id), after.threats.get(id)
        if was is None or now is None:
            continue
        pairs = ((was, suggest_controls(before, was)), (now, suggest_controls(after, now)))
        if all(controls for _, controls in pairs):
            planned = ([control.text for control, _ in planned_controls((pair,))] for pair in pairs)
            offered = ([control.title for control in controls] for _, controls in pairs)
            for old, new in (*zip(*planned, strict=False), *zip(*offered, strict=False)):
                titles[" ".join(old.split())] = " ".join(new.split())
    return titles


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """The event that a text stands in, and where another event would repeat it."""

    version: int
    event: Event

    def of(self, value: msgspec.Struct, field: str) -> tuple[str, str]:
        """Return where a text stands; later events that repeat it name the same place."""
        match value:
            case Threat() if field != "title":
                return "threat", field  # a merged threat passes them on
            case Mitigation() | Threat() | Assumption():
                return value.id, field
            case events.MitigationImplemented() | events.MitigationDropped() | events.VerificationRefused():
                return value.mitigation, field
            case Response():
                return f"{type(value).__name__}/{value.threat}", field
            case Dismissal():
                return value.suggested_threat, field
            case Consideration():
                return f"{type(value).__name__}/{value.element}", field
            case ConditionOverride():
                return f"{type(value).__name__}/{value.condition}", field
            case AnswerCheck() if isinstance(self.event, events.AnswerChecked):
                return f"{self.event.element}/{self.event.fact}", field
            case ClosingProposal() | events.ThreatModelClosed():
                return "closing", field
            case events.ThreatModelStarted() | events.ScopeRevised() | events.LabelsChosen():
                return "scope", field
            case _ if isinstance(value, Element):
                return value.id, field
            case _:  # other texts stand in their entry alone
                return f"entry {self.version}", field


Neutral = Callable[[Any, ThreatModel], str]
"""Returns what stands in place of a text, given its struct and the model."""


def _erased(_value: object, _model: ThreatModel) -> str:
    return ERASED_TEXT


def _nothing(_value: object, _model: ThreatModel) -> str:
    return ""


def _element(element: Element, _model: ThreatModel) -> str:
    return f"{SINGULAR[kind_of(element)].capitalize()} {element.id}"


def _component(component: Component, model: ThreatModel) -> str:
    """Return the neutral name, with what the name revealed: rules ask questions about it."""
    name = _element(component, model)
    name = f"{component.id} automation" if names_automation(component.name) else name
    name = f"{name} (sandbox)" if names_code_runner(component.name) else name
    return _with_technology(name, component.name, model)


def _dependency(dependency: ExternalDependency, model: ThreatModel) -> str:
    """Return the neutral name, with the technology that the name revealed, or that it is code."""
    code = names_code(dependency.name) or names_code(dependency.sort)
    name = f"{dependency.id} package" if code else _element(dependency, model)
    return _with_technology(name, dependency.name, model)


def _with_technology(name: str, known_as: str, model: ThreatModel) -> str:
    revealed = guess_technology(model.catalog, known_as)
    named = f"{name} ({model.catalog.technology_name(revealed)})" if revealed else name
    return named if guess_technology(model.catalog, named) == revealed else name


def _threat(threat: Threat, _model: ThreatModel) -> str:
    return f"Threat {threat.id}"


def _mitigation(mitigation: Mitigation, _model: ThreatModel) -> str:
    return f"Mitigation {mitigation.id}"


def _assumption(assumption: Assumption, _model: ThreatModel) -> str:
    return f"Assumption {assumption.id}"


def _model_name(_value: object, model: ThreatModel) -> str:
    return f"Threat model {model.key}"


def _key(value: SettledItem | ReleasedKey, _model: ThreatModel) -> str:
    return erased_key(value.key)


def _file(_value: object, _model: ThreatModel) -> str:
    return ERASED_FILE


def _technology(value: Component, model: ThreatModel) -> str:
    """Return only a technology of the catalog: any other one is a text of the person."""
    return value.technology if model.catalog.technology_of(value.technology) else ""


def _protocols(value: EntryPoint | DataFlow, model: ThreatModel) -> str:
    """Return only the protocols that the catalog and the rules know: assumptions and questions follow."""
    known = [protocol.name for protocol in protocols_in(model.catalog, value.protocol)]
    named = protocol_words(" ".join(known))
    return ", ".join((*known, *(one.upper() for one in protocol_words(value.protocol) if one not in named)))


_NAMED: Mapping[str, Neutral] = {"name": _element, "description": _nothing}
_SCOPE: Mapping[str, Neutral] = {"name": _model_name, "description": _nothing, "out_of_scope": _nothing}
_REASON: Mapping[str, Neutral] = {"reason": _erased}

TEXTS: Final[Mapping[type[msgspec.Struct], Mapping[str, Neutral]]] = MappingProxyType(
    {
        ExternalDependency: {**_NAMED, "name": _dependency, "owner": _erased, "sort": _nothing},
        EntryPoint: {**_NAMED, "protocol": _protocols},
        Asset: {**_NAMED, "sort": _nothing},
        TrustLevel: _NAMED,
        DataFlow: {**_NAMED, "protocol": _protocols},
        Component: {**_NAMED, "name": _component, "technology": _technology},
        TrustBoundary: _NAMED,
        Assumption: {"text": _assumption},
        Threat: {"title": _threat, "description": _nothing, "link": _nothing},
        DraftSource: {"name": _file},
        SourcePlace: {"file": _file},
        SettledDraft: {"client": _erased},
        SettledItem: {"key": _key},
        ReleasedKey: {"key": _key},
        AnswerCheck: {"evidence": _erased},
        Dismissal: _REASON,
        Consideration: _REASON,
        Ballot: {"reason": _nothing},
        RetrospectiveAnswer: {"text": _erased},
        Response: {"reason": _erased, "transferred_to": _erased},
        Mitigation: {
            "title": _mitigation,
            "description": _nothing,
            "ticket": _nothing,
            "evidence": _erased,
            "reason": _erased,
        },
        ConditionOverride: _REASON,
        ClosingProposal: _REASON,
        events.ThreatModelStarted: _SCOPE,
        events.ScopeRevised: _SCOPE,
        events.LabelsChosen: {"labels": _nothing},
        events.PhaseMoved: _REASON,
        events.ThreatModelClosed: _REASON,
        events.ClosingDeclined: _REASON,
        events.ThreatModelReopened: _REASON,
        events.ThreatModelArchived: _REASON,
        events.RoundClosed: _REASON,
        events.BallotExplained: {"text": _erased},
        events.AcceptanceDeclined: _REASON,
        events.MitigationImplemented: {"evidence": _erased},
        events.MitigationDropped: _REASON,
        events.VerificationRefused: _REASON,
    }
)
"""The fields in which people enter text, and what stands in its place; a test finds the missing ones."""


def _same_by_name(before: ThreatModel, after: ThreatModel) -> tuple[tuple[ElementId, ElementId], ...]:
    """Return the external dependencies that components no longer are, because names are gone."""
    now = represented_dependencies(after)
    lost = (
        (dependency.id, component)
        for component, dependency in represented_dependencies(before).items()
        if component not in now
    )
    return tuple(sorted(lost, key=lambda pair: (id_order(pair[0]), id_order(pair[1]))))


def _sort_of(model: ThreatModel, component: ElementId) -> ComponentKind | None:
    found = model.elements.get(component)
    return found.sort if isinstance(found, Component) else None


_NO_TEXTS: Mapping[str, Neutral] = {}
_NO_TITLES: Mapping[str, str] = {}


@lru_cache(maxsize=8)
def _rule_texts(catalog: Catalog) -> frozenset[str]:
    """Return the texts of the rules, which belong to no person."""
    return frozenset(
        text
        for rule in catalog.rules
        for text in (rule.explanation, *(control.text for control in rule.controls))
    )


def _unused_voter(model: ThreatModel) -> PersonId:
    """Return a name for an anonymous voter that no round of the model has, as histories have them."""
    known = {voter for round in model.rounds.values() for voter in round.voters}
    number = 1
    while f"voter-{number}" in known:
        number += 1
    return PersonId(f"voter-{number}")


def _names(value: object, person: PersonId) -> bool:
    """Return whether an event names a person anywhere."""
    if isinstance(value, msgspec.Struct):
        return any(_names(getattr(value, name), person) for name in value.__struct_fields__)
    if isinstance(value, tuple):
        return any(_names(one, person) for one in cast("tuple[object, ...]", value))
    return value == person
