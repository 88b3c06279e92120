"""Content of issues: what a tracker shows of a mitigation, and nothing that the model keeps to itself."""

from collections.abc import Iterator
from typing import Final

from domain.kernel.mitigation import Mitigation, MitigationState
from domain.model import ThreatModel
from domain.model.mitigation_links import served_threats, with_current_state
from domain.register import ThreatRegister

REMOVED_LINE: Final = "No longer planned: the mitigation was removed from the threat model."
UNLINKED_LINE: Final = (
    "This issue is no longer linked to a mitigation of the threat model, and is not kept up to date."
)
MOVED_LINE: Final = (
    "The threat model no longer uses this project for its issues. This issue is not kept up to date."
)
ERASED_LINE: Final = "The threat model was deleted. This issue is no longer kept up to date."

_ORPHAN_LINE: Final = "The threats that it mitigates were withdrawn from the threat model."
_LONGEST: Final = 400
_MOST_THREATS: Final = 5


def status_lines(model: ThreatModel, mitigation: Mitigation) -> tuple[str, ...]:
    """Return what the issue says about the state of its mitigation; nothing while it is to be implemented."""
    match with_current_state(model, mitigation).state:
        case MitigationState.DROPPED:
            return ("Dropped in the threat model: it is no longer planned.",)
        case MitigationState.IMPLEMENTED:
            return ("Marked as implemented. Another person must verify it in the threat model.",)
        case MitigationState.VERIFIED:
            return ("Verified in the threat model.",)
        case MitigationState.PLANNED | MitigationState.STARTED:
            return () if served_threats(model, mitigation) else (_ORPHAN_LINE,)


def threat_lines(register: ThreatRegister, model: ThreatModel, mitigation: Mitigation) -> tuple[str, ...]:
    """Return what the issue says about the threats of its mitigation, where the model allows that."""
    return tuple(_shortened(one) for one in _threat_lines(register, model, mitigation))


def _threat_lines(register: ThreatRegister, model: ThreatModel, mitigation: Mitigation) -> Iterator[str]:
    if mitigation.description:
        yield mitigation.description
    if mitigation.reason and mitigation.state is MitigationState.DROPPED:
        yield f"Reason: {mitigation.reason}"
    served = served_threats(model, mitigation)
    ranked = {one.threat.id: one for one in register.ranked}
    for id in served[:_MOST_THREATS]:
        score = ranked[id].residual or ranked[id].score
        band = f" ({score.tally.band} risk)" if score else ""
        yield f"Threat {id}: {ranked[id].threat.title}{band}"
        yield from register.statements.get(id, ())
        response = model.responses.get(id)
        if response is not None and response.reason:
            yield f"Reason: {response.reason}"
    if len(served) > _MOST_THREATS:
        yield f"And {len(served) - _MOST_THREATS} more threats"


def _shortened(line: str) -> str:
    words = " ".join(line.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
