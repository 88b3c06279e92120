"""Control suggestions: the controls that rules name, and an action for each category that no rule covers."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from domain.catalog import Catalog
from domain.catalog.protocol_names import protocols_in
from domain.kernel.candidate_decisions import elements_of, rule_of
from domain.kernel.elements import DataFlow
from domain.kernel.length_limits import NAME
from domain.kernel.stride import ControlClass, Stride
from domain.kernel.threat import Threat
from domain.model import ThreatModel

CLASS_OF: dict[Stride, ControlClass] = dict(zip(Stride, ControlClass, strict=True))
"""The control class for each category."""

ACTIONS: Mapping[Stride, str] = MappingProxyType(
    {
        Stride.SPOOFING: "Verify identity before granting access",
        Stride.TAMPERING: "Allow only authorized changes, and detect others",
        Stride.REPUDIATION: "Record who did what, where they cannot change it",
        Stride.INFORMATION_DISCLOSURE: "Encrypt the data, and limit who can read it",
        Stride.DENIAL_OF_SERVICE: "Limit load, and prepare a fallback",
        Stride.ELEVATION_OF_PRIVILEGE: "Check permission for each action, and deny by default",
    }
)
"""What to do first against a threat that a person reported, by its category."""


class ControlSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A suggested control, with its class; `rule` is the rule that names it, if one does."""

    control: ControlClass
    text: str
    rule: str = ""


def control_class_of(catalog: Catalog, text: str) -> ControlClass | None:
    """Return the class of a suggested control; None if it is not one."""
    return _classes(catalog).get(text)


def suggest_controls(model: ThreatModel, threat: Threat) -> tuple[ControlSuggestion, ...]:
    """Return suggested controls for a threat: those its rules name, then an action for other categories."""
    found = {rule_of(candidate) for candidate in threat.candidates}
    rules = [rule for rule in model.catalog.rules if rule.id in found]
    named = (
        ControlSuggestion(control=control.control_class, text=control.text, rule=rule.id)
        for rule in rules
        for control in rule.controls_over(set(_protocols(model, threat, rule.id)))
    )
    reported = (one for one in threat.stride if one not in {rule.category for rule in rules})
    return (*named, *(ControlSuggestion(control=CLASS_OF[one], text=ACTIONS[one]) for one in reported))


def planned_controls(
    suggested: Iterable[tuple[Threat, tuple[ControlSuggestion, ...]]],
) -> list[tuple[ControlSuggestion, tuple[Threat, ...]]]:
    """Return the first suggested control of each threat with the threats that share it.

    Where no rule names it, the title of the threat says what it is for.
    """
    found: dict[tuple[ControlClass, str], list[Threat]] = {}
    first: dict[tuple[ControlClass, str], ControlSuggestion] = {}
    for threat, (control, *_) in suggested:
        if not control.rule:
            control = replace(control, text=f"{control.text}: {threat.title}"[:NAME])
        key = (control.control, control.text)
        first.setdefault(key, control)
        found.setdefault(key, []).append(threat)
    return [(first[key], tuple(group)) for key, group in found.items()]


def _protocols(model: ThreatModel, threat: Threat, rule: str) -> Iterator[str]:
    """Yield the protocols of the flows at which a rule found a threat."""
    for candidate in threat.candidates:
        for id in elements_of(candidate) if rule_of(candidate) == rule else ():
            flow = model.elements.get(id)
            if isinstance(flow, DataFlow):
                yield from (one.name for one in protocols_in(model.catalog, flow.protocol))


@lru_cache(maxsize=8)
def _classes(catalog: Catalog) -> dict[str, ControlClass]:
    return {ACTIONS[category]: CLASS_OF[category] for category in Stride} | {
        control.text: control.control_class for rule in catalog.rules for control in rule.controls
    }
