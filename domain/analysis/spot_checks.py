"""Spot checks: answers that would hide the worst threats if they were wrong, and who is asked about them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.analysis.rule_findings import RuleFindings
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind, SpotCheck, SpotChecks
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.rules.conditions import Asked


def pick_spot_checks(model: ThreatModel, found: RuleFindings, draw: int, at: datetime) -> SpotChecks | None:
    """Return the answers with most at stake and one drawn from the others; None for a team that is too small.

    Each is assigned to someone who did not state it, so that the checks are spread over the team.
    """
    people = sorted(team(model))
    if len(people) < SMALLEST_TEAM:
        return None
    stakes = stakes_of_answers(model, found)
    ordered = sorted(stakes, key=lambda one: (-stakes[one], one))
    first, rest = ordered[:_BY_STAKE], ordered[_BY_STAKE:]
    chosen = [*first, *([rest[draw % len(rest)]] if rest else [])]
    load = dict.fromkeys(people, 0)
    picked: list[SpotCheck] = []
    for number, (element, fact) in enumerate(chosen):
        others = [one for one in people if one != model.bases[element, fact].by]
        turned = [*others[(draw + number) % len(others) :], *others[: (draw + number) % len(others)]]
        asked = min(turned, key=lambda one: load[one])
        load[asked] += 1
        answer = model.facts[element, fact]
        picked.append(SpotCheck(element=element, fact=fact, answer=answer, asked=asked))
    return SpotChecks(picked=tuple(picked), draw=draw, at=at)


def stakes_of_answers(model: ThreatModel, found: RuleFindings) -> dict[Asked, float]:
    """Return what is at stake in each answer by which a control is in place, unless it is confirmed."""
    weights: dict[Asked, float] = {}
    for about, weight in _unconfirmed(model, found):
        weights[about] = max(weights.get(about, 0), weight)
    return weights


def _unconfirmed(model: ThreatModel, found: RuleFindings) -> Iterator[tuple[Asked, float]]:
    for control in found.controlled:
        for used in control.facts:
            about, basis = (used.element, used.fact), used.basis
            stated = used.answer is Answer.YES and about in model.bases
            if control.prevents and stated and basis and basis.kind is not BasisKind.CONFIRMED:
                yield about, control.stake.weight


def lacks_spot_checks(model: ThreatModel, found: RuleFindings) -> bool:
    """Return whether no answers are picked yet, although the team is large enough and some could be."""
    unpicked = model.spot_checks is None and len(team(model)) >= SMALLEST_TEAM
    return unpicked and next(_unconfirmed(model, found), None) is not None


def team(model: ThreatModel) -> frozenset[PersonId]:
    """Return the people who can be asked: the participants, else those who have taken part."""
    if model.participants:
        known = {model.facilitator, *model.participants}
    else:
        voters = {voter for round in values_of(model.rounds) for voter in round.voters}
        known = {model.facilitator, *voters, *(basis.by for basis in values_of(model.bases))}
    return frozenset(known - {SYSTEM})


class PendingCheck(SpotCheck, gc=False, frozen=True, kw_only=True):
    """A picked answer that is not checked yet, and who gave it."""

    by: PersonId


def pending_checks(model: ThreatModel) -> tuple[PendingCheck, ...]:
    """Return the picked answers that are not checked yet; one that changed meanwhile needs no check."""
    chosen = model.spot_checks
    if chosen is None:
        return ()
    return tuple(
        PendingCheck(
            element=one.element,
            fact=one.fact,
            answer=one.answer,
            asked=one.asked,
            by=model.bases[one.element, one.fact].by,
        )
        for one in chosen.picked
        if one.element in model.elements
        and model.facts.get((one.element, one.fact)) is one.answer
        and not _checked_since(model, one, chosen.at)
    )


def _checked_since(model: ThreatModel, one: SpotCheck, at: datetime) -> bool:
    check = model.checks.get((one.element, one.fact))
    return check is not None and check.at >= at


def checks_for(pending: Iterable[PendingCheck], person: PersonId) -> tuple[PendingCheck, ...]:
    """Return the checks that a person may do, first those that they are asked about."""
    allowed = (one for one in pending if one.by != person)
    return tuple(sorted(allowed, key=lambda one: one.asked != person))


SMALLEST_TEAM = 3
"""People from which on answers are spot-checked: two would check each other."""
_BY_STAKE = 2
