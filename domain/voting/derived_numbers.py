"""Numbers derived from the model for the metrics that a quick ballot leaves out.

They order threats of the same band and are shown as derived, without votes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from domain.dread.metrics import HIGHEST, Discoverability, Numbers
from domain.kernel.candidate_decisions import elements_of, rule_of
from domain.kernel.elements import ElementId
from domain.kernel.threat import Threat
from domain.kernel.voting_round import DerivedNumbers
from domain.model import ThreatModel
from domain.rules.model_index import ModelIndex

TIMING_DECIDES: Final = frozenset({"T11"})
"""Rules whose attack works only at the right moment; every other one can be repeated at will."""

REPRODUCIBILITY_BY_TIMING: Final = 5
"""Reproducibility of these: after several tries."""

TYPICAL_DISCOVERABILITY: Final[Mapping[str, int]] = {
    **dict.fromkeys(("I08", "E07", "E08"), 10),
    **dict.fromkeys(("S01", "S03", "S07", "S09", "T01", "T02", "T03", "T04", "T07", "T10", "I01"), 8),
    **dict.fromkeys(("D01", "D02", "D06", "E01", "E02", "E10"), 8),
    **dict.fromkeys(
        ("S06", "T08", "T09", "T11", "T12", "R01", "R02", "R03", "R04", "R05", "I02", "I03", "I04"), 3
    ),
    **dict.fromkeys(("I06", "I07", "D04", "D07", "E03", "E05", "E06"), 3),
}
"""How easily the weakness of a rule is found, by the anchors of the rubric: 10 in the page itself, 8 by a
scanner or in the documentation, 3 by long probing with an account."""

USUAL_DISCOVERABILITY: Final = 5
"""Discoverability of the other rules: a targeted tester finds it in days."""

ONE_ROLE, MOST_USERS = 5, 8
"""Anchors of Affected users: one role; most users. Everyone, or the administrators: the highest number."""


def can_be_derived(model: ThreatModel, threat: Threat) -> bool:
    """Return whether a threat has a rule and a place in the model."""
    return bool(threat.candidates) and any(place in model.elements for place in _places(threat))


def derived_numbers(
    model: ThreatModel, threats: Sequence[Threat], policy: Discoverability
) -> tuple[DerivedNumbers, ...]:
    """Return the derived numbers of threats with quick ballots."""
    if not threats:
        return ()
    index = ModelIndex(model)
    return tuple(
        DerivedNumbers(
            threat=threat.id,
            numbers=Numbers(
                reproducibility=_reproducibility(_rules(threat)),
                affected_users=_affected_users(index, _places(threat)),
                discoverability=_discoverability(_rules(threat), policy),
            ),
        )
        for threat in threats
    )


def _rules(threat: Threat) -> tuple[str, ...]:
    return tuple(rule_of(candidate) for candidate in threat.candidates)


def _places(threat: Threat) -> tuple[ElementId, ...]:
    named = (threat.element, *(place for one in threat.candidates for place in elements_of(one)))
    return tuple(dict.fromkeys(place for place in named if place is not None))


def _reproducibility(rules: Iterable[str]) -> int:
    """Return the number of the rule that is easiest to repeat."""
    is_timed = all(rule in TIMING_DECIDES for rule in rules)
    return REPRODUCIBILITY_BY_TIMING if is_timed else HIGHEST


def _discoverability(rules: Iterable[str], policy: Discoverability) -> int | None:
    match policy:
        case Discoverability.FIXED:
            return HIGHEST
        case Discoverability.LEFT_OUT:
            return None
        case Discoverability.VOTED:
            typical = (TYPICAL_DISCOVERABILITY.get(rule, USUAL_DISCOVERABILITY) for rule in rules)
            return max(typical, default=USUAL_DISCOVERABILITY)


def _affected_users(index: ModelIndex, places: Iterable[ElementId]) -> int:
    """Return whom the assets behind the places concern, by the trust levels that use them."""
    assets = {asset for place in places for asset in index.touched_by(place)}
    known = [index.assets[asset] for asset in assets if asset in index.assets]
    levels = {level for asset in known for level in (*asset.readers, *asset.writers) if level in index.levels}
    if not levels:
        return ONE_ROLE
    most_trusted = max(index.levels.values(), key=lambda level: level.rank).id
    if levels == {most_trusted} or len(levels) == len(index.levels):
        return HIGHEST
    return MOST_USERS if 2 * len(levels) > len(index.levels) else ONE_ROLE
