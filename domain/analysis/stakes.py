"""Stakes: what is most at stake comes first, in every list of findings, ballots and questions."""

import math
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    DataKind,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Outage,
    Rating,
)
from domain.kernel.threat import Threat, elements_of, rule_of
from domain.model.element_labels import name_of
from domain.rules.dependency_predicates import is_code
from domain.rules.flow_predicates import carries_code
from domain.rules.model_index import ModelIndex
from domain.rules.rule import IMPACT_OF_CATEGORY, Impact, Rule, ThreatSource


class Stake(msgspec.Struct, frozen=True, kw_only=True):
    """What is at stake if a threat is real: the product of its factors, and why they are high.

    `assets` is the rating of the most valuable asset reached, `exposure` says how many can attempt it,
    `opportunity` how little they need before, `impact` how far it leads, and `places` is the number of places
    with the same weakness. `needed` is what they need before, in words.
    """

    assets: float = 1
    exposure: float = 1
    opportunity: float = 1
    impact: float = 1
    places: int = 1
    reasons: tuple[str, ...] = ()
    needed: str = ""

    @property
    def weight(self) -> float:
        """Return the product, rounded so that equal stakes are equal.

        Ten places count twice, since one of them is enough for an attacker.
        """
        places = 1 + math.log10(self.places)
        return round(self.assets * self.exposure * self.opportunity * self.impact * places, 6)

    @property
    def words(self) -> tuple[str, ...]:
        """Return why it stands where it does: what is at stake, and what an attacker needs before."""
        at_stake = f"At stake: {', '.join(self.reasons)}" if self.reasons else ""
        return tuple(filter(None, (at_stake, f"Needs first: {self.needed}" if self.needed else "")))


def stake_of_places(stakes: Iterable[Stake]) -> Stake:
    """Return the stake of one weakness at several places: the highest, with their number."""
    every = tuple(stakes)
    return replace(max(every, key=lambda one: one.weight, default=Stake()), places=max(1, len(every)))


