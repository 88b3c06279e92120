"""What happened to a threat model as a whole: its scope, its people, its phases."""

from datetime import date

from domain.events.base_event import BaseEvent
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.gate_overrides import ClosingProposal, GateOverride
from domain.kernel.voting_round import VotingTerms


class ThreatModelStarted(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelStarted"):
    """A team began to model a system in a channel; no participants means all of its members."""

    key: ModelKey
    name: str
    channel: ChannelId
    facilitator: PersonId
    description: str = ""
    out_of_scope: str = ""
    participants: tuple[PersonId, ...] = ()
    answers_by: date | None = None
    sharing_allowed: bool = False


class ScopeRevised(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ScopeRevised"):
    """What the model is called, what it covers and what it leaves out."""

    name: str
    description: str = ""
    out_of_scope: str = ""
    answers_by: date | None = None


class ParticipantsChosen(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ParticipantsChosen"):
    """Who may answer and vote; nobody named means all members of the channel."""

    participants: tuple[PersonId, ...] = ()


class TermsChosen(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="TermsChosen"):
    """What rounds of votes begin with from now on, and how often owners are reminded."""

    terms: VotingTerms


class FacilitatorChanged(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="FacilitatorChanged"):
    """Another person steers the model, by taking over or by being handed it."""

    facilitator: PersonId


class SharingAllowed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="SharingAllowed"):
    """The model may be shown in a channel that other organisations share."""


class SharingForbidden(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="SharingForbidden"):
    """The model may not be shown to other organisations (any more)."""


class ChannelFollowed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ChannelFollowed"):
    """The channel in which the model lives has another id."""

    channel: ChannelId


class PhaseMoved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="PhaseMoved"):
    """The team moved on or back; `overrides` are the gates that were open, each with its reason."""

    step: str
    reason: str = ""
    overrides: tuple[GateOverride, ...] = ()


class ThreatModelClosed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelClosed"):
    """The work is done; `overrides` are the gates left open, each with its reason.

    `proposed_by` is set where critical threats are left open: then the author is the one who confirmed it.
    """

    reason: str = ""
    overrides: tuple[GateOverride, ...] = ()
    proposed_by: PersonId | None = None


class ClosingProposed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ClosingProposed"):
    """A participant proposes to close the model over open critical threats; a second person must confirm."""

    proposal: ClosingProposal


class ClosingDeclined(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ClosingDeclined"):
    """A second person did not agree to close the model."""

    reason: str = ""


class ClosingWithdrawn(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ClosingWithdrawn"):
    """The proposer withdrew the proposal to close the model."""


class ThreatModelReopened(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelReopened"
):
    """A closed or archived model goes on in the step it was left in."""

    step: str
    reason: str = ""


class ThreatModelArchived(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="ThreatModelArchived"
):
    """The model is put away; it can still be read."""

    reason: str = ""


SteeringEvent = (
    ThreatModelStarted
    | ScopeRevised
    | ParticipantsChosen
    | TermsChosen
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
"""What was said about the model as a whole."""
