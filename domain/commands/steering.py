"""Commands about a threat model as a whole: its scope, its people, its phases."""

from datetime import date, datetime

from domain.commands.base_command import BaseCommand
from domain.dread.metrics import Discoverability
from domain.dread.scoring import Band
from domain.kernel.closing import ConditionReason
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.inherited_settings import InheritedSettings, RemediationPolicy, ReminderFrequency
from domain.kernel.model_structure import ModelStructure


class StartThreatModel(BaseCommand, frozen=True, kw_only=True, tag="StartThreatModel"):
    """Start a threat model in a channel; the store assigns the key.

    With a `template`, it begins with the `structure` of that model, which the command handler loads.
    """

    name: str
    channel: ChannelId
    facilitator: PersonId | None = None
    description: str = ""
    out_of_scope: str = ""
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False
    key: ModelKey = ModelKey("TM-0")
    template: ModelKey | None = None
    structure: ModelStructure | None = None


class ReviseScope(BaseCommand, frozen=True, kw_only=True, tag="ReviseScope"):
    """Change the name, scope, exclusions and answer date of the model."""

    name: str
    description: str = ""
    out_of_scope: str = ""
    answers_by: date | None = None


class ChooseParticipants(BaseCommand, frozen=True, kw_only=True, tag="ChooseParticipants"):
    """Choose who may answer and vote; no names means all members of the channel."""

    participants: tuple[PersonId, ...] = ()


class ChooseLabels(BaseCommand, frozen=True, kw_only=True, tag="ChooseLabels"):
    """Choose the labels of the model, such as its team, its system or a regulation; none removes all."""

    labels: tuple[str, ...] = ()


class ChooseTerms(BaseCommand, frozen=True, kw_only=True, tag="ChooseTerms"):
    """Choose the defaults of new rounds and the frequency of reminders; no quorum means the default one.

    With `inherit_reminders`, the frequency is that of the workspace, whatever `reminders` says.
    """

    quorum: int | None = None
    discoverability: Discoverability = Discoverability.VOTED
    reminders: ReminderFrequency = ReminderFrequency.USUAL
    inherit_reminders: bool = False


class ChoosePolicy(BaseCommand, frozen=True, kw_only=True, tag="ChoosePolicy"):
    """Choose due dates, and the approval of accepted risks and overrides, by severity band.

    The bands in `own` keep these values, and so do those whose values change; the others are inherited from
    the workspace. Without it, the bands that were the model's own stay so.
    """

    policy: RemediationPolicy
    own: tuple[Band, ...] | None = None


class ApplyWorkspaceSettings(BaseCommand, frozen=True, kw_only=True, tag="ApplyWorkspaceSettings"):
    """Apply the workspace's settings of a version, which a person chose, where the model has no own ones."""

    version: int
    settings: InheritedSettings
    chosen_by: PersonId


class HandOver(BaseCommand, frozen=True, kw_only=True, tag="HandOver"):
    """Make another person the facilitator."""

    facilitator: PersonId


class TakeOver(BaseCommand, frozen=True, kw_only=True, tag="TakeOver"):
    """Become the facilitator."""


class AllowSharing(BaseCommand, frozen=True, kw_only=True, tag="AllowSharing"):
    """Allow the model to be shown in a channel shared with other organizations.

    The caller checks that the author is an administrator of the workspace; the model does not know it.
    """


class ForbidSharing(BaseCommand, frozen=True, kw_only=True, tag="ForbidSharing"):
    """Forbid showing the model to other organizations."""


class FollowChannel(BaseCommand, frozen=True, kw_only=True, tag="FollowChannel"):
    """Follow the model's channel to its new id, as reported by Slack."""

    channel: ChannelId


class _WithReason(BaseCommand, frozen=True, kw_only=True):
    reason: str = ""


class BeginAnalysis(_WithReason, frozen=True, kw_only=True, tag="BeginAnalysis"):
    """Move to the analysis phase; passing an unmet condition needs a reason."""

    reasons: tuple[ConditionReason, ...] = ()


class BeginRemediation(_WithReason, frozen=True, kw_only=True, tag="BeginRemediation"):
    """Move to the remediation phase; passing unmet conditions needs a reason for each.

    `draw` is a random number, which chooses one of the answers that are spot-checked.
    """

    reasons: tuple[ConditionReason, ...] = ()
    draw: int = 0


class ReturnToCollection(_WithReason, frozen=True, kw_only=True, tag="ReturnToCollection"):
    """Return to the collection phase; nothing is lost."""


class ReturnToAnalysis(_WithReason, frozen=True, kw_only=True, tag="ReturnToAnalysis"):
    """Return to the analysis phase; nothing is lost."""


class CloseThreatModel(_WithReason, frozen=True, kw_only=True, tag="CloseThreatModel"):
    """Close the model; passing unmet conditions needs a reason for each.

    With open critical threats, closing is proposed to a second person; `confirmer` is asked, if given. The
    next review is due on `review_on`, by default as the workspace proposes.
    """

    reasons: tuple[ConditionReason, ...] = ()
    confirmer: PersonId | None = None
    review_on: date | None = None


class ConfirmClosing(BaseCommand, frozen=True, kw_only=True, tag="ConfirmClosing"):
    """Confirm a closing over open critical threats that another person proposed.

    `proposed_at` is the time of the proposal that the author saw; None for the current one.
    """

    proposed_at: datetime | None = None


class DeclineClosing(_WithReason, frozen=True, kw_only=True, tag="DeclineClosing"):
    """Decline a proposed closing."""


class WithdrawClosing(BaseCommand, frozen=True, kw_only=True, tag="WithdrawClosing"):
    """Withdraw one's own proposal to close the model."""


class ReopenThreatModel(_WithReason, frozen=True, kw_only=True, tag="ReopenThreatModel"):
    """Reopen a closed or archived model in the step in which it was left; `draw` as for remediation."""

    draw: int = 0


class ArchiveThreatModel(_WithReason, frozen=True, kw_only=True, tag="ArchiveThreatModel"):
    """Archive the model; it can still be read."""


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
    | ChooseLabels
    | ChooseTerms
    | ChoosePolicy
    | ApplyWorkspaceSettings
    | HandOver
    | TakeOver
    | AllowSharing
    | ForbidSharing
    | FollowChannel
)
"""The commands about the model as a whole."""
