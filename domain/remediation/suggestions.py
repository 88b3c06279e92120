"""Suggested controls, actions, owners and due dates of mitigations."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from functools import lru_cache, partial
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from domain.catalog import Catalog
from domain.catalog.protocol_names import protocols_in
from domain.dread.scoring import Band
from domain.kernel.elements import DataFlow, PersonId
from domain.kernel.length_limits import NAME
from domain.kernel.mitigation import PlaceOwner
from domain.kernel.threat import (
    ControlClass,
    Stride,
    SuggestedThreatId,
    Threat,
    ThreatId,
    elements_at,
    elements_of,
    rule_of,
)
from domain.model import ThreatModel, id_order
from domain.model.component_owners import component_owner
from domain.model.element_labels import name_elements, name_of
from domain.model.mitigation_links import live_places
from domain.rules.conditions import failing_facts
from domain.rules.model_index import ModelIndex
from domain.rules.rule import Control, Rule
from domain.screening.screened_facts import with_screening
from domain.voting.scores import bands_of, scores_of

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
    """A suggested control, with its class; `rule` is the rule that names it, if one does.

    `places` are those at which it is missing, and `at` their names; both empty if it is missing at each.
    """

    control: ControlClass
    text: str
    rule: str = ""
    places: tuple[SuggestedThreatId, ...] = ()
    at: str = ""

    @property
    def title(self) -> str:
        """Return the title of its mitigation, which names the places unless it is for each."""
        return _titled(self.text, self.at)


def _titled(text: str, about: str) -> str:
    """Return a title that names what it is about, shortened if it is too long."""
    title = f"{text}: {about}" if about else text
    return title if len(title) <= NAME else f"{title[: NAME - 1]}…"


def control_class_of(catalog: Catalog, text: str) -> ControlClass | None:
    """Return the class of a suggested control by its title; None if it is not one."""
    classes = _classes(catalog)
    return classes.get(text) or classes.get(text.partition(": ")[0])


def suggest_controls(
    model: ThreatModel, threat: Threat, index: ModelIndex | None = None
) -> tuple[ControlSuggestion, ...]:
    """Return suggested controls for a threat: those its rules name, then an action for other categories."""
    found = {rule_of(suggested_threat) for suggested_threat in threat.suggested_threats}
    rules = [rule for rule in model.catalog.rules if rule.id in found]
    known = index or ModelIndex(with_screening(model))
    named = (control for rule in rules for control in _missing_controls(known, threat, rule))
    reported = (category for category in threat.stride if category not in {rule.category for rule in rules})
    return (*named, *(ControlSuggestion(control=CLASS_OF[one], text=ACTIONS[one]) for one in reported))


def _missing_controls(index: ModelIndex, threat: Threat, rule: Rule) -> Iterator[ControlSuggestion]:
    """Yield the controls of a rule that are missing at places of a threat, those missing at most first.

    All of them if the rule finds the threat at none any more.
    """
    protocols = set(_protocols(index.model, threat, rule.id))
    places = [place for place in threat.suggested_threats if rule_of(place) == rule.id]
    missing: dict[Control, list[SuggestedThreatId]] = {}
    for place in places:
        if failing := _failing_facts(index, rule, place):
            for control in rule.missing_controls(failing, protocols):
                missing.setdefault(control, []).append(place)
    listed = missing or dict.fromkeys(rule.controls_over(protocols), places)
    for control, some in sorted(listed.items(), key=lambda item: -len(item[1])):
        at = some if control.fact and len(some) < len(places) else ()
        elements = list(dict.fromkeys(elements_of(place)[0] for place in at))
        yield ControlSuggestion(
            control=control.control_class,
            text=control.text,
            rule=rule.id,
            places=tuple(at),
            at=name_elements(elements, partial(name_of, index.model)),
        )


def _failing_facts(index: ModelIndex, rule: Rule, place: SuggestedThreatId) -> Collection[str]:
    """Return the facts that make the control of a rule fail at a place, if the rule tells them apart."""
    element = index.model.elements.get(elements_of(place)[0])
    if element is None or not any(control.fact for control in rule.controls):
        return ()
    return failing_facts(rule.controlled, index.about(element))


def planned_controls(
    suggested: Iterable[tuple[Threat, tuple[ControlSuggestion, ...]]],
) -> list[tuple[ControlSuggestion, tuple[Threat, ...]]]:
    """Return the first suggested control of each threat with the threats that share it.

    Where that is missing at some places only, further controls follow until each of these has one. Where no
    rule names it, the title of the threat says what it is for.
    """
    found: dict[tuple[ControlClass, str], list[Threat]] = {}
    first: dict[tuple[ControlClass, str], ControlSuggestion] = {}
    for threat, controls in suggested:
        for control in _first_controls(controls):
            text = control.title if control.rule else _titled(control.text, threat.title)
            key = (control.control, text)
            first.setdefault(key, replace(control, text=text, at=""))
            found.setdefault(key, []).append(threat)
    return [(first[key], tuple(group)) for key, group in found.items()]


def _first_controls(controls: Sequence[ControlSuggestion]) -> Iterator[ControlSuggestion]:
    """Yield the first control; then those of the same rule for places at which none before is missing."""
    first, *others = controls
    yield first
    served = set(first.places)
    for control in others if first.places else ():
        if control.rule == first.rule and not served.issuperset(control.places):
            yield control
            served.update(control.places)


def _protocols(model: ThreatModel, threat: Threat, rule: str) -> Iterator[str]:
    """Yield the protocols of the flows at which a rule found a threat."""
    for suggested_threat in threat.suggested_threats:
        for id in elements_of(suggested_threat) if rule_of(suggested_threat) == rule else ():
            flow = model.elements.get(id)
            if isinstance(flow, DataFlow):
                yield from (protocol.name for protocol in protocols_in(model.catalog, flow.protocol))


@lru_cache(maxsize=8)
def _classes(catalog: Catalog) -> dict[str, ControlClass]:
    return {ACTIONS[category]: CLASS_OF[category] for category in Stride} | {
        control.text: control.control_class for rule in catalog.rules for control in rule.controls
    }


class MitigationSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The suggested controls, owner and due date of a mitigation; `owners` has those of all its places.

    The date follows from the policy for the band.
    `scored_on` is the day on which the round that scored the threat was closed; None without a score.
    """

    owner: PersonId | None = None
    owners: tuple[PersonId, ...] = ()
    days: int | None = None
    scored_on: date | None = None
    band: Band | None = None
    controls: tuple[ControlSuggestion, ...] = ()

    def due(self, today: date | None = None) -> date | None:
        """Return the suggested due date, if there is one; with `today`, at the earliest tomorrow.

        Without a score it is counted from today.
        """
        since = self.scored_on or today
        if self.days is None or since is None:
            return None
        due = since + timedelta(days=self.days)
        return due if today is None else max(due, today + timedelta(days=1))


