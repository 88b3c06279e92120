"""Measures of a played system: how much the team had to do, and how much of what a reviewer finds came up."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.analysis.rule_findings import Candidate
from domain.built_in_catalog import BUILT_IN
from tests.effort.decided_questions import DecidedQuestions
from tests.effort.described_systems import DescribedSystem
from tests.effort.played_system import PlayedSystem
from tests.effort.team_knowledge import place_of

_CWE = {rule.id: rule.cwe for rule in BUILT_IN.rules}


class ThreatRecall(msgspec.Struct, frozen=True, kw_only=True):
    """Threats of a review that candidates state, that a question or a candidate touched, and the others."""

    expert: int
    came_up: tuple[str, ...]
    touched: tuple[str, ...]
    missed: tuple[str, ...]
    may_keep: int
    may_keep_came_up: int


class CandidateQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Candidates and how many are worth keeping, with those that are not and those that are doubtful."""

    candidates: int
    kept: int
    from_wrong_ticks: tuple[str, ...]
    not_kept: tuple[str, ...]
    unreviewed: tuple[str, ...]
    doubtful: tuple[str, ...]
    loose: tuple[str, ...]


def elements_asked_about(system: DescribedSystem) -> int:
    """Return the number of elements of the kinds that questions are about, as the description has them."""
    parts = (system.components, system.dependencies, system.entry_points, system.assets, system.flows)
    return sum(map(len, parts))


def recall(play: PlayedSystem, candidates: Sequence[Candidate], decided: DecidedQuestions) -> ThreatRecall:
    """Return which threats of the review came up or were touched by a question that was shown."""
    model, review = play.model, play.review
    came_up = {entry.threat for candidate in candidates for entry in review.states(model, candidate)}
    near = {entry.threat for candidate in candidates for entry in review.of(model, candidate)}
    touched = near | {
        entry.threat
        for (element, _), rules in decided.rules.items()
        for rule in rules
        for entry in review.threats(rule, _CWE.get(rule, ()), place_of(play.system, model, element))
    }
    expert = [one.threat for one in play.system.review if one.verdict == "must find"]
    kept = [one.threat for one in play.system.review if one.verdict == "may keep"]
    return ThreatRecall(
        expert=len(expert),
        came_up=_among(expert, came_up),
        touched=_among(expert, came_up | touched),
        missed=tuple(one for one in expert if one not in came_up | touched),
        may_keep=len(kept),
        may_keep_came_up=len(_among(kept, came_up)),
    )


def quality(play: PlayedSystem, candidates: Sequence[Candidate]) -> CandidateQuality:
    """Return how many candidates are worth keeping."""
    keys = {candidate.id: play.review.key(play.model, candidate) for candidate in candidates}
    kept = [candidate for candidate in candidates if play.review.keeps(play, candidate)]
    wrong = [candidate for candidate in candidates if follows_from_wrong_tick(play, candidate)]
    others = [candidate for candidate in candidates if candidate not in kept and candidate not in wrong]
    reviewed = [(keys[one.id], play.review.reviewed(keys[one.id])) for one in kept]
    return CandidateQuality(
        candidates=len(candidates),
        kept=len(kept),
        from_wrong_ticks=tuple(keys[one.id] for one in wrong),
        not_kept=tuple(keys[other.id] for other in others if play.review.is_decided(play.model, other)),
        unreviewed=tuple(keys[other.id] for other in others if not play.review.is_decided(play.model, other)),
        doubtful=tuple(key for key, known in reviewed if known and known.doubt),
        loose=tuple(key for key, known in reviewed if known and known.loose),
    )


def follows_from_wrong_tick(play: PlayedSystem, candidate: Candidate) -> bool:
    """Return whether one of the answers that make a candidate was ticked wrongly."""
    return any((fact.element, fact.fact) in play.knowledge.wrong for fact in candidate.facts)


def _among(wanted: Iterable[str], found: set[str]) -> tuple[str, ...]:
    return tuple(one for one in wanted if one in found)
