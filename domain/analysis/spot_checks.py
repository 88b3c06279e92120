"""Spot checks of answers that would hide the worst threats if wrong, and of verified mitigations."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from domain.analysis.rule_findings import RuleFindings
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind, SpotCheck, SpotChecks
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.persistent_maps import items_of, values_of
from domain.model import ThreatModel, id_order
from domain.model.mitigation_links import served_threats, with_current_state
from domain.rules.conditions import Asked
from domain.voting.scores import ranked_threats

_Picked = TypeVar("_Picked")


def pick_spot_checks(model: ThreatModel, found: RuleFindings, draw: int, at: datetime) -> SpotChecks:
    """Return the answers with most at stake and one drawn from the others; none for too small a team.

    A closed model is reviewed, with one answer: mitigations to verify again take the place of the others.
    """
    chosen: list[Asked] = []
    if len(team(model)) >= SMALLEST_TEAM:
        ordered = _most_at_stake_first(model, found)
        first, rest = ordered[:_BY_STAKE], ordered[_BY_STAKE:]
        chosen = ordered[:_IN_REVIEW] if model.closed_at else _with_one_of(first, rest, draw)
    return SpotChecks(picked=_assigned(model, chosen, draw), draw=draw, at=at)


def sample_verified(model: ThreatModel, draw: int) -> tuple[MitigationId, ...]:
    """Return the mitigations to verify again: of the worst threat, and a drawn one; none for a small team."""
    if len(team(model)) < SMALLEST_TEAM:
        return ()
    rank = {one.threat.id: place for place, one in enumerate(ranked_threats(model))}
    places = {
        one.id: min(rank[threat] for threat in served)
        for one in values_of(model.mitigations)
        if with_current_state(model, one).state is MitigationState.VERIFIED
        and (served := served_threats(model, one))
    }
    ordered = sorted(places, key=lambda one: (places[one], id_order(one)))
    return tuple(_with_one_of(ordered[:1], ordered[1:], draw))


def _with_one_of(chosen: Sequence[_Picked], others: Sequence[_Picked], draw: int) -> list[_Picked]:
    return [*chosen, *([others[draw % len(others)]] if others else [])]


def _most_at_stake_first(model: ThreatModel, found: RuleFindings) -> list[Asked]:
    stakes = stakes_of_answers(model, found)
    return sorted(stakes, key=lambda one: (-stakes[one], one))


def _assigned(model: ThreatModel, chosen: Sequence[Asked], draw: int) -> tuple[SpotCheck, ...]:
    """Return the checks, each for someone who did not state the answer, spread over the team."""
    people = sorted(team(model))
    load = dict.fromkeys(people, 0)
    picked: list[SpotCheck] = []
    for number, (element, fact) in enumerate(chosen):
        others = [one for one in people if one != model.bases[element, fact].by]
        turned = [*others[(draw + number) % len(others) :], *others[: (draw + number) % len(others)]]
        asked = min(turned, key=lambda one: load[one])
        load[asked] += 1
        answer = model.facts[element, fact]
        picked.append(SpotCheck(element=element, fact=fact, answer=answer, asked=asked))
    return tuple(picked)


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


def pending_checks(model: ThreatModel, found: RuleFindings) -> tuple[PendingCheck, ...]:
    """Return the answers to check before the next closing: those picked, and others for those that are void.

    A pick is void if the answer changed or its element was removed. Then, or if there were too few answers to
    pick from, the answer with most at stake takes its place: a change of an answer spares no one a check.
    """
    chosen = model.spot_checks
    if chosen is None:
        return ()
    done = checked_since_picked(model)
    left = [one for one in chosen.picked if _about(one) not in done and _stands(model, one)]
    missing = (_IN_REVIEW if model.review else _MOST) - len(done) - len(left)
    if missing > 0 and len(team(model)) >= SMALLEST_TEAM:
        known = {*done, *map(_about, left)}
        others = [one for one in _most_at_stake_first(model, found) if one not in known]
        left += _assigned(model, others[:missing], chosen.draw)
    return tuple(
        PendingCheck(
            element=one.element,
            fact=one.fact,
            answer=one.answer,
            asked=_someone_else(model, one),
            by=model.bases[_about(one)].by,
        )
        for one in left
    )


def _someone_else(model: ThreatModel, one: SpotCheck) -> PersonId:
    """Return who is asked: someone else if that person has stated the answer since."""
    others = (one.asked, *sorted(team(model)))
    return next((person for person in others if person != model.bases[_about(one)].by), one.asked)


def checked_since_picked(model: ThreatModel) -> frozenset[Asked]:
    """Return the answers that were checked since the last pick."""
    chosen = model.spot_checks
    checks = items_of(model.checks) if chosen else ()
    return frozenset(about for about, check in checks if chosen and check.at >= chosen.at)


def _about(one: SpotCheck) -> Asked:
    return one.element, one.fact


def _stands(model: ThreatModel, one: SpotCheck) -> bool:
    return one.element in model.elements and model.facts.get(_about(one)) is one.answer


def checks_for(pending: Iterable[PendingCheck], person: PersonId) -> tuple[PendingCheck, ...]:
    """Return the checks that a person may do, first those that they are asked about."""
    allowed = (one for one in pending if one.by != person)
    return tuple(sorted(allowed, key=lambda one: one.asked != person))


SMALLEST_TEAM = 3
"""People from which on answers are spot-checked: two would check each other."""
_BY_STAKE = 2
_MOST = 3
_IN_REVIEW = 1
