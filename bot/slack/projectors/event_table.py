"""Table of event effects: the projectors to run after each event."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from types import UnionType
from typing import Final, NamedTuple

from bot.slack.screens.handover_details import HandoverEvent
from domain import events as es
from domain.events import Erased, Event, RecordedEvent


class Projector(StrEnum):
    """Outputs that may change after an event; the value is the kind of work that checks them."""

    CARD = "card"
    """The model's card."""
    RESULTS = "results"
    """Immediate messages in the card's thread: results of rounds, gates, closings."""
    SUMMARIES = "summaries"
    """Summaries of work sessions in the card's thread."""
    INVITATIONS = "invitations"
    """Direct messages to voters about a round."""
    HANDOVERS = "handovers"
    """Direct messages about assignments and questions."""
    PROPOSALS = "proposals"
    """Direct messages about drafts of agents."""
    CLAIMS = "claims"
    """Direct messages about approvals in an imported file."""
    REMINDERS = "reminders"
    """Planned reminders."""
    SENT_REMINDERS = "sent-reminders"
    """Sent reminders, which show their outcome."""
    ROUNDS = "rounds"
    """The end of open rounds, and their deadlines."""
    ISSUES = "issues"
    """Issues of mitigations in a tracker."""
    HOMES = "homes"
    """Home tabs that were opened recently."""


_P = Projector

ALWAYS: Final = (_P.CARD, _P.SUMMARIES, _P.HANDOVERS, _P.REMINDERS, _P.SENT_REMINDERS, _P.HOMES)
"""After every event: the card's counts, the thread's summary, and people's open tasks."""

_OF_ROUNDS = (*ALWAYS, _P.INVITATIONS, _P.ROUNDS)
"""Outputs that also depend on voters, threats and the phase."""

_ALOUD = (*_OF_ROUNDS, _P.RESULTS)

_OF_THREATS = (*_OF_ROUNDS, _P.ISSUES)
"""Outputs that also show threats, or depend on whether there are any."""

CAUSES: Final[Mapping[type[Event], tuple[Projector, ...]]] = {
    # Collection: no effect on rounds or invitations.
    **dict.fromkeys(
        (
            es.ExternalDependencyAdded, es.ExternalDependencyRevised,
            es.EntryPointAdded, es.EntryPointRevised, es.AssetAdded, es.AssetRevised,
            es.TrustLevelAdded, es.TrustLevelRevised, es.TrustLevelsOrdered,
            es.DataFlowAdded, es.DataFlowRevised, es.ComponentAdded, es.ComponentRevised,
            es.TrustBoundaryAdded, es.TrustBoundaryRevised,
            es.AssumptionRecorded, es.AssumptionRevised, es.AssumptionWithdrawn, es.FactsAssumed,
            es.ElementsLinked, es.ElementsSeparated, es.LinkWithdrawn,
        ),
        ALWAYS,
    ),
    **dict.fromkeys((es.DraftSettled, es.DraftReopened), (*ALWAYS, _P.PROPOSALS)),
    # Analysis, and changes of the set of threats, which rounds vote on.
    **dict.fromkeys(
        (
            es.ElementRemoved, es.ElementRestored, es.FactAnswered, es.BulkAnswered,
            es.RegisterCompleted, es.RegisterReopened,
            es.CandidateConfirmed, es.CandidateDismissed, es.CandidateReopened,
            es.PlacesAdded, es.PlacesRemoved,
            es.RowConsidered, es.RowReopened, es.PersonAsked,
            es.ScreeningAnswered, es.ScreeningWithdrawn, es.ScreeningConfirmed,
        ),
        _OF_ROUNDS,
    ),
    **dict.fromkeys(
        (es.ThreatReported, es.ThreatRevised, es.ThreatWithdrawn, es.ThreatsMerged, es.ThreatsParted),
        _OF_THREATS,
    ),
    # Voting.
    **dict.fromkeys(
        (
            es.RoundOpened, es.BallotCast, es.RoundExtended, es.RoundFellShort, es.VoterLeft,
            es.YardstickMarked, es.YardstickUnmarked,
        ),
        _OF_ROUNDS,
    ),
    es.RoundClosed: (*_ALOUD, _P.ISSUES),
    es.BallotExplained: _ALOUD,
    # Remediation.
    **dict.fromkeys(
        (
            es.AcceptanceProposed, es.ApprovalReassigned, es.AcceptanceWithdrawn, es.AcceptanceDeclined,
            es.ReminderSnoozed, es.RetrospectiveAnswered,
        ),
        ALWAYS,
    ),
    **dict.fromkeys(
        (
            es.ResponseChosen, es.ResponseCleared, es.AcceptanceApproved,
            es.MitigationPlanned, es.MitigationRevised, es.MitigationLinked, es.MitigationUnlinked,
            es.MitigationReassigned, es.MitigationRescheduled, es.MitigationStarted,
            es.MitigationImplemented, es.MitigationVerified, es.VerificationRefused,
            es.MitigationDropped, es.MitigationResumed, es.MitigationRestored, es.MitigationRemoved,
            es.TrackerChosen, es.IssueLinked, es.IssueUnlinked, es.IssueRequested, es.IssueSeen,
            es.IssueProposalDismissed,
        ),
        (*ALWAYS, _P.ISSUES),
    ),
    # Steering: names, people and phases are shown everywhere.
    **dict.fromkeys(
        (
            es.ThreatModelStarted, es.ScopeRevised, es.LabelsChosen,
            es.ParticipantsChosen, es.TermsChosen, es.PolicyChosen,
            es.FacilitatorChanged, es.SharingAllowed, es.SharingForbidden, es.ChannelFollowed,
            es.ClosingDeclined, es.ClosingWithdrawn,
        ),
        _OF_ROUNDS,
    ),
    es.ThreatModelImported: (*_OF_ROUNDS, _P.CLAIMS),
    **dict.fromkeys(
        (es.WorkspaceSettingsApplied, es.ThreatModelReopened, es.ThreatModelArchived), _OF_THREATS
    ),
    **dict.fromkeys((es.PhaseMoved, es.ClosingProposed, es.ThreatModelClosed), _ALOUD),
}  # fmt: skip
"""Effects of each event type; a test fails if one is missing."""


class EditedSlots(NamedTuple):
    """Slots that a projector edits after every event: their kind, and the events that may add some."""

    kind: str
    added_by: type | UnionType | None = None


EDITED: Final[Mapping[Projector, EditedSlots]] = {
    _P.HANDOVERS: EditedSlots("handover", HandoverEvent),
    _P.SENT_REMINDERS: EditedSlots("reminder"),
    _P.HOMES: EditedSlots("home"),
}
"""Projectors that have nothing to do after most events unless there are slots of this kind.

Slots that other work adds meanwhile are shown as the model is then.
"""


def caused_by(
    events: Iterable[RecordedEvent], changeable: Collection[str] | None = None
) -> tuple[Projector, ...]:
    """Return the projectors to run after some events; all of them if an event was erased.

    `changeable` are the kinds of the slots that exist and are not final; projectors without such slots are
    left out if they would only edit them.
    """
    found: set[Projector] = set()
    for event in events:
        if isinstance(event, Erased):
            return tuple(Projector)
        found.update(one for one in CAUSES[type(event)] if _is_needed(one, event, changeable))
    return tuple(one for one in Projector if one in found)


def _is_needed(projector: Projector, event: Event, changeable: Collection[str] | None) -> bool:
    edited = EDITED.get(projector)
    if edited is None or changeable is None or edited.kind in changeable:
        return True
    return edited.added_by is not None and isinstance(event, edited.added_by)
