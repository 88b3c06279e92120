"""Permissions: the facilitator steers, the participants answer."""

from typing import get_args

from domain.commands import (
    AllowSharing,
    ApproveAcceptance,
    ApproveAcceptances,
    CastBallot,
    CastBallots,
    ChooseParticipants,
    ChoosePolicy,
    ChooseTerms,
    ChooseTracker,
    CloseRound,
    Command,
    ConfirmClosing,
    DeclineAcceptance,
    DeclineClosing,
    ExplainBallot,
    ExtendRound,
    ForbidSharing,
    HandOver,
    IssueCommand,
    LeaveRound,
    MarkYardstick,
    MitigationCommand,
    OpenRound,
    PhaseMoveCommand,
    ReassignApproval,
    SettleRound,
    SnoozeReminder,
    UnmarkYardstick,
)
from domain.dread.scoring import Band
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.rejections import NotAParticipant, NotTheFacilitator

FACILITATORS: frozenset[type[Command]] = frozenset(
    {
        ChooseParticipants,
        ChooseTerms,
        ChoosePolicy,
        ChooseTracker,
        HandOver,
        OpenRound,
        CloseRound,
        ExtendRound,
        SettleRound,
        MarkYardstick,
        UnmarkYardstick,
        *get_args(PhaseMoveCommand),
    }
)
"""The commands reserved for the facilitator; the system may give them as well."""


ADMINISTRATORS: frozenset[type[Command]] = frozenset({AllowSharing, ForbidSharing})
"""The commands reserved for workspace administrators; the caller checks that, as only Slack knows them."""


def check_access(model: ThreatModel, command: Command) -> None:
    """Raise Rejected, naming whom to ask, if the author may not give this command."""
    if command.by in (SYSTEM, model.facilitator) or type(command) in ADMINISTRATORS:
        return
    if _is_their_own(model, command):
        return
    if not model.participates(command.by):
        raise NotAParticipant(model.facilitator)
    if type(command) in FACILITATORS:
        raise NotTheFacilitator(model.facilitator)


def owns(model: ThreatModel, mitigation: MitigationId, person: PersonId) -> bool:
    """Return whether a person owns a mitigation; an unknown mitigation has no owner."""
    known = model.mitigations.get(mitigation)
    return known is not None and known.owner == person


def is_asked(model: ThreatModel, threat: ThreatId, person: PersonId) -> bool:
    """Return whether a person was asked by name to approve the acceptance of a threat."""
    proposal = model.proposals.get(threat)
    return proposal is not None and proposal.asked == person


def is_named_approver(model: ThreatModel, person: PersonId) -> bool:
    """Return whether the policy names a person as an approver, who need not be a participant."""
    return any(person in model.policy.of(band).approvers for band in Band)


def _is_their_own(model: ThreatModel, command: Command) -> bool:
    """Return whether a command concerns the author's own task, which they may do without being a participant.

    Owners track their mitigations, approvers reassign, the approvers of the policy answer, and the panel of a
    round votes.
    """
    match command:
        case SnoozeReminder():
            owners = (
                *(one.owner for one in values_of(model.mitigations)),
                *(one.owner for one in values_of(model.responses)),
            )
            return command.by in owners
        case ReassignApproval():
            return is_asked(model, command.threat, command.by)
        case (
            ApproveAcceptance()
            | ApproveAcceptances()
            | DeclineAcceptance()
            | ConfirmClosing()
            | DeclineClosing()
        ):
            return is_named_approver(model, command.by)
        case CastBallot() | CastBallots() | ExplainBallot() | LeaveRound():
            one = model.rounds.get(command.round)
            return one is not None and command.by in one.voters
        case _ if isinstance(command, MitigationCommand | IssueCommand):
            return owns(model, command.mitigation, command.by)
        case _:  # everything else is for participants
            return False
