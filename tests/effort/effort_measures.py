"""Measures of a played system: how much the team had to do, and how much of what a reviewer finds came up."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from bot.slack.ui.modals.analysis.suggested_threats_page import suggestions
from domain.analysis.control_questions import rules_of_control
from domain.analysis.rule_findings import SuggestedThreat
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from tests.effort.decided_questions import DecidedQuestions
from tests.effort.described_systems import DescribedSystem
from tests.effort.played_system import PlayedSystem
from tests.effort.team_knowledge import place_of

_CWE = {rule.id: rule.cwe for rule in BUILT_IN.rules}


class ThreatRecall(msgspec.Struct, frozen=True, kw_only=True):
    """Expert threats whose control is missing: all, those that were suggested, those touched.

    `controlled` are threats of an expert whose control is in place or not known: a question may touch them,
    but no suggested threat states them before someone says that the control is missing.
    """

    expert: tuple[str, ...]
    came_up: tuple[str, ...]
    touched: tuple[str, ...]
    controlled: int
    controlled_touched: int
    may_keep: int
    may_keep_came_up: int


class AnswerSupport(msgspec.Struct, frozen=True, kw_only=True):
    """Recorded answers “yes” about controls, and those that the description does not support, slips aside."""

    recorded: int
    unsupported: tuple[str, ...]


class OrderQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How well their order agrees with an expert's severity, and what chance would give."""

    ndcg: float
    chance: float


class SuggestedThreatQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Suggested threats, how many are worth keeping, and those that are not or are doubtful."""

    suggested_threats: int
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


def recall(
    play: PlayedSystem, suggested: Sequence[SuggestedThreat], decided: DecidedQuestions
) -> ThreatRecall:
    """Return which threats of the review came up or were touched.

    A threat is touched by a question that was shown, or if what a line of the model states settles its rule.
    """
    model, review = play.model, play.review
    came_up = {entry.threat for threat in suggested for entry in review.states(model, threat)}
    near = {entry.threat for threat in suggested for entry in review.of(model, threat)}
    asked = [(rule, element) for (element, _), rules in decided.rules.items() for rule in rules]
    touched = near | {
        entry.threat
        for rule, element in (*asked, *play.register.question_counter.assumed)
        for entry in review.threats(rule, _CWE.get(rule, ()), place_of(play.system, model, element))
    }
    expert = [one.threat for one in play.system.review if one.verdict == "must find"]
    controlled = [
        one.threat
        for one in play.system.review
        if one.severity and one.verdict in ("ask about", "must not raise")
    ]
    kept = [one.threat for one in play.system.review if one.verdict == "may keep"]
    return ThreatRecall(
        expert=tuple(expert),
        came_up=_among(expert, came_up),
        touched=_among(expert, came_up | touched),
        controlled=len(controlled),
        controlled_touched=len(_among(controlled, touched)),
        may_keep=len(kept),
        may_keep_came_up=len(_among(kept, came_up)),
    )


def quality(play: PlayedSystem, suggested: Sequence[SuggestedThreat]) -> SuggestedThreatQuality:
    """Return how many suggested threats are worth keeping."""
    keys = {threat.id: play.review.key(play.model, threat) for threat in suggested}
    kept = [threat for threat in suggested if play.review.keeps(play, threat)]
    wrong = [threat for threat in suggested if follows_from_wrong_tick(play, threat)]
    others = [threat for threat in suggested if threat not in kept and threat not in wrong]
    reviewed = [(keys[one.id], play.review.reviewed(keys[one.id])) for one in kept]
    return SuggestedThreatQuality(
        suggested_threats=len(suggested),
        kept=len(kept),
        from_wrong_ticks=tuple(keys[one.id] for one in wrong),
        not_kept=tuple(keys[other.id] for other in others if play.review.is_decided(play.model, other)),
        unreviewed=tuple(keys[other.id] for other in others if not play.review.is_decided(play.model, other)),
        doubtful=tuple(key for key, known in reviewed if known and known.doubt),
        loose=tuple(key for key, known in reviewed if known and known.loose),
    )


def support(play: PlayedSystem) -> AnswerSupport:
    """Return how many answers “yes” about controls are recorded, and which of them nothing supports."""
    model, knowledge = play.model, play.knowledge
    recorded = [
        (element, fact)
        for (element, fact), answer in model.facts.items()
        if answer is Answer.YES and rules_of_control(model.catalog, fact)
    ]
    return AnswerSupport(
        recorded=len(recorded),
        unsupported=tuple(
            f"{fact} {play.place(element)}"
            for element, fact in recorded
            if knowledge.truth(model, element, fact) is not Answer.YES
            and (element, fact) not in knowledge.wrong
        ),
    )


def order(play: PlayedSystem) -> OrderQuality | None:
    """Compare the order of suggested threats with the severity of the threats that they state.

    Each group and each single suggested threat is one line; its gain is the highest severity among its
    threats. The discounted cumulative gain divides it by log2 of the place plus one, and is divided by that
    of the best order (Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS
    20, 2002).
    """
    if not any(one.severity for one in play.system.review):
        return None
    shown = [
        (one,) if isinstance(one, SuggestedThreat) else one.suggested_threats
        for one in suggestions(play.register)
    ]
    gains = [
        max((one.severity for each in line for one in play.review.states(play.model, each)), default=0)
        for line in shown
    ]
    return order_of(gains)


def order_of(gains: Sequence[int]) -> OrderQuality:
    """Return the normalized discounted cumulative gain of an order, and its mean over all orders."""
    discounts = [1 / math.log2(place + 1) for place in range(1, len(gains) + 1)]
    best = _discounted(sorted(gains, reverse=True), discounts)
    mean = sum(gains) / len(gains) * sum(discounts) if gains else 0
    if not best:
        return OrderQuality(ndcg=1, chance=1)
    return OrderQuality(ndcg=_discounted(gains, discounts) / best, chance=mean / best)


def _discounted(gains: Sequence[int], discounts: Sequence[float]) -> float:
    return sum(gain * discount for gain, discount in zip(gains, discounts, strict=True))


def follows_from_wrong_tick(play: PlayedSystem, threat: SuggestedThreat) -> bool:
    """Return whether one of the answers that make a suggested threat was ticked wrongly."""
    return any((fact.element, fact.fact) in play.knowledge.wrong for fact in threat.facts)


def _among(wanted: Iterable[str], found: set[str]) -> tuple[str, ...]:
    return tuple(one for one in wanted if one in found)
