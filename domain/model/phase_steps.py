"""The step of a model within its phase, computed from its rounds and responses."""

from typing import Any

from msgspec.structs import replace

from domain.kernel.persistent_maps import values_of
from domain.model.threat_model import ThreatModel


def every_threat_has_a_response(model: ThreatModel) -> bool:
    """Return whether there are threats, and each has a response."""
    answered = {model.home_of(threat) for threat in model.responses}
    return bool(len(model.threats)) and all(threat in answered for threat in model.threats)


def with_threats(model: ThreatModel, **fields: Any) -> ThreatModel:
    """Return a model with changed fields, in the step that follows from its threats and responses."""
    return with_step(replace(model, **fields), model.step)


def with_step(model: ThreatModel, step: str) -> ThreatModel:
    """Return the model in a step, refined by its rounds in analysis and its responses in remediation."""
    if step in _STEPS_OF_ANALYSIS:
        step = _STEPS_OF_ANALYSIS[any(value.ending is None for value in values_of(model.rounds))]
    elif step in _STEPS_OF_REMEDIATION:
        step = _STEPS_OF_REMEDIATION[every_threat_has_a_response(model)]
    return replace(model, step=step)


def step_position(step: str) -> int:
    """Return the position of a step on the way from collection to closing."""
    return _WAY.get(step, 0)


_STEPS_OF_ANALYSIS = ("identifying", "voting")

_STEPS_OF_REMEDIATION = ("responding", "tracking")
_WAY = {"collection": 1, "identifying": 2, "voting": 2, "responding": 3, "tracking": 3, "closed": 4}