class Stakes:
    """What is at stake at the elements of one model, each judged once."""

    def __init__(self, survey: ModelIndex) -> None:
        self._survey = survey
        self._known: dict[ElementId, bool] = {}
        self._stakes: dict[tuple[Impact, ThreatSource, ElementId, str], Stake] = {}

    def of(self, rule: Rule, element: ElementId, peer: ElementId | str = "") -> Stake:
        """Return what is at stake if a rule holds at an element, or at an element and its peer."""
        return self.judge(rule.impact or IMPACT_OF_CATEGORY[rule.category], rule.source, element, peer)

    def judge(
        self, impact: Impact, source: ThreatSource, element: ElementId, peer: ElementId | str = ""
    ) -> Stake:
        """Return what is at stake in a threat with an impact, from a source, at an element and its peer."""
        judged = (impact, source, element, peer)
        known = self._stakes.get(judged)
        if known is None:
            known = self._stakes[judged] = self._judge(*judged)
        return known

    def _judge(self, impact: Impact, source: ThreatSource, element: ElementId, peer: str) -> Stake:
        touched = (ElementId(peer),) if peer in self._survey.assets else self._touched(element)
        rated = [(*self._value(self._survey.assets[one], impact), one) for one in touched]
        value, _, asset = max(rated, key=lambda one: one[:2], default=(_UNRATED, 0, None))
        exposure, reach = self._exposure(source, element)
        opportunity, needed = _NEEDED.get(source, (1, ""))
        valued = name_of(self._survey.model, asset) if asset and value >= Rating.HIGH.weight else ""
        return Stake(
            assets=value,
            exposure=exposure,
            opportunity=opportunity,
            impact=_IMPACTS[impact],
            reasons=tuple(filter(None, (reach, valued))),
            needed=needed,
        )

    def of_threat(self, threat: Threat) -> Stake:
        """Return what is at stake in a threat: by the rules that suggest it, else by its categories."""
        rules = self._survey.catalog.rules_by_id
        known = (
            (rules[rule_of(one)], elements_of(one))
            for one in threat.suggested_threats
            if rule_of(one) in rules
        )
        if stakes := [self.of(rule, *elements[:2]) for rule, elements in known if elements]:
            return stake_of_places(stakes)
        if threat.element is None:
            return Stake()
        impacts = (IMPACT_OF_CATEGORY[category] for category in threat.stride)
        judged = (self.judge(impact, ThreatSource.CALLER, threat.element) for impact in impacts)
        return max(judged, key=lambda one: one.weight, default=Stake())

    def at(self, element: ElementId) -> bool:
        """Return whether an element touches a high-rated asset or an exposed entry point."""
        known = self._known.get(element)
        if known is None:
            known = self._known[element] = self._matters(element)
        return known

    def exposed(self, element: ElementId) -> bool:
        """Return whether an element is an entry point that strangers may reach."""
        door = self._survey.entry_points.get(element)
        return door is not None and self._reach(door) in _STRANGERS

    def _touched(self, element: ElementId) -> tuple[ElementId, ...]:
        """Return the existing assets that a threat to an element may affect."""
        return tuple(one for one in self._survey.touched_by(element) if one in self._survey.assets)

    def _value(self, asset: Asset, impact: Impact) -> tuple[float, float]:
        """Return the rating of an asset in the qualities that an impact is about, and in all together."""
        rated = {quality: self._rating(asset, quality) or _UNRATED for quality in _FACTS}
        return max(rated[quality] for quality in _QUALITIES.get(impact, rated)), sum(rated.values())

    def _rating(self, asset: Asset, quality: str) -> int | None:
        rating: Rating | None = getattr(asset, quality)
        if rating is not None:
            return rating.weight
        if quality == "confidentiality" and asset.data is DataKind.CREDENTIAL:
            return Rating.HIGH.weight
        answer = self._answer(asset.id, _FACTS[quality])
        return {Answer.YES: Rating.HIGH.weight, Answer.NO: Rating.LOW.weight}.get(answer) if answer else None

    def _exposure(self, source: ThreatSource, element: ElementId) -> tuple[float, str]:
        """Return how many can attempt a threat, and how they reach it."""
        doors = list(self._doors(element))
        widest = max(doors, key=lambda one: _EXPOSURES[one], default=None)
        if element in self._survey.entry_points or source in _FROM_OUTSIDE:
            return (_EXPOSURES[widest], _REACH[widest]) if widest else (_UNRATED, "")
        return _SOURCES[source], ""

    def _doors(self, element: ElementId) -> Iterator[Exposure | None]:
        """Yield the exposure of each entry point through which an element is reached directly."""
        survey = self._survey
        if door := survey.entry_points.get(element):
            yield self._reach(door)
        elif flow := survey.flows.get(element):
            if flow.entry_point in survey.entry_points:
                yield self._reach(survey.entry_points[flow.entry_point])
        elif element in survey.assets:
            for holder in survey.holders[element]:
                yield from self._doors(holder)
        else:
            for door in survey.entry_points_to.get(element, ()):
                yield self._reach(door)

    def _reach(self, door: EntryPoint) -> Exposure | None:
        """Return the exposure of an entry point, as stated or answered; None if neither is known."""
        public = {Answer.YES: Exposure.INTERNET, Answer.NO: Exposure.INTERNAL}
        answer = self._answer(door.id, "public")
        return door.exposure or (public.get(answer) if answer else None)

    def _matters(self, id: ElementId) -> bool:
        survey = self._survey
        if any(self._high(survey.assets[one]) for one in self._touched(id)):
            return True
        match survey.model.elements.get(id):
            case EntryPoint():
                return self.exposed(id)
            case DataFlow() as flow:
                if carries_code(survey, flow):
                    return True
                return flow.entry_point is not None and self.at(flow.entry_point)
            case ExternalDependency() as dependency:
                return self._of_dependency(dependency)
            case Component() as component:
                category = survey.catalog.category_of(component.technology)
                if category is not None and category.key in _ON_THE_INTERNET and survey.handled_by.get(id):
                    return True
                return any(exposure in _STRANGERS for exposure in self._doors(id))
            case _:  # other elements are exposed nowhere
                return False

    def _of_dependency(self, one: ExternalDependency) -> bool:
        """Return whether the system stops without it, or its code may run inside the system.

        What no component of a system with software stands for, and is nothing else, is probably code.
        """
        if one.outage is Outage.STOPS or self._answer(one.id, "indispensable") is Answer.YES:
            return True
        ships_code = self._answer(one.id, "ships_code")
        if ships_code is Answer.NO or self._answer(one.id, "software") is Answer.NO:
            return False
        represented = any(one.id == other.id for other in self._survey.dependency_of.values())
        unplaced = bool(self._survey.digital) and not represented
        return ships_code is Answer.YES or is_code(one) or unplaced

    def _high(self, asset: Asset) -> bool:
        """Return whether an asset is rated high in any respect, or not rated at all."""
        known = {self._rating(asset, quality) for quality in _FACTS}
        return Rating.HIGH.weight in known or known == {None}

    def _answer(self, element: ElementId, fact: str) -> Answer | None:
        return self._survey.facts.get(element, {}).get(fact)


