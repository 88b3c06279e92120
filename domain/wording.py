"""What happened, in words: who did it is said before, who is mentioned stands as `@id`."""

from collections import Counter
from collections.abc import Sequence
from typing import assert_never

from domain.elements import (
    PLURAL,
    SINGULAR,
    SYSTEM,
    Component,
    Element,
    ElementId,
    Kind,
    PersonId,
    counted,
    kind_of,
    kind_of_id,
)
from domain.events import (
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    BallotCast,
    BallotExplained,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ChannelFollowed,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    Event,
    FacilitatorChanged,
    FactAnswered,
    NudgeSnoozed,
    ParticipantsChosen,
    PersonAsked,
    PhaseMoved,
    RegisterCompleted,
    RegisterReopened,
    Remediated,
    RetrospectiveAnswered,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    RowConsidered,
    RowReopened,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
    TrustLevelsOrdered,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
    element_told,
)
from domain.facts import FACTS
from domain.judgements import CandidateId, elements_of, rule_of
from domain.labels import label, name_of
from domain.lifecycle import phase_of
from domain.mitigations import MitigationId
from domain.model import ThreatModel
from domain.own_threats import ThreatId
from domain.remediation_words import because, people_in_remediation, remediation_words, threat_words
from domain.rounds import Cause, Round, RoundKind
from domain.rules import RULES


def described(event: Event, before: ThreatModel) -> str:
    """What the author did, to be read after the author's name; `before` is the model until then."""
    words = _words(event, before)
    return f"took back: {words}" if event.undoes is not None else words


def summed_up(events: Sequence[Event], before: ThreatModel) -> str:
    """What one answer of several events did: its only event in words, or else how many of what."""
    if len(events) == 1:
        return described(events[0], before)
    counts: Counter[tuple[str, Kind]] = Counter()
    others: list[Event] = []
    known = dict(before.elements.items())
    for event in events:
        match event:
            case _ if isinstance(event, ElementAdded):
                counts["added", kind_of(element_told(event))] += 1
                known[element_told(event).id] = element_told(event)
            case _ if isinstance(event, ElementRevised):
                element = element_told(event)
                verb = "placed" if _is_placing(known.get(element.id), element) else "revised"
                counts[verb, kind_of(element)] += 1
            case ElementRemoved():
                counts["removed", kind_of_id(event.element)] += 1
            case _:
                others.append(event)
    parts: list[str] = []
    for verb in ("added", "revised", "placed", "removed"):
        told = [counted(kind, number) for (did, kind), number in counts.items() if did == verb]
        if told:
            parts.append(f"{verb} {_listed(told)}")
    answers = [event for event in others if isinstance(event, FactAnswered)]
    if answers:
        parts.append(f"answered {len(answers)} question{'s' if len(answers) > 1 else ''}")
    parts += _judged(others)
    told_one_by_one = (event for event in others if not isinstance(event, (FactAnswered, *_JUDGED)))
    parts += [described(event, before) for event in told_one_by_one]
    return _listed(parts)


def _judged(events: Sequence[Event]) -> list[str]:
    """How many candidates were decided, and how many questions were handed to whom."""
    asked = Counter(event.person for event in events if isinstance(event, PersonAsked))
    confirmed = sum(isinstance(event, CandidateConfirmed) for event in events)
    dismissed = [event.dismissal.reason for event in events if isinstance(event, CandidateDismissed)]
    parts = [f"confirmed {_some(confirmed, 'candidate')}"] if confirmed else []
    if dismissed:
        reasons = " / ".join(dict.fromkeys(dismissed))
        parts.append(f"dismissed {_some(len(dismissed), 'candidate')}{because(reasons)}")
    parts += [
        f"asked @{person} {_some(count, 'question')}"
        if person
        else f"asks nobody any more {_some(count, 'question')}"
        for person, count in asked.items()
    ]
    return parts


_JUDGED = (CandidateConfirmed, CandidateDismissed, PersonAsked)


