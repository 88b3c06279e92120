"""The step of its phase in which a threat model is, as it follows from its rounds and responses."""

from typing import Any

from msgspec.structs import replace

from domain.kernel.persistent_maps import values_of
from domain.model.threat_model import ThreatModel


def every_threat_has_a_response(model: ThreatModel) -> bool:
    """Whether there are threats, and for each it is settled what is done about it."""
    answered = {model.home_of(threat) for threat in model.responses}
    return bool(len(model.threats)) and all(threat in answered for threat in model.threats)


def with_threats(model: ThreatModel, **fields: Any) -> ThreatModel:
    """The model with other threats or responses, in the step that follows from them."""
    return with_step(replace(model, **fields), model.step)


def with_step(model: ThreatModel, step: str) -> ThreatModel:
    """The model in a step; its rounds say how far analysis is, its responses how far remediation is."""
    if step in _STEPS_OF_ANALYSIS:
        step = _STEPS_OF_ANALYSIS[any(one.ending is None for one in values_of(model.rounds))]
    elif step in _STEPS_OF_REMEDIATION:
        step = _STEPS_OF_REMEDIATION[every_threat_has_a_response(model)]
    return replace(model, step=step)


def step_position(step: str) -> int:
    """How far on the way from collecting to closing a step is."""
    return _WAY.get(step, 0)


_STEPS_OF_ANALYSIS = ("identifying", "voting")

_STEPS_OF_REMEDIATION = ("responding", "tracking")
_WAY = {"collection": 1, "identifying": 2, "voting": 2, "responding": 3, "tracking": 3, "closed": 4}
