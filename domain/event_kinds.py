"""Event kinds: the subjects that each event type changes, touches and presupposes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar, get_args

import msgspec

from domain import events
from domain.kernel import event_subjects as of
from domain.kernel.candidate_decisions import elements_of
from domain.kernel.elements import SYSTEM, references
from domain.kernel.event_subjects import Subject
from domain.kernel.threat import elements_at

Lasting = (
    events.ThreatModelStarted
    | events.ThreatModelImported
    | events.FacilitatorChanged
    | events.ChannelFollowed
    | events.WorkspaceSettingsApplied
    | events.RoundOpened
    | events.BallotCast
    | events.RoundExtended
    | events.RoundFellShort
    | events.VoterLeft
    | events.RoundClosed
    | events.BallotExplained
    | events.PhaseMoved
    | events.ThreatModelClosed
    | events.ThreatModelReopened
    | events.ThreatModelArchived
)
"""Events that cannot be undone, because others continue from them: another command reverses them."""

_Subjects = Callable[[Any], Iterable[Subject]]
_E = TypeVar("_E", bound=events.Event)


class EventKind(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of one event type that other parts of the domain need."""

    changes: _Subjects
    """What may differ after it, for the report of changes since a day."""
    touches: _Subjects
    """What must not have been touched since by an event that still holds, if an answer is to be undone."""
    builds_on: _Subjects
    """What it presupposes besides: its addition can no longer be undone."""
    decides: bool
    """Whether it is a decision, which auditors want to read, rather than new information."""


def changed_subjects(event: events.Event) -> Iterable[Subject]:
    """Return the subjects that an event changes; none for a step within a round, or for a question."""
    return EVENT_KINDS[type(event)].changes(event)


def touched_subjects(event: events.Event) -> frozenset[Subject]:
    """Return the subjects that an event touches, to detect conflicts between answers."""
    return frozenset(EVENT_KINDS[type(event)].touches(event))


def presupposed_subjects(event: events.Event) -> frozenset[Subject]:
    """Return the subjects that an event presupposes besides those it touches."""
    return frozenset(EVENT_KINDS[type(event)].builds_on(event))


def is_decision(event: events.Event) -> bool:
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
) -> tuple[type[events.Event], EventKind]:
    """Return the row of an event type; by default it touches what it changes."""

    def as_changed(event: _E) -> Iterable[Subject]:
        return map(of.coarse, changes(event))

    return kind, EventKind(
        changes=changes, touches=touches or as_changed, builds_on=builds_on, decides=decides
    )


def _element(event: events.ElementAdded | events.ElementRevised) -> tuple[Subject]:
    return (of.element(events.described_element(event).id),)


def _named(event: events.ElementAdded | events.ElementRevised) -> Iterable[Subject]:
    return map(of.thing, references(events.described_element(event)))


def _places(
    event: events.ThreatReported
    | events.ThreatRevised
    | events.CandidateConfirmed
    | events.PlacesAdded
    | events.PlacesRemoved,
) -> Iterable[Subject]:
    return (of.thing(one) for place in event.threat.places for one in elements_at(place))


_Linking = events.ElementsLinked | events.ElementsSeparated | events.LinkWithdrawn


def _link(event: _Linking) -> tuple[Subject]:
    return (of.link(event.dependency, event.component),)


def _linked_elements(event: _Linking) -> tuple[Subject, ...]:
    return (of.thing(event.dependency), of.thing(event.component))


def _both(event: events.ThreatsMerged | events.ThreatsParted) -> tuple[Subject, ...]:
    threats = (event.kept.id, event.merged)
    return (*map(of.threat, threats), *map(of.response, threats))


def _both_threats(event: events.ThreatsMerged | events.ThreatsParted) -> tuple[Subject, ...]:
    return (of.thing(event.kept.id), of.thing(event.merged))


def _mitigated(threats: Iterable[str]) -> Iterator[Subject]:
    for one in threats:
        yield of.thing(one)
        yield of.response(one)


def _links(mitigation: str, threats: Iterable[str]) -> Iterator[Subject]:
    return (of.mitigated(mitigation, one) for one in threats)


_IssueEvent = events.IssueLinked | events.IssueUnlinked | events.IssueRequested | events.IssueSeen


def _issue(event: _IssueEvent) -> tuple[Subject]:
    return (of.issue(event.mitigation),)


def _issue_of_a_person(event: _IssueEvent) -> Iterable[Subject]:
    return () if event.by == SYSTEM else _issue(event)


