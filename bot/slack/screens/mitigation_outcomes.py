"""Outcomes of mitigations, in a sentence."""

from bot.slack.protocol.escaping import clip
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.person_names import Naming
from domain.remediation.status import TrackedMitigation

NO_LONGER_PLANNED = "The mitigation no longer exists."


def mitigation_outcome(tracked: TrackedMitigation, naming: Naming, *, whose: PersonId | None) -> str:
    """Return the outcome of a mitigation; empty while its owner still has to implement it."""
    one = tracked.mitigation
    by = f" by {naming(one.implemented_by)}" if one.implemented_by else ""
    match one.state:
        case MitigationState.IMPLEMENTED:
            return f"Implemented{by}. Someone else must verify it."
        case MitigationState.VERIFIED:
            return (
                f"Implemented{by} and verified{f' by {naming(one.verified_by)}' if one.verified_by else ''}."
            )
        case MitigationState.DROPPED:
            return f"Dropped: “{clip(one.reason, _REASON)}”" if one.reason else "Dropped."
        case MitigationState.PLANNED | MitigationState.STARTED:
            pass
    if tracked.orphan:
        return "The threat no longer exists."
    if whose is not None and one.owner is not None and one.owner != whose:
        return f"The owner is now {naming(one.owner)}."
    return ""


_REASON = 200
