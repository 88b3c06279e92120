"""The review of suggested threats: which expert threat each one is, and whether it is worth keeping."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from domain.analysis.rule_findings import SuggestedThreat
from domain.kernel.elements import ElementId
from domain.model import ThreatModel
from tests.effort.described_systems import DescribedSystem, ReviewEntry
from tests.effort.team_knowledge import place_of, without_direction

if TYPE_CHECKING:
    from tests.effort.played_system import PlayedSystem

_FOLDER = Path(__file__).parent


class ReviewedSuggestedThreat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A suggested threat by rule and place, the expert threat that it is, and whether it is worth keeping.

    `loose` if it leads near the threat without stating it: then the threat has not come up by it. `doubt`
    says why another reviewer may decide otherwise.
    """

    suggested_threat: str
    keep: bool
    threat: str = ""
    loose: bool = False
    doubt: str = ""


@cache
def reviewed_suggested_threats(name: str) -> tuple[ReviewedSuggestedThreat, ...]:
    """Return the reviewed suggested threats in the file of this system."""
    path = _FOLDER / f"{name}_suggested_threats.toml"
    if not path.exists():
        return ()
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, tuple[ReviewedSuggestedThreat, ...]])[
        "suggested_threats"
    ]


class SuggestedThreatReview:
    """Matches suggested threats with the review of a system: as reviewed, else by weakness and place."""

    def __init__(self, system: DescribedSystem, reviewed: tuple[ReviewedSuggestedThreat, ...]) -> None:
        self._system = system
        self._reviewed: Mapping[str, ReviewedSuggestedThreat] = {
            one.suggested_threat: one for one in reviewed
        }
        self._entries: Mapping[str, ReviewEntry] = {one.threat: one for one in system.review}

    def reviewed(self, key: str) -> ReviewedSuggestedThreat | None:
        """Return what the review says of a suggested threat, if it was reviewed."""
        return self._reviewed.get(key)

    def threats(self, rule: str, cwe: tuple[int, ...], place: str, peer: str = "") -> list[ReviewEntry]:
        """Return the threats of the review that a rule at a place would be."""
        key = suggested_threat_key(rule, place, peer)
        known = self._reviewed.get(key)
        if known is not None:
            return [self._entries[known.threat]] if known.threat else []
        if key in self._entries:
            return [self._entries[key]]
        places = {place, without_direction(place)}
        return [one for one in self._system.review if places & set(one.at) and set(cwe) & set(one.cwe)]

    def states(self, model: ThreatModel, suggested_threat: SuggestedThreat) -> list[ReviewEntry]:
        """Return the threats of the review that a suggested threat states, and does not only lead near to."""
        known = self._reviewed.get(self.key(model, suggested_threat))
        return [] if known is not None and known.loose else self.of(model, suggested_threat)

    def of(self, model: ThreatModel, suggested_threat: SuggestedThreat) -> list[ReviewEntry]:
        """Return the threats of the review that a suggested threat is."""
        place, peer = self.places(model, suggested_threat)
        return self.threats(suggested_threat.rule.id, suggested_threat.rule.cwe, place, peer)

    def key(self, model: ThreatModel, suggested_threat: SuggestedThreat) -> str:
        """Return the rule and the place of a suggested threat, as the review names it."""
        return suggested_threat_key(suggested_threat.rule.id, *self.places(model, suggested_threat))

    def places(self, model: ThreatModel, suggested_threat: SuggestedThreat) -> tuple[str, str]:
        """Return the names of a suggested threat's element and of its peer."""
        place = place_of(self._system, model, suggested_threat.element)
        peer = ElementId(suggested_threat.peer)
        return place, place_of(self._system, model, peer) if suggested_threat.peer else ""

    def is_decided(self, model: ThreatModel, suggested_threat: SuggestedThreat) -> bool:
        """Return whether the review says anything of a suggested threat."""
        known = self._reviewed.get(self.key(model, suggested_threat))
        return known is not None or bool(self.of(model, suggested_threat))

    def keeps(self, play: "PlayedSystem", suggested_threat: SuggestedThreat) -> bool:
        """Return whether a suggested threat is worth keeping; one that follows from a wrong tick never is."""
        if any((fact.element, fact.fact) in play.knowledge.wrong for fact in suggested_threat.facts):
            return False
        known = self._reviewed.get(self.key(play.model, suggested_threat))
        if known is not None:
            return known.keep
        verdicts = {one.verdict for one in self.of(play.model, suggested_threat)}
        return bool(verdicts & {"must find", "may keep"})


def suggested_threat_key(rule: str, place: str, peer: str = "") -> str:
    """Return the name of a suggested threat in the review: `S05 Carrier webhook`, `X01 Portal · Prices`."""
    return f"{rule} {place} · {peer}" if peer else f"{rule} {place}"