EVENT_KINDS: Final[Mapping[type[events.Event], EventKind]] = MappingProxyType(
    dict(
        (
            # Steering
            _row(
                events.ThreatModelStarted,
                lambda _: (of.SCOPE, of.PHASE, of.SHARING, of.CHANNEL, of.FACILITATOR, of.PARTICIPANTS),
                touches=_nothing,
                decides=True,
            ),
            _row(
                events.ThreatModelImported,
                lambda _: (of.PHASE, of.FACILITATOR),
                touches=_nothing,
                decides=True,
            ),
            _row(events.ScopeRevised, lambda _: (of.SCOPE,)),
            _row(events.ParticipantsChosen, lambda _: (of.PARTICIPANTS,)),
            _row(events.LabelsChosen, lambda _: (of.LABELS,)),
            _row(events.TermsChosen, lambda _: (of.TERMS,)),
            _row(events.PolicyChosen, lambda _: (of.POLICY,), decides=True),
            _row(
                events.WorkspaceSettingsApplied,
                lambda _: (of.POLICY, of.TERMS),
                # It concerns only what the model inherits, so what people chose for it can still be undone.
                touches=_nothing,
                decides=True,
            ),
            _row(events.FacilitatorChanged, lambda _: (of.FACILITATOR,), touches=_nothing, decides=True),
            _row(events.SharingAllowed, lambda _: (of.SHARING,), decides=True),
            _row(events.SharingForbidden, lambda _: (of.SHARING,), decides=True),
            _row(events.ChannelFollowed, lambda _: (of.CHANNEL,), touches=_nothing),
            _row(events.PhaseMoved, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(events.ThreatModelClosed, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(events.ThreatModelReopened, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(events.ThreatModelArchived, lambda _: (of.PHASE,), touches=_nothing, decides=True),
            _row(events.ClosingProposed, lambda _: (of.CLOSING,), decides=True),
            _row(events.ClosingDeclined, lambda _: (of.CLOSING,), decides=True),
            _row(events.ClosingWithdrawn, lambda _: (of.CLOSING,), decides=True),
            # Collection
            *(
                _row(kind, _element, builds_on=_named)
                for kind in (*get_args(events.ElementAdded), *get_args(events.ElementRevised))
            ),
            _row(
                events.TrustLevelsOrdered,
                lambda _: (of.ORDER,),
                touches=lambda event: map(of.thing, event.order),
            ),
            _row(events.ElementRemoved, lambda event: (of.element(event.element),)),
            _row(events.ElementRestored, lambda event: (of.element(event.element),)),
            _row(events.FactAnswered, lambda event: (of.facts(event.element),)),
            _row(events.FactsAssumed, lambda event: (of.assumed(event.element),)),
            _row(events.BulkAnswered, lambda event: map(of.facts, event.elements)),
            *(
                _row(kind, _link, builds_on=_linked_elements)
                for kind in (events.ElementsLinked, events.ElementsSeparated, events.LinkWithdrawn)
            ),
            _row(events.RegisterCompleted, lambda event: (of.complete(event.register),)),
            _row(events.RegisterReopened, lambda event: (of.complete(event.register),)),
            _row(events.AssumptionRecorded, lambda event: (of.assumption(event.assumption.id),)),
            _row(events.AssumptionRevised, lambda event: (of.assumption(event.assumption.id),)),
            _row(events.AssumptionWithdrawn, lambda event: (of.assumption(event.assumption),)),
            # Drafts
            _row(
                events.DraftSettled,
                touches=lambda event: (
                    of.source(one.key) for one in (*event.taken, *event.left, *event.gone, *event.kept)
                ),
                builds_on=lambda event: (of.thing(one.id) for one in event.taken),
                decides=True,
            ),
            _row(
                events.DraftReopened,
                touches=lambda event: (of.source(one.key) for one in (*event.restored, *event.released)),
                decides=True,
            ),
            # Analysis
            _row(events.ThreatReported, lambda event: (of.threat(event.threat.id),), builds_on=_places),
            _row(events.ThreatRevised, lambda event: (of.threat(event.threat.id),), builds_on=_places),
            _row(events.ThreatWithdrawn, lambda event: (of.threat(event.threat),), decides=True),
            _row(events.ThreatsMerged, _both, touches=_both_threats, decides=True),
            _row(events.ThreatsParted, _both, touches=_both_threats),
            _row(
                events.CandidateConfirmed,
                lambda event: (of.threat(event.threat.id), *map(of.candidate, event.candidates)),
                builds_on=_places,
                decides=True,
            ),
            _row(
                events.PlacesAdded,
                lambda event: (
                    of.threat(event.threat.id),
                    *(of.candidate(one.candidate) for one in event.places),
                ),
                builds_on=_places,
                decides=True,
            ),
            _row(
                events.PlacesRemoved,
                lambda event: (of.threat(event.threat.id), *map(of.candidate, event.candidates)),
                builds_on=_places,
                decides=True,
            ),
            _row(
                events.CandidateDismissed,
                lambda event: (of.candidate(one.candidate) for one in event.dismissals),
                builds_on=lambda event: (
                    of.thing(about) for one in event.dismissals for about in elements_of(one.candidate)
                ),
                decides=True,
            ),
            _row(events.CandidateReopened, lambda event: map(of.candidate, event.candidates), decides=True),
            _row(
                events.RowConsidered,
                lambda event: (of.row(event.consideration.element),),
                builds_on=lambda event: (of.thing(event.consideration.element),),
            ),
            _row(events.RowReopened, lambda event: (of.row(event.element),)),
            _row(
                events.PersonAsked,
                touches=lambda event: (of.question(event.fact, event.element),),
                builds_on=lambda event: (of.thing(event.element),),
            ),
            _row(
                events.ScreeningAnswered, lambda event: (of.screening(event.screening.topic),), decides=True
            ),
            _row(events.ScreeningWithdrawn, lambda event: (of.screening(event.topic),), decides=True),
            _row(events.ScreeningConfirmed, lambda event: map(of.screening, event.topics), decides=True),
            # Voting
            _row(
                events.RoundOpened, touches=lambda event: (of.thing(ask.threat) for ask in event.round.asks)
            ),
            _row(events.BallotCast, touches=lambda event: (of.thing(event.threat),)),
            _row(events.RoundExtended),
            _row(events.RoundFellShort),
            _row(events.VoterLeft),
            _row(events.RoundClosed, lambda event: map(of.score, event.threats), decides=True),
            _row(events.BallotExplained),
            _row(events.YardstickMarked, lambda event: (of.threat(event.threat),)),
            _row(events.YardstickUnmarked, lambda event: (of.threat(event.threat),)),
            # Remediation
            _row(
                events.ResponseChosen,
                lambda event: (of.response(event.response.threat),),
                builds_on=lambda event: (of.thing(event.response.threat),),
                decides=True,
            ),
            _row(events.ResponseCleared, lambda event: (of.response(event.threat),), decides=True),
            _row(
                events.AcceptanceProposed,
                lambda event: (of.response(event.proposal.threat),),
                builds_on=lambda event: (of.thing(event.proposal.threat),),
                decides=True,
            ),
            _row(events.ApprovalReassigned, lambda event: (of.response(event.threat),)),
            _row(events.AcceptanceWithdrawn, lambda event: (of.response(event.threat),), decides=True),
            _row(
                events.AcceptanceApproved, lambda event: (of.response(event.acceptance.threat),), decides=True
            ),
            _row(events.AcceptanceDeclined, lambda event: (of.response(event.threat),), decides=True),
            _row(
                events.MitigationPlanned,
                lambda event: (of.mitigation(event.mitigation.id),),
                # A plan continues from the decision to mitigate.
                builds_on=lambda event: _mitigated(event.mitigation.threats),
            ),
            _row(
                events.MitigationLinked,
                lambda event: (of.mitigation(event.mitigation),),
                # Another change of the mitigation does not keep a link from being undone.
                touches=lambda event: _links(event.mitigation, event.threats),
                builds_on=lambda event: (of.thing(event.mitigation), *_mitigated(event.threats)),
            ),
            _row(
                events.MitigationUnlinked,
                lambda event: (of.mitigation(event.mitigation),),
                touches=lambda event: (of.thing(event.mitigation), *_links(event.mitigation, event.threats)),
                decides=True,
            ),
            _row(events.MitigationRevised, lambda event: (of.mitigation(event.mitigation.id),)),
            _row(events.MitigationRestored, lambda event: (of.mitigation(event.mitigation.id),)),
            _row(events.MitigationReassigned, lambda event: (of.mitigation(event.mitigation),)),
            _row(events.MitigationRescheduled, lambda event: (of.mitigation(event.mitigation),)),
            _row(events.MitigationStarted, lambda event: (of.mitigation(event.mitigation),)),
            _row(events.MitigationImplemented, lambda event: (of.mitigation(event.mitigation),)),
            _row(
                events.MitigationVerified,
                lambda event: (of.mitigation(event.mitigation),),
                touches=lambda event: (
                    of.thing(event.mitigation),
                    *_links(event.mitigation, (one.threat for one in event.links)),
                ),
                decides=True,
            ),
            _row(events.VerificationRefused, lambda event: (of.mitigation(event.mitigation),), decides=True),
            _row(events.MitigationDropped, lambda event: (of.mitigation(event.mitigation),), decides=True),
            _row(events.MitigationResumed, lambda event: (of.mitigation(event.mitigation),)),
            _row(events.MitigationRemoved, lambda event: (of.mitigation(event.mitigation),)),
            # Trackers
            _row(events.TrackerChosen, lambda _: (of.TRACKER,), decides=True),
            # What the system finds in a tracker keeps no person from undoing their own answer.
            _row(events.IssueLinked, _issue, touches=_issue_of_a_person),
            _row(events.IssueUnlinked, _issue, touches=_issue_of_a_person),
            _row(events.IssueRequested, _issue),
            _row(events.IssueSeen, _issue, touches=_nothing),
            _row(
                events.IssueProposalDismissed,
                lambda event: (of.mitigation(event.mitigation),),
                decides=True,
            ),
            _row(events.ReminderSnoozed, touches=lambda event: (of.reminder(event.key),)),
            _row(events.RetrospectiveAnswered, lambda event: (of.retrospective(event.by),)),
        )
    )
)
"""Every event type. A test compares the keys with the union of events."""
