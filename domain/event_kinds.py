"""Event kinds: the subjects that each event type changes, touches and presupposes."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar, get_args

import msgspec

from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    AssumptionRecorded,
    AssumptionRevised,
    AssumptionWithdrawn,
    BallotCast,
    BallotExplained,
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    ChannelFollowed,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    ElementAdded,
    ElementRemoved,
    ElementRestored,
    ElementRevised,
    Event,
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
    VerificationRefused,
    VoterLeft,
    YardstickMarked,
    YardstickUnmarked,
    described_element,
)
from domain.kernel import subjects as of
from domain.kernel.decisions import elements_of
from domain.kernel.elements import references
from domain.kernel.subjects import Subject

Lasting = (
    ThreatModelStarted
    | FacilitatorChanged
    | ChannelFollowed
    | RoundOpened
    | BallotCast
    | RoundExtended
    | RoundFellShort
    | VoterLeft
    | RoundClosed
    | BallotExplained
    | PhaseMoved
    | ThreatModelClosed
    | ThreatModelReopened
    | ThreatModelArchived
)
"""Events that cannot be undone, because others continue from them: another command reverses them."""

_Subjects = Callable[[Any], Iterable[Subject]]
_E = TypeVar("_E", bound=Event)


class EventKind(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of one event type that other parts of the domain need."""

    changes: _Subjects
    """What may differ after it, for the report of changes since a day."""
    touches: _Subjects
    """What must not have been touched since by an event that still holds, if an answer is to be undone."""
    builds_on: _Subjects
    """What it presupposes besides: its addition can no longer be undone."""
    decides: bool
    """Whether it decides something, rather than adding to what is known: what an auditor wants to read."""


def changed_subjects(event: Event) -> Iterable[Subject]:
    """Return the subjects that an event changes; none for a step within a round, or for a question."""
    return EVENT_KINDS[type(event)].changes(event)


def touched_subjects(event: Event) -> frozenset[Subject]:
    """Return the subjects that an event touches, to detect conflicts between answers."""
    return frozenset(EVENT_KINDS[type(event)].touches(event))


def presupposed_subjects(event: Event) -> frozenset[Subject]:
    """Return the subjects that an event presupposes besides those it touches."""
    return frozenset(EVENT_KINDS[type(event)].builds_on(event))


def is_decision(event: Event) -> bool:
    """Return whether an event advances the work or decides something about a threat."""
    return EVENT_KINDS[type(event)].decides


def _nothing(event: object) -> tuple[Subject, ...]:
    del event
    return ()


def _row(
    kind: type[_E],
    changes: Callable[[_E], Iterable[Subject]] = _nothing,
    *,
    touches: Callable[[_E], Iterable[Subject]] | None = None,
    builds_on: Callable[[_E], Iterable[Subject]] = _nothing,
    decides: bool = False,
) -> tuple[type[Event], EventKind]:
    """Return the row of an event type; by default it touches what it changes."""

    def as_changed(event: _E) -> Iterable[Subject]:
        return map(of.coarse, changes(event))

    return kind, EventKind(
        changes=changes, touches=touches or as_changed, builds_on=builds_on, decides=decides
    )


def _element(event: ElementAdded | ElementRevised) -> tuple[Subject]:
    return (of.element(described_element(event).id),)


def _named(event: ElementAdded | ElementRevised) -> Iterable[Subject]:
    return map(of.thing, references(described_element(event)))


def _place(event: ThreatReported | ThreatRevised | CandidateConfirmed) -> tuple[Subject, ...]:
    return (of.thing(event.threat.element),) if event.threat.element else ()


def _both(event: ThreatsMerged | ThreatsParted) -> tuple[Subject, ...]:
    threats = (event.kept.id, event.merged)
    return (*map(of.threat, threats), *map(of.response, threats))


def _both_threats(event: ThreatsMerged | ThreatsParted) -> tuple[Subject, ...]:
    return (of.thing(event.kept.id), of.thing(event.merged))


