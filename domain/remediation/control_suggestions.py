"""Control suggestions: the control class for each category, and the controls that rules name."""

from collections.abc import Iterable

import msgspec

from domain.kernel.candidate_decisions import rule_of
from domain.kernel.length_limits import NAME
from domain.kernel.stride import ControlClass, Stride
from domain.kernel.threat import Threat
from domain.rules import RULES

CLASS_OF: dict[Stride, ControlClass] = dict(zip(Stride, ControlClass, strict=True))
"""The control class for each category."""


class ControlSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A suggested control class; `text` is a concrete control, `rule` the rule that names it."""

    control: ControlClass
    text: str = ""
    rule: str = ""


def control_class_of(text: str) -> ControlClass | None:
    """Return the class of a control that a rule names; None if no rule does."""
    return _CLASSES.get(text)


def suggest_controls(threat: Threat) -> tuple[ControlSuggestion, ...]:
    """Return suggested controls for a threat: first those its rules name, then its categories' classes."""
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


def planned_controls(threats: Iterable[Threat]) -> list[tuple[ControlSuggestion, tuple[Threat, ...]]]:
    """Return the first suggested control of each threat with the threats that share it.

    Where no rule names a control, it is the class that answers the threat's first category.
    """
    found: dict[tuple[ControlClass, str], list[Threat]] = {}
    first: dict[tuple[ControlClass, str], ControlSuggestion] = {}
    for threat in threats:
        control = suggest_controls(threat)[0]
        if not control.text:
            text = f"{control.control.capitalize()} against: {threat.title}"
            control = ControlSuggestion(control=control.control, text=text[:NAME])
        key = (control.control, control.text)
        first.setdefault(key, control)
        found.setdefault(key, []).append(threat)
    return [(first[key], tuple(group)) for key, group in found.items()]


_CLASSES = {control.text: control.control_class for rule in RULES for control in rule.controls}
