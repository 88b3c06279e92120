"""What a threat model is at one moment: the fold of its events."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from domain.dread.metrics import Ballot, Metric
from domain.elements import (
    SYSTEM,
    TYPE_OF,
    Assumption,
    AssumptionId,
    ChannelId,
    Element,
    ElementId,
    Kind,
    ModelKey,
    PersonId,
    TrustLevel,
)
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    AssetAdded,
    AssetRevised,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    BallotCast,
    BallotExplained,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ChannelFollowed,
    ComponentAdded,
    ComponentRevised,
    DataFlowAdded,
    DataFlowRevised,
    ElementRemoved,
    ElementRestored,
    EntryPointAdded,
    EntryPointRevised,
    Erased,
    Event,
    ExternalDependencyAdded,
    ExternalDependencyRevised,
    FacilitatorChanged,
    FactAnswered,
    MitigationDropped,
    MitigationImplemented,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRemoved,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationVerified,
    NudgeSnoozed,
    ParticipantsChosen,
    Past,
    PersonAsked,
    PhaseMoved,
    RegisterCompleted,
    RegisterReopened,
    ResponseChosen,
    ResponseCleared,
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
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
    TrustBoundaryAdded,
    TrustBoundaryRevised,
    TrustLevelAdded,
    TrustLevelRevised,
    TrustLevelsOrdered,
    VerificationRefused,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
)
from domain.facts import Answer
from domain.judgements import CandidateId, Consideration, Dismissal
from domain.mitigations import Mitigation, MitigationId, MitigationState
from domain.own_threats import MergedThreat, Threat, ThreatId
from domain.responses import Response
from domain.retrospective import Retrospective
from domain.rounds import Ending, Explanation, Round, RoundId

if TYPE_CHECKING:
    Elements = HashTrieMap[ElementId, Element]
    Facts = HashTrieMap[tuple[ElementId, str], Answer]
    Numbers = HashTrieMap[str, int]
    Assumptions = HashTrieMap[AssumptionId, Assumption]
    Threats = HashTrieMap[ThreatId, Threat]
    Rounds = HashTrieMap[RoundId, Round]
    Ballots = HashTrieMap[tuple[RoundId, ThreatId, PersonId], Ballot]
    Explanations = HashTrieMap[tuple[RoundId, ThreatId, Metric, PersonId], Explanation]
    Merged = HashTrieMap[ThreatId, MergedThreat]
    Dismissals = HashTrieMap[CandidateId, Dismissal]
    Considered = HashTrieMap[ElementId, Consideration]
    AskedOf = HashTrieMap[tuple[ElementId, str], PersonId]
    Responses = HashTrieMap[ThreatId, Response]
    Mitigations = HashTrieMap[MitigationId, Mitigation]
    Snoozed = HashTrieMap[str, datetime]
    Since = HashTrieMap[str, datetime]
    Retrospectives = HashTrieMap[PersonId, Retrospective]
else:
    # the map has no subscript at run time
    Elements = Facts = Numbers = Assumptions = Threats = HashTrieMap
    Rounds = Ballots = Explanations = HashTrieMap
    Merged = Dismissals = Considered = AskedOf = HashTrieMap
    Responses = Mitigations = Snoozed = Since = Retrospectives = HashTrieMap

_Some = TypeVar("_Some", bound=Element)


class ThreatModel(msgspec.Struct, frozen=True, kw_only=True):
    """One system's model at one moment; version 0 is a model that nobody has started.

    `since` has when somebody last said whose a mitigation is and until when, by its id, and when a question
    was handed over, by `asked_key`; `touched_at` is when a person last said anything.
    """

    version: int = 0
    key: ModelKey = ModelKey("")
    name: str = ""
    channel: ChannelId = ChannelId("")
    description: str = ""
    out_of_scope: str = ""
    facilitator: PersonId = PersonId("")
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False
    started_at: datetime | None = None
    step: str = ""
    step_left: str = ""
    closing_reason: str = ""
    closed_at: datetime | None = None
    elements: Elements = HashTrieMap()
    removed: Elements = HashTrieMap()
    numbers: Numbers = HashTrieMap()
    facts: Facts = HashTrieMap()
    complete: frozenset[Kind] = frozenset()
    assumptions: Assumptions = HashTrieMap()
    threats: Threats = HashTrieMap()
    rounds: Rounds = HashTrieMap()
    ballots: Ballots = HashTrieMap()
    explanations: Explanations = HashTrieMap()
    yardsticks: frozenset[ThreatId] = frozenset()
    withdrawn: Threats = HashTrieMap()
    merged: Merged = HashTrieMap()
    dismissals: Dismissals = HashTrieMap()
    considered: Considered = HashTrieMap()
    asked_of: AskedOf = HashTrieMap()
    responses: Responses = HashTrieMap()
    proposals: Responses = HashTrieMap()
    mitigations: Mitigations = HashTrieMap()
    snoozed: Snoozed = HashTrieMap()
    since: Since = HashTrieMap()
    touched_at: datetime | None = None
    retrospectives: Retrospectives = HashTrieMap()

    def of_kind(self, kind: Kind) -> list[Element]:
        """The elements of one kind in the order of their ids."""
        return self.of_type(TYPE_OF[kind])

    def of_type(self, sort: type[_Some]) -> list[_Some]:
        """The elements of one type in the order of their ids."""
        found = [element for element in self.elements.values() if isinstance(element, sort)]
        return sorted(found, key=lambda element: id_order(element.id))

    def trust_levels(self) -> list[TrustLevel]:
        """The trust levels, the least trusted first."""
        return sorted(self.of_type(TrustLevel), key=lambda level: level.rank)

    def open_rounds(self) -> list[Round]:
        """The rounds that have not ended, the earliest first."""
        going_on = [one for one in self.rounds.values() if one.ending is None]
        return sorted(going_on, key=lambda one: id_order(one.id))

    def home_of(self, threat: ThreatId) -> ThreatId:
        """The threat in which a merged one lives on; itself if it was not merged."""
        while (gone := self.merged.get(threat)) is not None:
            threat = gone.into
        return threat


EMPTY = ThreatModel()


def evolve(model: ThreatModel, event: Past) -> ThreatModel:
    """The model after one more event; it believes every event, also those that would be refused today."""
    return _touched(_EVOLVE[type(event)](model, event, model.version + 1), event)


def replay(events: Iterable[Past], start: ThreatModel = EMPTY) -> ThreatModel:
    """The model after all of the events, beginning from another moment if one is given."""
    model, last = start, None
    evolve_by_type = _EVOLVE
    for event in events:
        model = evolve_by_type[type(event)](model, event, model.version + 1)
        if not isinstance(event, Erased) and event.by != SYSTEM:
            last = event
    return model if last is None else _touched(model, last)  # once, as every change copies the model


def asked_key(element: ElementId, fact: str) -> str:
    """What a question that was handed over is called in `since`."""
    return f"{element}/{fact}"


def _touched(model: ThreatModel, event: Past) -> ThreatModel:
    if isinstance(event, Erased) or event.by == SYSTEM:
        return model
    return replace(model, touched_at=event.at)


def every_threat_has_a_response(model: ThreatModel) -> bool:
    """Whether there are threats, and for each it is settled what is done about it."""
    answered = {model.home_of(threat) for threat in model.responses}
    return bool(len(model.threats)) and all(threat in answered for threat in model.threats)


def id_order(id: ElementId | AssumptionId | ThreatId | RoundId | MitigationId) -> tuple[int, ...]:
    """The numbers of an id, so that `EP-10` comes after `EP-9.2`."""
    return tuple(int(number) for number in id.partition("-")[2].split("."))


def counter(id: ElementId | AssumptionId | ThreatId | RoundId | MitigationId) -> tuple[str, int]:
    """The counter that numbered an id, and the number: `EP-1.2` is number 2 of `EP-1`."""
    stem, _, number = id.rpartition("." if "." in id else "-")
    return stem, int(number)


# The table below takes every event type apart; tests hold it against the union of events.
_Evolve = Callable[[ThreatModel, Any, int], ThreatModel]


def _started(model: ThreatModel, event: ThreatModelStarted, version: int) -> ThreatModel:
    return replace(
        model,
        version=version,
        key=event.key,
        name=event.name,
        channel=event.channel,
        description=event.description,
        out_of_scope=event.out_of_scope,
        facilitator=event.facilitator,
        participants=event.participants,
        answers_by=event.answers_by,
        sharing_allowed=event.sharing_allowed,
        started_at=event.at,
        step="collection",
    )


def _scope_revised(model: ThreatModel, event: ScopeRevised, version: int) -> ThreatModel:
    return replace(
        model,
        version=version,
        name=event.name,
        description=event.description,
        out_of_scope=event.out_of_scope,
        answers_by=event.answers_by,
    )


def _participants_chosen(model: ThreatModel, event: ParticipantsChosen, version: int) -> ThreatModel:
    return replace(model, version=version, participants=event.participants)


def _facilitator_changed(model: ThreatModel, event: FacilitatorChanged, version: int) -> ThreatModel:
    return replace(model, version=version, facilitator=event.facilitator)


def _sharing(model: ThreatModel, event: SharingAllowed | SharingForbidden, version: int) -> ThreatModel:
    return replace(model, version=version, sharing_allowed=isinstance(event, SharingAllowed))


def _channel_followed(model: ThreatModel, event: ChannelFollowed, version: int) -> ThreatModel:
    return replace(model, version=version, channel=event.channel)


def _adding(attribute: str) -> _Evolve:
    def added(model: ThreatModel, event: Any, version: int) -> ThreatModel:
        element: Element = getattr(event, attribute)
        stem, number = counter(element.id)
        return replace(
            model,
            version=version,
            elements=model.elements.insert(element.id, element),
            numbers=model.numbers.insert(stem, number),
        )

    return added


def _revising(attribute: str) -> _Evolve:
    def revised(model: ThreatModel, event: Any, version: int) -> ThreatModel:
        element: Element = getattr(event, attribute)
        return replace(model, version=version, elements=model.elements.insert(element.id, element))

    return revised


def _levels_ordered(model: ThreatModel, event: TrustLevelsOrdered, version: int) -> ThreatModel:
    elements = model.elements
    for rank, id in enumerate(event.order, start=1):
        level = elements.get(id)
        if isinstance(level, TrustLevel):
            elements = elements.insert(id, replace(level, rank=rank))
    return replace(model, version=version, elements=elements)


def _removed(model: ThreatModel, event: ElementRemoved, version: int) -> ThreatModel:
    element = model.elements.get(event.element)
    if element is None:
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        elements=model.elements.remove(event.element),
        removed=model.removed.insert(event.element, element),
    )


def _restored(model: ThreatModel, event: ElementRestored, version: int) -> ThreatModel:
    element = model.removed.get(event.element)
    if element is None:
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        elements=model.elements.insert(event.element, element),
        removed=model.removed.remove(event.element),
    )


def _fact_answered(model: ThreatModel, event: FactAnswered, version: int) -> ThreatModel:
    about = (event.element, event.fact)
    facts = model.facts.discard(about) if event.reply is None else model.facts.insert(about, event.reply)
    return replace(model, version=version, facts=facts)


def _register_completed(model: ThreatModel, event: RegisterCompleted, version: int) -> ThreatModel:
    return replace(model, version=version, complete=model.complete | {event.register})


def _register_reopened(model: ThreatModel, event: RegisterReopened, version: int) -> ThreatModel:
    return replace(model, version=version, complete=model.complete - {event.register})


def _assumption_recorded(
    model: ThreatModel, event: AssumptionRecorded | AssumptionRevised, version: int
) -> ThreatModel:
    stem, number = counter(event.assumption.id)
    return replace(
        model,
        version=version,
        assumptions=model.assumptions.insert(event.assumption.id, event.assumption),
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _assumption_withdrawn(model: ThreatModel, event: AssumptionWithdrawn, version: int) -> ThreatModel:
    return replace(model, version=version, assumptions=model.assumptions.discard(event.assumption))


def _threat_reported(
    model: ThreatModel, event: ThreatReported | ThreatRevised | CandidateConfirmed, version: int
) -> ThreatModel:
    stem, number = counter(event.threat.id)
    return _with_threats(
        model,
        version=version,
        threats=model.threats.insert(event.threat.id, event.threat),
        withdrawn=model.withdrawn.discard(event.threat.id),
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _threat_withdrawn(model: ThreatModel, event: ThreatWithdrawn, version: int) -> ThreatModel:
    threat = model.threats.get(event.threat)
    if threat is None:
        return replace(model, version=version)
    return _with_threats(
        model,
        version=version,
        threats=model.threats.remove(event.threat),
        withdrawn=model.withdrawn.insert(event.threat, threat),
    )


def _threats_merged(model: ThreatModel, event: ThreatsMerged, version: int) -> ThreatModel:
    threats = model.threats.insert(event.kept.id, event.kept)
    threat = threats.get(event.merged)
    if threat is None:
        return replace(model, version=version, threats=threats)
    return _with_threats(
        model,
        version=version,
        threats=threats.remove(event.merged),
        # What is kept is merged into nothing, whatever of its past was erased: so no chain goes in a circle.
        merged=model.merged.discard(event.kept.id).insert(
            event.merged, MergedThreat(threat=threat, into=event.kept.id)
        ),
    )


def _threats_parted(model: ThreatModel, event: ThreatsParted, version: int) -> ThreatModel:
    threats = model.threats.insert(event.kept.id, event.kept)
    parted = model.merged.get(event.merged)
    if parted is None:
        return replace(model, version=version, threats=threats)
    return _with_threats(
        model,
        version=version,
        threats=threats.insert(event.merged, parted.threat),
        merged=model.merged.remove(event.merged),
    )


def _candidate_dismissed(model: ThreatModel, event: CandidateDismissed, version: int) -> ThreatModel:
    said = event.dismissal
    return replace(model, version=version, dismissals=model.dismissals.insert(said.candidate, said))


def _candidate_reopened(model: ThreatModel, event: CandidateReopened, version: int) -> ThreatModel:
    return replace(model, version=version, dismissals=model.dismissals.discard(event.candidate))


def _row_considered(model: ThreatModel, event: RowConsidered, version: int) -> ThreatModel:
    said = event.consideration
    return replace(model, version=version, considered=model.considered.insert(said.element, said))


def _row_reopened(model: ThreatModel, event: RowReopened, version: int) -> ThreatModel:
    return replace(model, version=version, considered=model.considered.discard(event.element))


def _person_asked(model: ThreatModel, event: PersonAsked, version: int) -> ThreatModel:
    about, asked = (event.element, event.fact), model.asked_of
    told = asked.discard(about) if event.person is None else asked.insert(about, event.person)
    since = model.since.insert(asked_key(*about), event.at)
    return replace(model, version=version, asked_of=told, since=since)


def _round_opened(model: ThreatModel, event: RoundOpened, version: int) -> ThreatModel:
    stem, number = counter(event.round.id)
    opened = replace(
        model,
        version=version,
        rounds=model.rounds.insert(event.round.id, event.round),
        numbers=model.numbers.insert(stem, number),
    )
    return _in_step(opened, model.step)


def _ballot_cast(model: ThreatModel, event: BallotCast, version: int) -> ThreatModel:
    place = (event.round, event.threat, event.by)
    return replace(model, version=version, ballots=model.ballots.insert(place, event.ballot))


def _round_extended(model: ThreatModel, event: RoundExtended, version: int) -> ThreatModel:
    return _round_changed(model, event.round, version, deadline=event.deadline, extended=True)


def _round_fell_short(model: ThreatModel, event: RoundFellShort, version: int) -> ThreatModel:
    return _round_changed(model, event.round, version, fell_short=True)


def _voter_left(model: ThreatModel, event: VoterLeft, version: int) -> ThreatModel:
    known = model.rounds.get(event.round)
    if known is None:  # its opening was erased
        return replace(model, version=version)
    voters = tuple(voter for voter in known.voters if voter != event.voter)
    return _round_changed(model, event.round, version, voters=voters, left=(*known.left, event.voter))


def _round_closed(model: ThreatModel, event: RoundClosed, version: int) -> ThreatModel:
    ending = Ending(at=event.at, cause=event.cause, threats=event.threats, reason=event.reason)
    return _in_step(_round_changed(model, event.round, version, ending=ending), model.step)


def _round_changed(model: ThreatModel, id: RoundId, version: int, **fields: Any) -> ThreatModel:
    known = model.rounds.get(id)
    if known is None:  # its opening was erased
        return replace(model, version=version)
    return replace(model, version=version, rounds=model.rounds.insert(id, replace(known, **fields)))


def _ballot_explained(model: ThreatModel, event: BallotExplained, version: int) -> ThreatModel:
    place = (event.round, event.threat, event.metric, event.by)
    explanation = Explanation(text=event.text, named=event.named)
    return replace(model, version=version, explanations=model.explanations.insert(place, explanation))


def _yardstick_marked(model: ThreatModel, event: YardstickMarked, version: int) -> ThreatModel:
    return replace(model, version=version, yardsticks=model.yardsticks | {event.threat})


def _yardstick_unmarked(model: ThreatModel, event: YardstickUnmarked, version: int) -> ThreatModel:
    return replace(model, version=version, yardsticks=model.yardsticks - {event.threat})


def _response_chosen(model: ThreatModel, event: ResponseChosen, version: int) -> ThreatModel:
    return _responded(model, event.response, version)


def _acceptance_approved(model: ThreatModel, event: AcceptanceApproved, version: int) -> ThreatModel:
    return _responded(model, event.acceptance, version)


def _responded(model: ThreatModel, response: Response, version: int) -> ThreatModel:
    return _with_threats(
        model,
        version=version,
        responses=model.responses.insert(response.threat, response),
        proposals=model.proposals.discard(response.threat),
    )


def _response_cleared(model: ThreatModel, event: ResponseCleared, version: int) -> ThreatModel:
    return _with_threats(model, version=version, responses=model.responses.discard(event.threat))


def _acceptance_proposed(model: ThreatModel, event: AcceptanceProposed, version: int) -> ThreatModel:
    proposal = event.proposal
    return replace(model, version=version, proposals=model.proposals.insert(proposal.threat, proposal))


def _acceptance_not_approved(
    model: ThreatModel, event: AcceptanceWithdrawn | AcceptanceDeclined, version: int
) -> ThreatModel:
    return replace(model, version=version, proposals=model.proposals.discard(event.threat))


def _mitigation_told(
    model: ThreatModel, event: MitigationPlanned | MitigationRevised | MitigationRestored, version: int
) -> ThreatModel:
    stem, number = counter(event.mitigation.id)
    before, since = model.mitigations.get(event.mitigation.id), model.since
    if before is None or (before.owner, before.due) != (event.mitigation.owner, event.mitigation.due):
        since = since.insert(event.mitigation.id, event.at)
    return replace(
        model,
        version=version,
        mitigations=model.mitigations.insert(event.mitigation.id, event.mitigation),
        since=since,
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _mitigation_reassigned(model: ThreatModel, event: MitigationReassigned, version: int) -> ThreatModel:
    return _since(_mitigation_changed(model, event.mitigation, version, owner=event.owner), event)


def _mitigation_rescheduled(model: ThreatModel, event: MitigationRescheduled, version: int) -> ThreatModel:
    return _since(_mitigation_changed(model, event.mitigation, version, due=event.due), event)


def _mitigation_started(model: ThreatModel, event: MitigationStarted, version: int) -> ThreatModel:
    return _mitigation_changed(model, event.mitigation, version, state=MitigationState.STARTED, reason="")


def _mitigation_implemented(model: ThreatModel, event: MitigationImplemented, version: int) -> ThreatModel:
    return _mitigation_changed(
        model,
        event.mitigation,
        version,
        state=MitigationState.IMPLEMENTED,
        evidence=event.evidence,
        implemented_by=event.by,
        reason="",
    )


def _mitigation_verified(model: ThreatModel, event: MitigationVerified, version: int) -> ThreatModel:
    state = MitigationState.VERIFIED
    return _mitigation_changed(model, event.mitigation, version, state=state, verified_by=event.by)


def _verification_refused(model: ThreatModel, event: VerificationRefused, version: int) -> ThreatModel:
    return _mitigation_changed(
        model,
        event.mitigation,
        version,
        state=MitigationState.STARTED,
        reason=event.reason,
        verified_by=None,
    )


def _mitigation_dropped(model: ThreatModel, event: MitigationDropped, version: int) -> ThreatModel:
    state = MitigationState.DROPPED
    return _mitigation_changed(model, event.mitigation, version, state=state, reason=event.reason)


def _mitigation_resumed(model: ThreatModel, event: MitigationResumed, version: int) -> ThreatModel:
    resumed = _mitigation_changed(model, event.mitigation, version, state=MitigationState.PLANNED, reason="")
    return _since(resumed, event)


def _mitigation_removed(model: ThreatModel, event: MitigationRemoved, version: int) -> ThreatModel:
    return replace(model, version=version, mitigations=model.mitigations.discard(event.mitigation))


def _mitigation_changed(model: ThreatModel, id: MitigationId, version: int, **fields: Any) -> ThreatModel:
    known = model.mitigations.get(id)
    if known is None:  # its plan was erased
        return replace(model, version=version)
    return replace(model, version=version, mitigations=model.mitigations.insert(id, replace(known, **fields)))


def _since(
    model: ThreatModel, event: MitigationReassigned | MitigationRescheduled | MitigationResumed
) -> ThreatModel:
    return replace(model, since=model.since.insert(event.mitigation, event.at))


def _nudge_snoozed(model: ThreatModel, event: NudgeSnoozed, version: int) -> ThreatModel:
    snoozed, key, until = model.snoozed, event.key, event.until
    told = snoozed.discard(key) if until is None else snoozed.insert(key, until)
    return replace(model, version=version, snoozed=told)


def _retrospective_answered(model: ThreatModel, event: RetrospectiveAnswered, version: int) -> ThreatModel:
    known, by = model.retrospectives, event.by
    said = Retrospective(by=by, answers=event.answers)
    told = known.insert(by, said) if event.answers else known.discard(by)
    return replace(model, version=version, retrospectives=told)


def _with_threats(model: ThreatModel, **fields: Any) -> ThreatModel:
    """The model with other threats or responses, in the step that follows from them."""
    return _in_step(replace(model, **fields), model.step)


def _in_step(model: ThreatModel, step: str) -> ThreatModel:
    """The model in a step; its rounds say how far analysis is, its responses how far remediation is."""
    if step in _STEPS_OF_ANALYSIS:
        step = _STEPS_OF_ANALYSIS[any(one.ending is None for one in model.rounds.values())]
    elif step in _STEPS_OF_REMEDIATION:
        step = _STEPS_OF_REMEDIATION[every_threat_has_a_response(model)]
    return replace(model, step=step)


_STEPS_OF_ANALYSIS = ("identifying", "voting")
_STEPS_OF_REMEDIATION = ("responding", "tracking")


def _phase_moved(model: ThreatModel, event: PhaseMoved, version: int) -> ThreatModel:
    return _in_step(replace(model, version=version), event.step)


def _closed(model: ThreatModel, event: ThreatModelClosed, version: int) -> ThreatModel:
    return replace(
        model,
        version=version,
        step="closed",
        step_left=model.step,
        closing_reason=event.reason,
        closed_at=event.at,
    )


def _archived(model: ThreatModel, _event: ThreatModelArchived, version: int) -> ThreatModel:
    left = model.step_left if model.step == "closed" else model.step
    return replace(model, version=version, step="archived", step_left=left)


def _reopened(model: ThreatModel, event: ThreatModelReopened, version: int) -> ThreatModel:
    return _in_step(
        replace(model, version=version, step_left="", closing_reason="", closed_at=None), event.step
    )


def _erased(model: ThreatModel, _event: Erased, version: int) -> ThreatModel:
    return replace(model, version=version)


_EVOLVE: dict[type[Event] | type[Erased], _Evolve] = {
    ThreatModelStarted: _started,
    ScopeRevised: _scope_revised,
    ParticipantsChosen: _participants_chosen,
    FacilitatorChanged: _facilitator_changed,
    SharingAllowed: _sharing,
    SharingForbidden: _sharing,
    ChannelFollowed: _channel_followed,
    ExternalDependencyAdded: _adding("dependency"),
    ExternalDependencyRevised: _revising("dependency"),
    EntryPointAdded: _adding("entry_point"),
    EntryPointRevised: _revising("entry_point"),
    AssetAdded: _adding("asset"),
    AssetRevised: _revising("asset"),
    TrustLevelAdded: _adding("level"),
    TrustLevelRevised: _revising("level"),
    TrustLevelsOrdered: _levels_ordered,
    DataFlowAdded: _adding("flow"),
    DataFlowRevised: _revising("flow"),
    ComponentAdded: _adding("component"),
    ComponentRevised: _revising("component"),
    TrustBoundaryAdded: _adding("boundary"),
    TrustBoundaryRevised: _revising("boundary"),
    ElementRemoved: _removed,
    ElementRestored: _restored,
    FactAnswered: _fact_answered,
    RegisterCompleted: _register_completed,
    RegisterReopened: _register_reopened,
    AssumptionRecorded: _assumption_recorded,
    AssumptionRevised: _assumption_recorded,
    AssumptionWithdrawn: _assumption_withdrawn,
    ThreatReported: _threat_reported,
    ThreatRevised: _threat_reported,
    ThreatWithdrawn: _threat_withdrawn,
    RoundOpened: _round_opened,
    BallotCast: _ballot_cast,
    RoundExtended: _round_extended,
    RoundFellShort: _round_fell_short,
    VoterLeft: _voter_left,
    RoundClosed: _round_closed,
    BallotExplained: _ballot_explained,
    YardstickMarked: _yardstick_marked,
    YardstickUnmarked: _yardstick_unmarked,
    ThreatsMerged: _threats_merged,
    ThreatsParted: _threats_parted,
    CandidateConfirmed: _threat_reported,
    CandidateDismissed: _candidate_dismissed,
    CandidateReopened: _candidate_reopened,
    RowConsidered: _row_considered,
    RowReopened: _row_reopened,
    PersonAsked: _person_asked,
    ResponseChosen: _response_chosen,
    ResponseCleared: _response_cleared,
    AcceptanceProposed: _acceptance_proposed,
    AcceptanceWithdrawn: _acceptance_not_approved,
    AcceptanceApproved: _acceptance_approved,
    AcceptanceDeclined: _acceptance_not_approved,
    MitigationPlanned: _mitigation_told,
    MitigationRevised: _mitigation_told,
    MitigationReassigned: _mitigation_reassigned,
    MitigationRescheduled: _mitigation_rescheduled,
    MitigationStarted: _mitigation_started,
    MitigationImplemented: _mitigation_implemented,
    MitigationVerified: _mitigation_verified,
    VerificationRefused: _verification_refused,
    MitigationDropped: _mitigation_dropped,
    MitigationResumed: _mitigation_resumed,
    MitigationRestored: _mitigation_told,
    MitigationRemoved: _mitigation_removed,
    NudgeSnoozed: _nudge_snoozed,
    RetrospectiveAnswered: _retrospective_answered,
    PhaseMoved: _phase_moved,
    ThreatModelClosed: _closed,
    ThreatModelArchived: _archived,
    ThreatModelReopened: _reopened,
    Erased: _erased,
}
