"""Who may ask for what: the facilitator steers, the participants answer."""

from typing import get_args

from domain.commands import (
    AllowSharing,
    CastBallot,
    ChooseParticipants,
    ChooseTerms,
    CloseRound,
    Command,
    ExplainBallot,
    ExtendRound,
    ForbidSharing,
    HandOver,
    LeaveRound,
    MarkYardstick,
    MitigationCommand,
    OpenRound,
    PhaseMoveCommand,
    ReassignApproval,
    SettleRound,
    SnoozeNudge,
    UnmarkYardstick,
)
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
"""The commands that only the facilitator may give; what the clock does is never refused here."""


ADMINISTRATORS: frozenset[type[Command]] = frozenset({AllowSharing, ForbidSharing})
"""The commands of the workspace's administrators, whom only Slack knows: whoever passes them on checks."""


def check_access(model: ThreatModel, command: Command) -> None:
    """Raise Rejected, naming whom to ask, where the asker may not do this."""
    if command.by in (SYSTEM, model.facilitator) or type(command) in ADMINISTRATORS:
        return
    if _is_their_own(model, command):
        return
    if not model.participates(command.by):
        raise NotAParticipant(model.facilitator)
    if type(command) in FACILITATORS:
        raise NotTheFacilitator(model.facilitator)


def owns(model: ThreatModel, mitigation: MitigationId, person: PersonId) -> bool:
    """Whether a mitigation is somebody's to see to; what there is none of is nobody's."""
    known = model.mitigations.get(mitigation)
    return known is not None and known.owner == person


def is_asked(model: ThreatModel, threat: ThreatId, person: PersonId) -> bool:
    """Whether a proposal to accept a threat waits for somebody by name."""
    proposal = model.proposals.get(threat)
    return proposal is not None and proposal.asked == person


def _is_their_own(model: ThreatModel, command: Command) -> bool:
    """Owners see to what they own, and who is asked says who else is, whether they take part or not.

    The panel of a round votes in it whether its members still are participants or not.
    """
    match command:
        case SnoozeNudge():
            owners = (
                *(one.owner for one in values_of(model.mitigations)),
                *(one.owner for one in values_of(model.responses)),
            )
            return command.by in owners
        case ReassignApproval():
            return is_asked(model, command.threat, command.by)
        case CastBallot() | ExplainBallot() | LeaveRound():
            one = model.rounds.get(command.round)
            return one is not None and command.by in one.voters
        case _ if isinstance(command, MitigationCommand):
            return owns(model, command.mitigation, command.by)
        case _:
            return False
