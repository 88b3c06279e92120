"""What was said about a model as a whole, in words."""

from typing import assert_never

from domain.events import (
    ChannelFollowed,
    FacilitatorChanged,
    ParticipantsChosen,
    PhaseMoved,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    Steered,
    TermsChosen,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
)
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.wording.phrases import because


def steering_words(event: Steered, before: ThreatModel) -> str:
    """What the author did, to be read after the author's name; `before` is the model until then."""
    match event:
        case ThreatModelStarted():
            other = "" if event.facilitator == event.by else f" with @{event.facilitator} as facilitator"
            return f"started “{event.name}” ({event.key}){other}"
        case ScopeRevised():
            return f"revised the scope of “{event.name}”"
        case ParticipantsChosen():
            people = ", ".join(f"@{person}" for person in event.participants)
            return f"chose the participants: {people or 'everybody in the channel'}"
        case TermsChosen():
            terms = event.terms
            quorum = f"a quorum of {terms.quorum}" if terms.quorum else "the usual quorum"
            chosen = f"chose what votes begin with: {quorum}, Discoverability {terms.discoverability.words}"
            changed = terms.nudges is not before.terms.nudges
            return f"{chosen}; owners are reminded {terms.nudges.words}" if changed else chosen
        case FacilitatorChanged():
            if event.facilitator == event.by:
                return "took over as facilitator"
            return f"made @{event.facilitator} the facilitator"
        case SharingAllowed():
            return "allowed the model to be shown in a channel shared with other organisations"
        case SharingForbidden():
            return "no longer allowed the model to be shown to other organisations"
        case ChannelFollowed():
            return "moved with the channel, which has another id in Slack now"
        case PhaseMoved():
            without = f", without {', '.join(event.missing)}" if event.missing else ""
            return f"moved to {phase_of(event.step)}{without}{because(event.reason)}"
        case ThreatModelClosed():
            return f"closed the threat model{because(event.reason)}"
        case ThreatModelReopened():
            return f"reopened the threat model{because(event.reason)}"
        case ThreatModelArchived():
            return f"archived the threat model{because(event.reason)}"
    assert_never(event)
