"""Permissions: the facilitator steers, the participants answer."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
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
    MarkReferenceThreat,
    MitigationCommand,
    OpenRound,
    PhaseMoveCommand,
    ReassignApproval,
    SettleRound,
    SnoozeReminder,
    TakeMedians,
    UnmarkReferenceThreat,
)
from domain.decide.decision import Decision
from domain.dread.scoring import Band
from domain.kernel.due_dates import short_day
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.phase_conditions import Condition
from domain.rejections import AcceptedTooLong, NotAnApprover, NotAParticipant, NotTheFacilitator
from domain.remediation.suggestions import accepted_days
from domain.voting.scores import bands_of

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
        TakeMedians,
        MarkReferenceThreat,
        UnmarkReferenceThreat,
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
    return known is not None and person in known.owners


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
                *(owner for value in values_of(model.mitigations) for owner in value.owners),
                *(value.owner for value in values_of(model.responses)),
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


def check_accepted_days(threats: Sequence[ThreatId], decision: Decision, expires: date) -> None:
    """Raise Rejected if the policy does not let the risks be accepted until a day."""
    days, band = accepted_days(decision.model, threats)
    latest = decision.at.date() + timedelta(days=days)
    if expires > latest:
        raise AcceptedTooLong(band, days, short_day(latest))


def check_approver(
    threats: Sequence[ThreatId], approver: PersonId, model: ThreatModel, *, field: str | None = None
) -> None:
    """Raise Rejected if the policy names others who may approve the acceptance of threats."""
    bands = bands_of(model)
    for band in dict.fromkeys(bands.get(threat) for threat in threats):
        allowed = model.policy.of(band).approvers
        if allowed and approver not in allowed:
            raise NotAnApprover(band, allowed, field=field)


def first_approver(threat: ThreatId, proposer: PersonId, model: ThreatModel) -> PersonId | None:
    """Return the first approver whom the policy names for a threat, besides the proposer."""
    named = model.policy.of(bands_of(model).get(threat)).approvers
    return next((one for one in named if one != proposer), None)


def check_override(
    model: ThreatModel, checked: Iterable[Condition], approver: PersonId, *, field: str | None = None
) -> None:
    """Raise Rejected, naming who may, if the policy does not let a person pass the unmet conditions."""
    if approver == SYSTEM:
        return
    for condition in checked:
        allowed = () if condition.met else model.policy.of(condition.band).approvers
        if allowed and approver not in allowed:
            raise NotAnApprover(condition.band, allowed, field=field)


def may_override(model: ThreatModel, checked: Iterable[Condition], approver: PersonId) -> bool:
    """Return whether the policy lets a person pass the unmet conditions."""
    try:
        check_override(model, checked, approver)
    except NotAnApprover:
        return False
    return True
