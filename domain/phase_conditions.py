"""Conditions for moving a threat model to the next phase, and for closing it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from domain.analysis.coverage import Coverage
from domain.analysis.model_analysis import analyze
from domain.analysis.rule_findings import RuleFindings, SuggestedThreat
from domain.analysis.spot_checks import SMALLEST_TEAM, lacks_spot_checks, pending_checks, team
from domain.dread.scoring import Band
from domain.kernel.closing import OverriddenCondition
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import ElementId
from domain.kernel.mitigation import MitigationId
from domain.kernel.persistent_maps import values_of
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.lifecycle import missing_for_analysis, missing_for_remediation
from domain.model import ThreatModel, id_order
from domain.model.crossings import Crossing
from domain.model.revised_elements import answers_to_restate
from domain.remediation.status import ThreatState, ThreatStatus, in_force, statuses
from domain.rules.conditions import Asked
from domain.screening.screened_facts import topic_statuses
from domain.voting.scores import bands_of, scores_of

TITLES = {
    "collected": "An asset, an entry point, a trust level and a data flow are recorded",
    "no_unknowns": "All questions about flows across trust boundaries are answered",
    "answers_restated": "Answers about revised elements are still true",
    "screening_confirmed": "Screened-out topics are confirmed by a second person",
    "suggested_threats_decided": "All suggested threats are confirmed or dismissed",
    "cells_decided": "All STRIDE cells on trust crossings are decided",
    "assumptions_confirmed": "All assumptions used instead of answers are confirmed",
    "answers_checked": "The answers picked for a spot check are checked",
    "votes_settled": "All voting rounds are closed",
    "threats_found": "At least one threat is recorded",
    "threats_scored": "All threats are scored",
    "responses_chosen": "All threats have a response, with owner and due date if high, critical or unscored",
    "acceptances_approved": "All accepted risks are approved and have not expired",
    "mitigations_on_time": "No mitigation of a high, critical or unscored threat is overdue",
}
"""The title of each condition, by id: the condition as it reads when it is met."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One condition for moving on, and whether it is met.

    `band` is that of the most severe threat that keeps it open; low, if it is about something else.
    """

    id: str
    met: bool
    text: str
    band: Band = Band.LOW


def conditions_before_analysis(model: ThreatModel) -> tuple[Condition, ...]:
    """Return the conditions between collection and analysis."""
    return (_collected(model),)


def conditions_before_remediation(model: ThreatModel) -> tuple[Condition, ...]:
    """Return the conditions between analysis and remediation."""
    return (
        _condition("threats_found", "No threat is recorded" if missing_for_remediation(model) else ""),
        _scored(model),
    )


def conditions(
    model: ThreatModel,
    crossing: dict[ElementId, Crossing],
    found: RuleFindings,
    grid: Coverage,
    status: dict[ThreatId, ThreatStatus],
) -> tuple[Condition, ...]:
    """Return the conditions before closing in working order; `found` holds what is undecided."""
    voting = [round.id for round in model.open_rounds()]
    unknown = sum(question.crossing for question in found.questions)
    assumed = len(relied_on(found))
    flows = count_phrase(len(crossing), "flow")
    return (
        _collected(model),
        _condition(
            "no_unknowns",
            _counted(unknown, "question", f"about the {flows} across trust boundaries", "unanswered"),
        ),
        *_restated(model),
        *_screening(model),
        _condition(
            "suggested_threats_decided",
            _counted(len(found.suggested_threats), "suggested threat", "", "undecided"),
        ),
        _condition(
            "cells_decided",
            _counted(grid.open_cells, "STRIDE cell", "on trust crossings", "undecided"),
            grid.assumed_cells,
        ),
        _condition(
            "assumptions_confirmed", _counted(assumed, "assumption", "used instead of answers", "unconfirmed")
        ),
        *_spot_checks(model, found),
        _condition("votes_settled", _listed("Voting rounds still open", voting)),
        _scored(model),
        *_of_remediation(model, status),
    )


def overrides_still_open(model: ThreatModel, now: datetime) -> tuple[OverriddenCondition, ...]:
    """Return the overrides whose condition is still open, in the order in which they were passed."""
    if not model.passed:
        return ()
    status = statuses(model, now, utc_zone)
    seen = analyze(model, in_force(model, status.values()))
    every = (
        *conditions_before_remediation(model),
        *conditions(model, seen.crossing, seen.found, seen.grid, status),
    )
    left = {condition.id for condition in every if not condition.met}
    return tuple(one for one in model.passed if one.override.condition in left)


def relied_on(found: RuleFindings) -> tuple[Asked, ...]:
    """Return the assumed facts that stand in for answers, each once."""
    return tuple(dict.fromkeys(one for verdict in found.verdicts for one in verdict.assumed))


def unscored(model: ThreatModel) -> tuple[ThreatId, ...]:
    """Return the threats without a score, ordered by id; each counts as critical until it is scored."""
    scored = scores_of(model)
    return tuple(sorted((id for id in model.threats if id not in scored), key=id_order))


def to_score(model: ThreatModel, confirmed: Iterable[SuggestedThreat]) -> tuple[ThreatId, ...]:
    """Return the threats to vote on: unscored ones, and in a review those that rest on a newer answer.

    `confirmed` are the suggested threats that became threats, as the rules yield them now. A review leaves
    out those that were unscored at the closing.
    """
    left = model.review.unscored if model.review else ()
    new = (one for one in unscored(model) if one not in left)
    return (*new, *_outdated_scores(model, confirmed))


def _outdated_scores(model: ThreatModel, confirmed: Iterable[SuggestedThreat]) -> Iterator[ThreatId]:
    """Yield the scored threats that rest on an answer given in the review, after their last vote began."""
    if model.review is None:
        return
    scores, voted = scores_of(model), dict[ThreatId, datetime]()
    for round in values_of(model.rounds):
        for ask in round.asks:
            voted[ask.threat] = max(voted.get(ask.threat, model.review.since), round.opened_at)
    answered = {one.id: [fact.basis.given_at for fact in one.facts if fact.basis] for one in confirmed}
    for id in sorted(scores.keys() & voted.keys(), key=id_order):
        known = (at for one in model.threats[id].suggested_threats for at in answered.get(one, ()))
        if any(at > voted[id] for at in known):
            yield id


def open_critical(model: ThreatModel, status: dict[ThreatId, ThreatStatus]) -> tuple[ThreatId, ...]:
    """Return the critical and unscored threats that still need work, ordered by id."""
    critical = _in_bands(model, (Band.CRITICAL,))
    return tuple(id for id, one in status.items() if id in critical and not one.state.over)


def _of_remediation(model: ThreatModel, status: dict[ThreatId, ThreatStatus]) -> tuple[Condition, ...]:
    bands = bands_of(model)
    grave = _in_bands(model, (Band.HIGH, Band.CRITICAL))
    unsettled = [
        id
        for id, one in status.items()
        if one.state.unanswered or (id in grave and not one.has_owner_and_date)
    ]
    unaccepted = [
        id for id, one in status.items() if one.state is ThreatState.EXPIRED or one.proposal is not None
    ]
    late: dict[MitigationId, ThreatId] = {
        tracked.mitigation.id: id
        for id, one in status.items()
        if id in grave
        for tracked in one.mitigations
        if tracked.overdue
    }
    return (
        _condition(
            "responses_chosen",
            _listed("Threats without a response, an owner or a due date", unsettled),
            band=_worst(bands, unsettled),
        ),
        _condition(
            "acceptances_approved",
            _listed("Unapproved or expired risk acceptances", unaccepted),
            band=_worst(bands, unaccepted),
        ),
        _condition(
            "mitigations_on_time",
            _listed("Overdue mitigations of high, critical or unscored threats", sorted(late, key=id_order)),
            band=_worst(bands, [*late.values()]),
        ),
    )


def _worst(bands: dict[ThreatId, Band], threats: Sequence[ThreatId]) -> Band:
    """Return the most severe band of some threats; one without a score counts as critical."""
    found = (bands.get(threat, Band.CRITICAL) for threat in threats)
    return max(found, key=lambda one: one.order, default=Band.LOW)


def _restated(model: ThreatModel) -> tuple[Condition, ...]:
    """Return the condition of the elements revised in a review, if any waits for a person."""
    left = tuple(answers_to_restate(model))
    return (_condition("answers_restated", _listed("Revised elements not reviewed", left)),) if left else ()


def _screening(model: ThreatModel) -> tuple[Condition, ...]:
    """Return the condition of the screening, if anything is screened out."""
    out = [status for status in topic_statuses(model) if status.screened_out]
    if not out:
        return ()
    left = [one.topic.label for one in out if one.unconfirmed or one.reopened_by]
    return (
        _condition(
            "screening_confirmed", _listed("Screened-out topics not confirmed by a second person", left)
        ),
    )


def _spot_checks(model: ThreatModel, found: RuleFindings) -> tuple[Condition, ...]:
    """Return the condition of the spot checks; none for a small team, and none without controls in place."""
    if model.spot_checks is None and not lacks_spot_checks(model, found):
        return ()
    pending = pending_checks(model, found)
    if not pending and len(team(model)) < SMALLEST_TEAM:
        return ()
    left = _counted(len(pending), "answer", "picked for a spot check", "unchecked")
    none = "" if model.spot_checks else "No answers are picked for a spot check; that begins with remediation"
    return (_condition("answers_checked", left or none),)


def _collected(model: ThreatModel) -> Condition:
    missing = missing_for_analysis(model)
    return _condition("collected", f"Missing: {', '.join(missing)}" if missing else "")


def _scored(model: ThreatModel) -> Condition:
    return _condition(
        "threats_scored", _listed("Threats without a score", unscored(model)), band=Band.CRITICAL
    )


def _in_bands(model: ThreatModel, bands: Iterable[Band]) -> frozenset[ThreatId]:
    """Return the threats of some bands, including unscored ones, which count as critical."""
    wanted = frozenset(bands)
    scored = {id for id, score in scores_of(model).items() if score.tally.band in wanted}
    return frozenset((*scored, *unscored(model)))


def _condition(id: str, still: str, assumed: int = 0, *, band: Band = Band.LOW) -> Condition:
    """Return a condition that is met unless it states what is `still` open, with how much is only assumed."""
    text = still or TITLES[id]
    return Condition(id=id, met=not still, text=f"{text} ({assumed} assumed)" if assumed else text, band=band)


def _counted(count: int, noun: str, which: str, state: str) -> str:
    """Return how many of something are undecided or unanswered; empty for none."""
    if not count:
        return ""
    words = (count_phrase(count, noun), which, "is" if count == 1 else "are", state)
    return " ".join(word for word in words if word)


def _listed(what: str, ids: Sequence[str]) -> str:
    """Return the ids of what is open after a heading; empty for none."""
    if not ids:
        return ""
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{what}: {', '.join(ids[:_NAMED])}{more}"


_NAMED = 12
"""The number of ids that a condition lists; the plan shows all."""
