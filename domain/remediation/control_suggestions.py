"""Which controls to look for: the class that answers each category, and what usually helps."""

import msgspec

from domain.kernel.decisions import rule_of
from domain.kernel.stride import ControlClass, Stride
from domain.kernel.threat import Threat
from domain.rules import RULES

CLASS_OF: dict[Stride, ControlClass] = dict(zip(Stride, ControlClass, strict=True))
"""The class of control that answers each category."""


class ControlSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A class of control to look for; `text` is a concrete control, and `rule` the one that names it."""

    control: ControlClass
    text: str = ""
    rule: str = ""


def control_class_of(text: str) -> ControlClass | None:
    """The class of the control that rules name so, None where none does."""
    return _CLASSES.get(text)


def suggest_controls(threat: Threat) -> tuple[ControlSuggestion, ...]:
    """What to look for against a threat: first what its rules name, then the classes of its categories."""
    rules = {rule_of(candidate) for candidate in threat.candidates}
    named = [
        ControlSuggestion(control=control.control_class, text=control.text, rule=rule.id)
        for rule in RULES
        if rule.id in rules
        for control in rule.controls
    ]
    classes = {one.control for one in named}
    by_category = [
        ControlSuggestion(control=CLASS_OF[category])
        for category in threat.stride
        if CLASS_OF[category] not in classes
    ]
    return (*named, *by_category)


_CLASSES = {control.text: control.control_class for rule in RULES for control in rule.controls}