def _some(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def mentioned(event: Event) -> tuple[PersonId, ...]:
    """The persons whom the words about an event mention; never its author."""
    match event:
        case _ if isinstance(event, Remediated):
            people: tuple[PersonId, ...] = people_in_remediation(event)
        case ThreatModelStarted() | FacilitatorChanged():
            people = (event.facilitator,)
        case ParticipantsChosen():
            return event.participants
        case AssumptionRecorded():
            people = (event.assumption.held_by,)
        case VoterLeft():
            people = (event.voter,)
        case PersonAsked(person=person) if person is not None:
            people = (person,)
        case _:
            people = ()
    return tuple(person for person in people if person != event.by)


def author_shown(event: Event) -> PersonId:
    """Who is named as the author: nobody where somebody explained a ballot and did not agree to be named.

    A round that ends because everybody has voted is ended by the system, not by whoever voted last.
    """
    if isinstance(event, BallotExplained) and not event.named:
        return PersonId("")
    if isinstance(event, RoundClosed) and event.cause in _BY_ITSELF:
        return SYSTEM
    return event.by


def _words(event: Event, before: ThreatModel) -> str:
    if isinstance(event, ElementAdded | ElementRevised):
        return _element_words(event, before)
    if isinstance(event, Remediated):
        return remediation_words(event, before)
    match event:
        case ThreatModelStarted():
            other = "" if event.facilitator == event.by else f" with @{event.facilitator} as facilitator"
            return f"started “{event.name}” ({event.key}){other}"
        case ScopeRevised():
            return f"revised the scope of “{event.name}”"
        case ParticipantsChosen():
            people = ", ".join(f"@{person}" for person in event.participants)
            return f"chose the participants: {people or 'everybody in the channel'}"
        case TermsChosen():
            terms = event.terms
            quorum = f"a quorum of {terms.quorum}" if terms.quorum else "the usual quorum"
            chosen = f"chose what votes begin with: {quorum}, Discoverability {terms.discoverability.words}"
            changed = terms.nudges is not before.terms.nudges
            return f"{chosen}; owners are reminded {terms.nudges.words}" if changed else chosen
        case FacilitatorChanged():
            if event.facilitator == event.by:
                return "took over as facilitator"
            return f"made @{event.facilitator} the facilitator"
        case SharingAllowed():
            return "allowed the model to be shown in a channel shared with other organisations"
        case SharingForbidden():
            return "no longer allowed the model to be shown to other organisations"
        case ChannelFollowed():
            return "moved with the channel, which has another id in Slack now"
        case TrustLevelsOrdered():
            names = " < ".join(f"“{name_of(before, id)}”" for id in event.order)
            return f"ordered the trust levels: {names}"
        case ElementRemoved():
            return f"removed the {_named(before, event.element)}"
        case ElementRestored():
            return f"restored the {_named(before, event.element)}"
        case FactAnswered():
            return _answer_words(event, before)
        case RegisterCompleted():
            return f"marked the {PLURAL[event.register]} complete"
        case RegisterReopened():
            return f"reopened the {PLURAL[event.register]}"
        case AssumptionRecorded():
            holder = event.assumption.held_by
            held = "" if holder == event.by else f", held by @{holder}"
            return f"recorded the assumption “{event.assumption.text}”{held}"
        case AssumptionRevised():
            return f"reworded the assumption {event.assumption.id}: “{event.assumption.text}”"
        case AssumptionWithdrawn():
            old = before.assumptions.get(event.assumption)
            return f"withdrew the assumption {f'“{old.text}”' if old else event.assumption}"
        case ThreatReported():
            return f"reported the threat “{event.threat.title}” ({event.threat.id})"
        case ThreatRevised():
            return f"revised the threat “{event.threat.title}” ({event.threat.id})"
        case ThreatWithdrawn():
            said = before.threats.get(event.threat)
            return f"withdrew the threat {f'“{said.title}” ({said.id})' if said else event.threat}"
        case RoundOpened():
            return _opening_words(event.round)
        case BallotCast():
            return f"voted on {event.threat}"
        case RoundExtended():
            return f"gave the round {event.round} more time, as too few have voted"
        case RoundFellShort():
            return f"stopped the round {event.round}, as too few have voted; the facilitator settles it"
        case VoterLeft():
            who = "left" if event.voter == event.by else f"released @{event.voter} from"
            return f"{who} the round {event.round}"
        case RoundClosed():
            return f"closed the round {event.round}: {_CAUSES[event.cause]}{because(event.reason)}"
        case BallotExplained():
            return f"explained a number on {event.threat} that was the lowest or the highest"
        case YardstickMarked():
            return f"made {event.threat} a yardstick"
        case YardstickUnmarked():
            return f"made {event.threat} a yardstick no longer"
        case ThreatsMerged():
            return f"merged {threat_words(before, event.merged)} into “{event.kept.title}” ({event.kept.id})"
        case ThreatsParted():
            return f"parted {threat_words(before, event.merged)} from “{event.kept.title}” ({event.kept.id})"
        case CandidateConfirmed():
            came_from = event.candidate
            return f"confirmed the threat “{event.threat.title}” ({event.threat.id}, from {came_from})"
        case CandidateDismissed(dismissal=said):
            return f"dismissed the candidate {_candidate(before, said.candidate)}{because(said.reason)}"
        case CandidateReopened():
            return f"asked for another look at the candidate {_candidate(before, event.candidate)}"
        case RowConsidered(consideration=said):
            return f"considered the {_named(before, said.element)}: nothing more{because(said.reason)}"
        case RowReopened():
            return f"wants the {_named(before, event.element)} to be considered again"
        case PersonAsked():
            question = f"“{_question(event.fact)}” for {name_of(before, event.element)} ({event.element})"
            return f"asked @{event.person} {question}" if event.person else f"asks nobody any more {question}"
        case NudgeSnoozed():
            reminder = f"the reminder{_reminded_of(event.key, before)}"
            return f"snoozed {reminder}" if event.until else f"wants {reminder} when it is due"
        case RetrospectiveAnswered():
            return "looked back on the work" if event.answers else "looks back on the work no longer"
        case PhaseMoved():
            without = f", without {', '.join(event.missing)}" if event.missing else ""
            return f"moved to {phase_of(event.step)}{without}{because(event.reason)}"
        case ThreatModelClosed():
            return f"closed the threat model{because(event.reason)}"
        case ThreatModelReopened():
            return f"reopened the threat model{because(event.reason)}"
        case ThreatModelArchived():
            return f"archived the threat model{because(event.reason)}"
    assert_never(event)


def _opening_words(opened: Round) -> str:
    threats = _listed([ask.threat for ask in opened.asks])
    if opened.revote_of is not None:
        return f"opened the round {opened.id}: what was contested in {opened.revote_of} about {threats} again"
    residual = " as they remain" if opened.kind is RoundKind.RESIDUAL else ""
    return f"opened the round {opened.id} on {threats}{residual}"


def _element_words(event: ElementAdded | ElementRevised, before: ThreatModel) -> str:
    element = element_told(event)
    name = label(before, element)
    words = f"the {SINGULAR[kind_of(element)]} “{name}” ({element.id})"
    if isinstance(event, ElementAdded):
        return f"added {words}"
    old = before.elements.get(element.id)
    was = label(before, old) if old else name
    if _is_placing(old, element):
        return f"placed {words}"
    return f"revised {words}" + (f", called “{was}” before" if was != name else "")


def _is_placing(old: Element | None, new: Element) -> bool:
    """Whether of a component nothing changed but its place: kind, trust level, boundary."""
    return isinstance(old, Component) and (old.name, old.description) == (new.name, new.description)


def _answer_words(event: FactAnswered, before: ThreatModel) -> str:
    reply = event.reply.words if event.reply else "no answer"
    question = _question(event.fact)
    return f"answered “{reply}” to “{question}” for {name_of(before, event.element)} ({event.element})"


def _question(name: str) -> str:
    fact = FACTS.get(name)
    return fact.question if fact else name


def _candidate(before: ThreatModel, id: CandidateId) -> str:
    title = next((rule.title for rule in RULES if rule.id == rule_of(id)), rule_of(id))
    where = next(iter(elements_of(id)), None)
    return f"“{title}” at {name_of(before, where)} ({id})" if where else f"“{title}” ({id})"


def _reminded_of(nudge: str, before: ThreatModel) -> str:
    """What a nudge is about, by its key; empty where that is the model or a person."""
    about = nudge.split(":")[3] if nudge.count(":") > 3 else ""
    if about in before.mitigations:
        return f" about “{before.mitigations[MitigationId(about)].title}” ({about})"
    return f" about {threat_words(before, ThreatId(about))}" if about in before.threats else ""


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _named(before: ThreatModel, id: ElementId) -> str:
    return f"{SINGULAR[kind_of_id(id)]} “{name_of(before, id)}” ({id})"


_BY_ITSELF = (Cause.ALL_VOTED, Cause.NO_THREATS, Cause.NO_VOTERS)
_CAUSES = {
    Cause.ALL_VOTED: "everybody had voted",
    Cause.DEADLINE: "its deadline had come",
    Cause.FACILITATOR: "enough had voted",
    Cause.SETTLED: "settled with the ballots there were",
    Cause.NO_THREATS: "no threat was left in it",
    Cause.NO_VOTERS: "nobody was left to vote",
}
