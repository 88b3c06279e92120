"""Events about a threat model as a whole: its scope, its people, its phases."""

from datetime import date

from domain.dread.scoring import Band
from domain.events.base_event import BaseEvent
from domain.kernel.answer_basis import SpotChecks
from domain.kernel.closing import ClosingProposal, ConditionOverride, Review
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.inherited_settings import InheritedSettings, RemediationPolicy
from domain.kernel.voting_round import VotingTerms


class ThreatModelStarted(BaseEvent, frozen=True, kw_only=True, tag="ThreatModelStarted"):
    """A threat model was started in a channel; no participants means all its members.

    With a `template`, the other events of the answer are the structure and the answers of that model.
    """

    key: ModelKey
    name: str
    channel: ChannelId
    facilitator: PersonId
    description: str = ""
    out_of_scope: str = ""
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False
    template: ModelKey | None = None


class ThreatModelImported(BaseEvent, frozen=True, kw_only=True, tag="ThreatModelImported"):
    """The events before this one are those of a file; the facilitator imported it and answers for them.

    They were not verified, unless the file is `sealed`: this installation exported it unchanged.
    """

    facilitator: PersonId
    sealed: bool = False


class ScopeRevised(BaseEvent, frozen=True, kw_only=True, tag="ScopeRevised"):
    """The name, scope or exclusions of the model were changed."""

    name: str
    description: str = ""
    out_of_scope: str = ""
    answers_by: date | None = None


class ParticipantsChosen(BaseEvent, frozen=True, kw_only=True, tag="ParticipantsChosen"):
    """The participants were chosen; none means all members of the channel."""

    participants: tuple[PersonId, ...] = ()


class LabelsChosen(BaseEvent, frozen=True, kw_only=True, tag="LabelsChosen"):
    """The labels of the model were chosen, by which the portfolio is filtered."""

    labels: tuple[str, ...] = ()


class TermsChosen(BaseEvent, frozen=True, kw_only=True, tag="TermsChosen"):
    """The defaults of new rounds and the frequency of reminders were chosen.

    `own_reminders` if the model no longer inherits the frequency; without it (before the workspace had
    settings), a frequency that differs from the one before is the model's own.
    """

    terms: VotingTerms
    own_reminders: bool | None = None


class PolicyChosen(BaseEvent, frozen=True, kw_only=True, tag="PolicyChosen"):
    """Due dates, and the approval of accepted risks and overrides, were chosen by severity band.

    The values of the bands in `own` are the model's own, the others are inherited from the workspace. Without
    it (before the workspace had settings), all of them are the model's own.
    """

    policy: RemediationPolicy
    own: tuple[Band, ...] | None = None


class WorkspaceSettingsApplied(BaseEvent, frozen=True, kw_only=True, tag="WorkspaceSettingsApplied"):
    """The settings of the workspace, at a version chosen by a person, apply to the model.

    They count where the model has no settings of its own.
    """

    version: int
    settings: InheritedSettings
    chosen_by: PersonId


class FacilitatorChanged(BaseEvent, frozen=True, kw_only=True, tag="FacilitatorChanged"):
    """Another person became the facilitator, by taking over or by handover."""

    facilitator: PersonId


class SharingAllowed(BaseEvent, frozen=True, kw_only=True, tag="SharingAllowed"):
    """The model may be shown in a channel shared with other organizations."""


class SharingForbidden(BaseEvent, frozen=True, kw_only=True, tag="SharingForbidden"):
    """The model may not be shown to other organizations."""


class ChannelFollowed(BaseEvent, frozen=True, kw_only=True, tag="ChannelFollowed"):
    """The channel of the model got another id."""

    channel: ChannelId


class PhaseMoved(BaseEvent, frozen=True, kw_only=True, tag="PhaseMoved"):
    """The model moved to another phase; `overrides` are the unmet conditions passed, with reasons.

    `spot_checks` are the answers that were picked for spot checks, if remediation began.
    """

    step: str
    reason: str = ""
    overrides: tuple[ConditionOverride, ...] = ()
    spot_checks: SpotChecks | None = None


class _WithReason(BaseEvent, frozen=True, kw_only=True):
    reason: str = ""


class ThreatModelClosed(_WithReason, frozen=True, kw_only=True, tag="ThreatModelClosed"):
    """The model was closed; `overrides` are the conditions left open, with reasons.

    `proposed_by` is set if critical threats are left open: the author is then the person who confirmed it.
    Without `review_on`, the next review is due after the default number of days.
    """

    overrides: tuple[ConditionOverride, ...] = ()
    proposed_by: PersonId | None = None
    review_on: date | None = None


class ClosingProposed(BaseEvent, frozen=True, kw_only=True, tag="ClosingProposed"):
    """A participant proposes to close the model over open critical threats; a second person must confirm."""

    proposal: ClosingProposal


class ClosingDeclined(_WithReason, frozen=True, kw_only=True, tag="ClosingDeclined"):
    """A second person did not agree to close the model."""


class ClosingWithdrawn(BaseEvent, frozen=True, kw_only=True, tag="ClosingWithdrawn"):
    """The proposer withdrew the proposal to close the model."""


class ThreatModelReopened(BaseEvent, frozen=True, kw_only=True, tag="ThreatModelReopened"):
    """A closed or archived model was reopened in the step in which it was left, with new `spot_checks`.

    A model that had been closed is in `review` until it is closed again.
    """

    step: str
    reason: str = ""
    spot_checks: SpotChecks | None = None
    review: Review | None = None


class ThreatModelArchived(_WithReason, frozen=True, kw_only=True, tag="ThreatModelArchived"):
    """The model was archived; it can still be read."""


SteeringEvent = (
    ThreatModelStarted
    | ThreatModelImported
    | ScopeRevised
    | ParticipantsChosen
    | LabelsChosen
    | TermsChosen
    | PolicyChosen
    | WorkspaceSettingsApplied
    | FacilitatorChanged
    | SharingAllowed
    | SharingForbidden
    | ChannelFollowed
    | PhaseMoved
    | ThreatModelClosed
    | ClosingProposed
    | ClosingDeclined
    | ClosingWithdrawn
    | ThreatModelReopened
    | ThreatModelArchived
)
"""Events about the model as a whole."""
