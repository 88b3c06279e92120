"""The one table of what each event causes: which projectors look at a model after it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from domain import events as es
from domain.events import Erased, Event, RecordedEvent


class Projector(StrEnum):
    """What may have to be shown differently; its value is the kind of work that finds out."""

    CARD = "card"
    """The model's card."""
    RESULTS = "results"
    """Messages in the card's thread that do not wait: results of rounds, gates, closings."""
    SUMMARIES = "summaries"
    """Messages in the card's thread that sum up work sessions."""
    INVITATIONS = "invitations"
    """Direct messages to voters about a round."""
    HANDOVERS = "handovers"
    """Direct messages to people who were assigned or asked something."""
    REMINDERS = "reminders"
    """When to remind whom."""
    SENT_REMINDERS = "sent-reminders"
    """Reminders that were sent: they show what was done since."""
    ROUNDS = "rounds"
    """Whether an open round is over, and when its deadline is."""
    HOMES = "homes"
    """Home tabs of everyone who looks at theirs."""


_P = Projector

ALWAYS: Final = (_P.CARD, _P.SUMMARIES, _P.HANDOVERS, _P.REMINDERS, _P.SENT_REMINDERS, _P.HOMES)
"""After every event: the card counts it, the thread sums it up, and people's open tasks follow from it."""

_OF_ROUNDS = (*ALWAYS, _P.INVITATIONS, _P.ROUNDS)
"""What also depends on voters, threats and the phase."""

_ALOUD = (*_OF_ROUNDS, _P.RESULTS)

CAUSES: Final[Mapping[type[Event], tuple[Projector, ...]]] = {
    # Collecting: nothing of it changes a round or an invitation.
    **dict.fromkeys(
        (
            es.ExternalDependencyAdded, es.ExternalDependencyRevised,
            es.EntryPointAdded, es.EntryPointRevised, es.AssetAdded, es.AssetRevised,
            es.TrustLevelAdded, es.TrustLevelRevised, es.TrustLevelsOrdered,
            es.DataFlowAdded, es.DataFlowRevised, es.ComponentAdded, es.ComponentRevised,
            es.TrustBoundaryAdded, es.TrustBoundaryRevised,
            es.AssumptionRecorded, es.AssumptionRevised, es.AssumptionWithdrawn,
        ),
        ALWAYS,
    ),
    # Analysis, and what changes which threats there are: the questions of a round.
    **dict.fromkeys(
        (
            es.ElementRemoved, es.ElementRestored, es.FactAnswered, es.RegisterCompleted, es.RegisterReopened,
            es.ThreatReported, es.ThreatRevised, es.ThreatWithdrawn, es.ThreatsMerged, es.ThreatsParted,
            es.CandidateConfirmed, es.CandidateDismissed, es.CandidateReopened,
            es.RowConsidered, es.RowReopened, es.PersonAsked,
        ),
        _OF_ROUNDS,
    ),
    # Voting.
    **dict.fromkeys(
        (
            es.RoundOpened, es.BallotCast, es.RoundExtended, es.RoundFellShort, es.VoterLeft,
            es.YardstickMarked, es.YardstickUnmarked,
        ),
        _OF_ROUNDS,
    ),
    **dict.fromkeys((es.RoundClosed, es.BallotExplained), _ALOUD),
    # Remediation.
    **dict.fromkeys(
        (
            es.ResponseChosen, es.ResponseCleared, es.AcceptanceProposed, es.ApprovalReassigned,
            es.AcceptanceWithdrawn, es.AcceptanceApproved, es.AcceptanceDeclined,
            es.MitigationPlanned, es.MitigationRevised, es.MitigationReassigned, es.MitigationRescheduled,
            es.MitigationStarted, es.MitigationImplemented, es.MitigationVerified, es.VerificationRefused,
            es.MitigationDropped, es.MitigationResumed, es.MitigationRestored, es.MitigationRemoved,
            es.NudgeSnoozed, es.RetrospectiveAnswered,
        ),
        ALWAYS,
    ),
    # Steering: names, people and phases show everywhere.
    **dict.fromkeys(
        (
            es.ThreatModelStarted, es.ScopeRevised, es.ParticipantsChosen, es.TermsChosen,
            es.FacilitatorChanged, es.SharingAllowed, es.SharingForbidden, es.ChannelFollowed,
            es.ClosingDeclined, es.ClosingWithdrawn, es.ThreatModelReopened, es.ThreatModelArchived,
        ),
        _OF_ROUNDS,
    ),
    **dict.fromkeys((es.PhaseMoved, es.ClosingProposed, es.ThreatModelClosed), _ALOUD),
}  # fmt: skip
"""A type of event that is missing here fails a test."""


def caused_by(events: Iterable[RecordedEvent]) -> tuple[Projector, ...]:
    """Return the projectors that look at a model after some events; all of them after an erased one."""
    found: set[Projector] = set()
    for event in events:
        found |= set(Projector) if isinstance(event, Erased) else set(CAUSES[type(event)])
    return tuple(one for one in Projector if one in found)