_STRANGERS = frozenset({Exposure.INTERNET, None})
"""Exposures by which strangers may reach an entry point."""
_ON_THE_INTERNET = frozenset({"object_store"})
"""Categories whose products have a public endpoint of their provider, also without an entry point."""
_FACTS = {
    "confidentiality": "confidential",
    "integrity": "integrity_critical",
    "availability": "availability_critical",
}
"""The qualities of an asset that are rated, each with the fact that is asked for without a rating."""
_QUALITIES = {
    Impact.ACCESS: ("confidentiality", "integrity"),
    Impact.ACTIONS: ("integrity",),
    Impact.CHANGES: ("integrity",),
    Impact.CORRUPTION: ("integrity",),
    Impact.DECISIONS: ("integrity",),
    Impact.DISCLOSURE: ("confidentiality",),
    Impact.DISCLOSURE_OR_CHANGES: ("confidentiality", "integrity"),
    Impact.OUTAGE: ("availability",),
}
"""The qualities that each impact is about; the others are about all."""
_IMPACTS = {
    Impact.ACCESS: 3,
    Impact.ACTIONS: 3,
    Impact.CHANGES: 2.5,
    Impact.CORRUPTION: 2,
    Impact.DECISIONS: 2,
    Impact.DISCLOSURE: 2.5,
    Impact.DISCLOSURE_OR_CHANGES: 3,
    Impact.EASIER_ATTACKS: 1,
    Impact.OUTAGE: 1.5,
    Impact.UNDETECTED_ATTACKS: 1,
    Impact.UNTRACEABLE_ACTIONS: 1,
}
"""How far each impact leads: control over an asset most, a better position for an attack least."""
_EXPOSURES: dict[Exposure | None, float] = {
    Exposure.INTERNET: 3,
    Exposure.PARTNER: 2,
    None: 2,
    Exposure.INTERNAL: 1.5,
    Exposure.LOCAL: 1,
}
_REACH = {
    Exposure.INTERNET: "public",
    Exposure.PARTNER: "open to partners",
    Exposure.INTERNAL: "",
    Exposure.LOCAL: "",
    None: "",
}
_FROM_OUTSIDE = frozenset(
    {ThreatSource.CALLER, ThreatSource.OTHER_SITE, ThreatSource.SENDER, ThreatSource.STRANGER}
)
"""Sources that need only reach an entry point."""
_SOURCES = {
    ThreatSource.SUPPLIER: 2,
    ThreatSource.NETWORK: 1.5,
    ThreatSource.INSIDER: 1.5,
    ThreatSource.INTRUDER: 1.5,
    ThreatSource.RECEIVER: 1,
    ThreatSource.FAILURE: 1,
    ThreatSource.OUTAGE: 1,
}
"""How many can be each other source, in the scale of the exposures."""
_NEEDED = {
    ThreatSource.OTHER_SITE: (0.73, "an action of a signed-in user"),
    ThreatSource.INSIDER: (0.73, "legitimate access"),
    ThreatSource.NETWORK: (0.57, "access to the network"),
    ThreatSource.INTRUDER: (0.57, "an earlier break-in or theft"),
}
"""What a source needs before, and how much less likely that makes a threat than one that needs nothing.

The numbers are ratios of weights in section 7.4 of the CVSS 3.1 specification: user interaction, required to
none (0.62 to 0.85); privileges required, low to none (0.62 to 0.85); attack complexity, high to low (0.44 to
0.77), which is that of attacks with a step outside the vulnerable component.
"""
_UNRATED = 2
