"""The review of candidates: which expert threat each one is, and whether it is worth keeping."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from domain.analysis.rule_findings import Candidate
from domain.kernel.elements import ElementId
from domain.model import ThreatModel
from tests.effort.described_systems import DescribedSystem, ReviewEntry
from tests.effort.team_knowledge import place_of, without_direction

if TYPE_CHECKING:
    from tests.effort.played_system import PlayedSystem

_FOLDER = Path(__file__).parent


class ReviewedCandidate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A candidate as a rule and a place, the expert threat that it is, and whether it is worth keeping.

    `loose` if it leads near the threat without stating it: then the threat has not come up by it. `doubt`
    says why another reviewer may decide otherwise.
    """

    candidate: str
    keep: bool
    threat: str = ""
    loose: bool = False
    doubt: str = ""


@cache
def reviewed_candidates(name: str) -> tuple[ReviewedCandidate, ...]:
    """Return the reviewed candidates in the file of this system."""
    path = _FOLDER / f"{name}_candidates.toml"
    if not path.exists():
        return ()
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, tuple[ReviewedCandidate, ...]])["candidates"]


class CandidateReview:
    """Matches candidates with the review of a system: as reviewed, else by weakness and place."""

    def __init__(self, system: DescribedSystem, reviewed: tuple[ReviewedCandidate, ...]) -> None:
        self._system = system
        self._reviewed: Mapping[str, ReviewedCandidate] = {one.candidate: one for one in reviewed}
        self._entries: Mapping[str, ReviewEntry] = {one.threat: one for one in system.review}

    def reviewed(self, key: str) -> ReviewedCandidate | None:
        """Return what the review says of a candidate, if it was reviewed."""
        return self._reviewed.get(key)

    def threats(self, rule: str, cwe: tuple[int, ...], place: str, peer: str = "") -> list[ReviewEntry]:
        """Return the threats of the review that a rule at a place would be."""
        key = candidate_key(rule, place, peer)
        known = self._reviewed.get(key)
        if known is not None:
            return [self._entries[known.threat]] if known.threat else []
        if key in self._entries:
            return [self._entries[key]]
        places = {place, without_direction(place)}
        return [one for one in self._system.review if places & set(one.at) and set(cwe) & set(one.cwe)]

    def states(self, model: ThreatModel, candidate: Candidate) -> list[ReviewEntry]:
        """Return the threats of the review that a candidate states, and does not only lead near to."""
        known = self._reviewed.get(self.key(model, candidate))
        return [] if known is not None and known.loose else self.of(model, candidate)

    def of(self, model: ThreatModel, candidate: Candidate) -> list[ReviewEntry]:
        """Return the threats of the review that a candidate is."""
        place, peer = self.places(model, candidate)
        return self.threats(candidate.rule.id, candidate.rule.cwe, place, peer)

    def key(self, model: ThreatModel, candidate: Candidate) -> str:
        """Return the rule and the place of a candidate, as the review names it."""
        return candidate_key(candidate.rule.id, *self.places(model, candidate))

    def places(self, model: ThreatModel, candidate: Candidate) -> tuple[str, str]:
        """Return the names of a candidate's element and of its peer."""
        place = place_of(self._system, model, candidate.element)
        peer = ElementId(candidate.peer)
        return place, place_of(self._system, model, peer) if candidate.peer else ""

    def is_decided(self, model: ThreatModel, candidate: Candidate) -> bool:
        """Return whether the review says anything of a candidate."""
        known = self._reviewed.get(self.key(model, candidate))
        return known is not None or bool(self.of(model, candidate))

    def keeps(self, play: "PlayedSystem", candidate: Candidate) -> bool:
        """Return whether a candidate is worth keeping; one that follows from a wrong tick never is."""
        if any((fact.element, fact.fact) in play.knowledge.wrong for fact in candidate.facts):
            return False
        known = self._reviewed.get(self.key(play.model, candidate))
        if known is not None:
            return known.keep
        verdicts = {one.verdict for one in self.of(play.model, candidate)}
        return bool(verdicts & {"must find", "may keep"})


def candidate_key(rule: str, place: str, peer: str = "") -> str:
    """Return the name of a candidate in the review: `S05 Carrier webhook`, `X01 Portal · Prices`."""
    return f"{rule} {place} · {peer}" if peer else f"{rule} {place}"
