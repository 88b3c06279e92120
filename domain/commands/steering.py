"""What one may ask about a threat model as a whole: its scope, its people, its phases."""

from datetime import date, datetime

from domain.commands.base_command import BaseCommand
from domain.dread.metrics import Discoverability
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.gate_overrides import GateReason
from domain.kernel.nudge_policy import NudgePolicy


class StartThreatModel(BaseCommand, frozen=True, kw_only=True, tag="StartThreatModel"):
    """Begin to model a system in a channel; the store hands out the key."""

    name: str
    channel: ChannelId
    facilitator: PersonId | None = None
    description: str = ""
    out_of_scope: str = ""
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False
    key: ModelKey = ModelKey("TM-0")


class ReviseScope(BaseCommand, frozen=True, kw_only=True, tag="ReviseScope"):
    """Say anew what the model is called, covers, leaves out, and until when answers are wanted."""

    name: str
    description: str = ""
    out_of_scope: str = ""
    answers_by: date | None = None


class ChooseParticipants(BaseCommand, frozen=True, kw_only=True, tag="ChooseParticipants"):
    """Say who may answer and vote; nobody named means all members of the channel."""

    participants: tuple[PersonId, ...] = ()


class ChooseTerms(BaseCommand, frozen=True, kw_only=True, tag="ChooseTerms"):
    """Say what rounds begin with, no quorum being the usual one, and how often owners are reminded."""

    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    nudges: NudgePolicy = NudgePolicy.USUAL


class HandOver(BaseCommand, frozen=True, kw_only=True, tag="HandOver"):
    """Make somebody else the facilitator."""

    facilitator: PersonId


class TakeOver(BaseCommand, frozen=True, kw_only=True, tag="TakeOver"):
    """Become the facilitator oneself."""


class AllowSharing(BaseCommand, frozen=True, kw_only=True, tag="AllowSharing"):
    """Let the model be shown in a channel that other organisations share.

    Who may give this is not the model's to know: an administrator of the workspace.
    """


class ForbidSharing(BaseCommand, frozen=True, kw_only=True, tag="ForbidSharing"):
    """Do not let the model be shown to other organisations any more."""


class FollowChannel(BaseCommand, frozen=True, kw_only=True, tag="FollowChannel"):
    """Live on in a channel whose id has changed: what Slack says, in the name of the system."""

    channel: ChannelId


class BeginAnalysis(BaseCommand, frozen=True, kw_only=True, tag="BeginAnalysis"):
    """Move on to what can go wrong; past an open gate only for a stated reason."""

    reason: str = ""
    reasons: tuple[GateReason, ...] = ()


class BeginRemediation(BaseCommand, frozen=True, kw_only=True, tag="BeginRemediation"):
    """Move on to what to do about it; past open gates only with a reason for each."""

    reason: str = ""
    reasons: tuple[GateReason, ...] = ()


class ReturnToCollection(BaseCommand, frozen=True, kw_only=True, tag="ReturnToCollection"):
    """Go back to collecting; nothing is lost."""

    reason: str = ""


class ReturnToAnalysis(BaseCommand, frozen=True, kw_only=True, tag="ReturnToAnalysis"):
    """Go back to analysing; nothing is lost."""

    reason: str = ""


class CloseThreatModel(BaseCommand, frozen=True, kw_only=True, tag="CloseThreatModel"):
    """End the work; past open gates only with a reason for each.

    With open critical threats it is proposed to a second person; `confirmer` is who is asked, if named.
    """

    reason: str = ""
    reasons: tuple[GateReason, ...] = ()
    confirmer: PersonId | None = None


class ConfirmClosing(BaseCommand, frozen=True, kw_only=True, tag="ConfirmClosing"):
    """Agree that the model is closed over open critical threats, as another person proposed.

    `proposed_at` is the moment of the proposal that was seen; None for whichever stands.
    """

    proposed_at: datetime | None = None


class DeclineClosing(BaseCommand, frozen=True, kw_only=True, tag="DeclineClosing"):
    """Do not agree that the model is closed."""

    reason: str = ""


class WithdrawClosing(BaseCommand, frozen=True, kw_only=True, tag="WithdrawClosing"):
    """No longer propose to close the model."""


class ReopenThreatModel(BaseCommand, frozen=True, kw_only=True, tag="ReopenThreatModel"):
    """Go on with a closed or archived model where it was left."""

    reason: str = ""


class ArchiveThreatModel(BaseCommand, frozen=True, kw_only=True, tag="ArchiveThreatModel"):
    """Put the model away; it can still be read."""

    reason: str = ""


PhaseMoveCommand = (
    BeginAnalysis
    | BeginRemediation
    | ReturnToCollection
    | ReturnToAnalysis
    | CloseThreatModel
    | ReopenThreatModel
    | ArchiveThreatModel
)
"""The commands that change the phase."""

ClosingCommand = ConfirmClosing | DeclineClosing | WithdrawClosing
"""The commands about a closing that waits for a second person."""

SteeringCommand = (
    StartThreatModel
    | ReviseScope
    | ChooseParticipants
    | ChooseTerms
    | HandOver
    | TakeOver
    | AllowSharing
    | ForbidSharing
    | FollowChannel
)
"""The commands about the model as a whole."""