def mitigation_suggestions(model: ThreatModel) -> dict[ThreatId, MitigationSuggestion]:
    """Return the suggestion for each threat, ordered by id."""
    scores, index = scores_of(model), ModelIndex(with_screening(model))
    found: dict[ThreatId, MitigationSuggestion] = {}
    for id in sorted(model.threats, key=id_order):
        score = scores.get(id)
        band = score.tally.band if score else None
        ending = model.rounds[score.round].ending if score else None
        owner = _component_owner(model, model.threats[id])
        places = (one.owner for one in place_owners(model, [model.threats[id]], owner))
        found[id] = MitigationSuggestion(
            owner=owner,
            owners=tuple(dict.fromkeys((*([owner] if owner else []), *places))),
            days=model.policy.of(band).due_days,
            scored_on=ending.at.astimezone(UTC).date() if ending else None,
            band=band,
            controls=suggest_controls(model, model.threats[id], index),
        )
    return found


def combined_suggestion(
    every: Iterable[MitigationSuggestion], today: date | None = None
) -> MitigationSuggestion:
    """Return the suggestion for a mitigation of several threats: the first owner, the earliest date."""
    listed = tuple(every)
    first = min(listed, key=lambda one: one.due(today) or date.max, default=MitigationSuggestion())
    owner = next((one.owner for one in listed if one.owner is not None), None)
    return replace(first, owner=owner)


def accepted_days(model: ThreatModel, threats: Iterable[ThreatId]) -> tuple[int, Band | None]:
    """Return for how many days the risks of some threats may be accepted, and the band that limits it."""
    bands = bands_of(model)
    limits = ((model.policy.of(bands.get(threat)).accepted_days, bands.get(threat)) for threat in threats)
    return min(limits, key=lambda limit: limit[0])


def place_owners(
    model: ThreatModel, threats: Iterable[Threat], owner: PersonId | None
) -> tuple[PlaceOwner, ...]:
    """Return the owners of the components at the places of threats, other than the owner of the whole."""
    places = dict.fromkeys(place for threat in threats for place in live_places(model, threat))
    found = ((place, component_owner(model, elements_at(place))) for place in places)
    return tuple(
        PlaceOwner(place=place, owner=person) for place, person in found if person and person != owner
    )


def _component_owner(model: ThreatModel, threat: Threat) -> PersonId | None:
    """Return the owner of the first component that a threat concerns and that has one."""
    places = [threat.element] if threat.element else []
    places += [
        element for suggested_threat in threat.suggested_threats for element in elements_of(suggested_threat)
    ]
    return component_owner(model, places)