EVENT_KINDS: Final[Mapping[type[Event], EventKind]] = MappingProxyType(
    dict(
        (
            # Steering
            _row(
                ThreatModelStarted,
                lambda _: (of.SCOPE, of.PHASE, of.SHARING, of.CHANNEL, of.FACILITATOR, of.PARTICIPANTS),
                touches=_nothing,
                decides=True,
            ),
            _row(ScopeRevised, lambda _: (of.SCOPE,)),
            _row(ParticipantsChosen, lambda _: (of.PARTICIPANTS,)),
            _row(TermsChosen, lambda _: (of.TERMS,)),
            _row(FacilitatorChanged, lambda _: (of.FACILITATOR,), touches=_nothing, decides=True),
            _row(SharingAllowed, lambda _: (of.SHARING,), decides=True),
            _row(SharingForbidden, lambda _: (of.SHARING,), decides=True),
            _row(ChannelFollowed, lambda _: (of.CHANNEL,), touches=_nothing),
            _row(PhaseMoved, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(ThreatModelClosed, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(ThreatModelReopened, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(ThreatModelArchived, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(ClosingProposed, lambda _: (of.CLOSING,), decides=True),
            _row(ClosingDeclined, lambda _: (of.CLOSING,), decides=True),
            _row(ClosingWithdrawn, lambda _: (of.CLOSING,), decides=True),
            # Collection
            *(
                _row(kind, _element, builds_on=_named)
                for kind in (*get_args(ElementAdded), *get_args(ElementRevised))
            ),
            _row(TrustLevelsOrdered, lambda _: (of.ORDER,), touches=lambda event: map(of.thing, event.order)),
            _row(ElementRemoved, lambda event: (of.element(event.element),)),
            _row(ElementRestored, lambda event: (of.element(event.element),)),
            _row(FactAnswered, lambda event: (of.facts(event.element),)),
            _row(RegisterCompleted, lambda event: (of.complete(event.register),)),
            _row(RegisterReopened, lambda event: (of.complete(event.register),)),
            _row(AssumptionRecorded, lambda event: (of.assumption(event.assumption.id),)),
            _row(AssumptionRevised, lambda event: (of.assumption(event.assumption.id),)),
            _row(AssumptionWithdrawn, lambda event: (of.assumption(event.assumption),)),
            # Analysis
            _row(ThreatReported, lambda event: (of.threat(event.threat.id),), builds_on=_place),
            _row(ThreatRevised, lambda event: (of.threat(event.threat.id),), builds_on=_place),
            _row(ThreatWithdrawn, lambda event: (of.threat(event.threat),), decides=True),
            _row(ThreatsMerged, _both, touches=_both_threats, decides=True),
            _row(ThreatsParted, _both, touches=_both_threats),
            _row(
                CandidateConfirmed,
                lambda event: (of.threat(event.threat.id), of.candidate(event.candidate)),
                builds_on=_place,
                decides=True,
            ),
            _row(
                CandidateDismissed,
                lambda event: (of.candidate(event.dismissal.candidate),),
                builds_on=lambda event: map(of.thing, elements_of(event.dismissal.candidate)),
                decides=True,
            ),
            _row(CandidateReopened, lambda event: (of.candidate(event.candidate),), decides=True),
            _row(
                RowConsidered,
                lambda event: (of.row(event.consideration.element),),
                builds_on=lambda event: (of.thing(event.consideration.element),),
            ),
            _row(RowReopened, lambda event: (of.row(event.element),)),
            _row(
                PersonAsked,
                touches=lambda event: (of.question(event.fact, event.element),),
                builds_on=lambda event: (of.thing(event.element),),
            ),
            # Voting
            _row(RoundOpened, touches=lambda event: (of.thing(ask.threat) for ask in event.round.asks)),
            _row(BallotCast, touches=lambda event: (of.thing(event.threat),)),
            _row(RoundExtended),
            _row(RoundFellShort),
            _row(VoterLeft),
            _row(RoundClosed, lambda event: map(of.score, event.threats), decides=True),
            _row(BallotExplained),
            _row(YardstickMarked, lambda event: (of.threat(event.threat),)),
            _row(YardstickUnmarked, lambda event: (of.threat(event.threat),)),
            # Remediation
            _row(
                ResponseChosen,
                lambda event: (of.response(event.response.threat),),
                builds_on=lambda event: (of.thing(event.response.threat),),
                decides=True,
            ),
            _row(ResponseCleared, lambda event: (of.response(event.threat),), decides=True),
            _row(
                AcceptanceProposed,
                lambda event: (of.response(event.proposal.threat),),
                builds_on=lambda event: (of.thing(event.proposal.threat),),
                decides=True,
            ),
            _row(ApprovalReassigned, lambda event: (of.response(event.threat),)),
            _row(AcceptanceWithdrawn, lambda event: (of.response(event.threat),), decides=True),
            _row(AcceptanceApproved, lambda event: (of.response(event.acceptance.threat),), decides=True),
            _row(AcceptanceDeclined, lambda event: (of.response(event.threat),), decides=True),
            _row(
                MitigationPlanned,
                lambda event: (of.mitigation(event.mitigation.id),),
                # A plan continues from the decision to mitigate.
                builds_on=lambda event: (
                    of.thing(event.mitigation.threat),
                    of.response(event.mitigation.threat),
                ),
            ),
            _row(MitigationRevised, lambda event: (of.mitigation(event.mitigation.id),)),
            _row(MitigationRestored, lambda event: (of.mitigation(event.mitigation.id),)),
            _row(MitigationReassigned, lambda event: (of.mitigation(event.mitigation),)),
            _row(MitigationRescheduled, lambda event: (of.mitigation(event.mitigation),)),
            _row(MitigationStarted, lambda event: (of.mitigation(event.mitigation),)),
            _row(MitigationImplemented, lambda event: (of.mitigation(event.mitigation),)),
            _row(MitigationVerified, lambda event: (of.mitigation(event.mitigation),), decides=True),
            _row(VerificationRefused, lambda event: (of.mitigation(event.mitigation),), decides=True),
            _row(MitigationDropped, lambda event: (of.mitigation(event.mitigation),), decides=True),
            _row(MitigationResumed, lambda event: (of.mitigation(event.mitigation),)),
            _row(MitigationRemoved, lambda event: (of.mitigation(event.mitigation),)),
            _row(NudgeSnoozed, touches=lambda event: (of.nudge(event.key),)),
            _row(RetrospectiveAnswered, lambda event: (of.retrospective(event.by),)),
        )
    )
)
"""Every event type. A test compares the keys with the union of events."""
