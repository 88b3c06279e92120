"""Conditions for moving a threat model to the next phase, and for closing it."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.analysis.coverage import Coverage
from domain.analysis.rule_findings import RuleFindings
from domain.dread.scoring import Band
from domain.kernel.elements import ElementId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import ThreatId
from domain.lifecycle import missing_for_analysis, missing_for_remediation
from domain.model import ThreatModel, id_order
from domain.model.crossings import Crossing
from domain.remediation.status import ThreatState, ThreatStatus
from domain.rules.conditions import Asked
from domain.screening.screened_facts import topic_statuses
from domain.voting.scores import scores_of

TITLES = {
    "collected": "There is an asset, an entry point, a trust level and a data flow",
    "no_unknowns": "Every question about a flow that crosses a boundary is answered",
    "screening_confirmed": "Someone else has confirmed what was screened out",
    "candidates_decided": "Every candidate is confirmed or dismissed",
    "cells_decided": "Every cell of the coverage grid that a crossing flow makes matter is decided",
    "assumptions_confirmed": "Every assumption that stands in for an answer is confirmed",
    "votes_settled": "No threat is being voted on",
    "threats_found": "There is a threat",
    "threats_scored": "Every threat has a score",
    "responses_chosen": "Every threat has a response, with owner and date if high, critical or unscored",
    "acceptances_approved": "Every accepted risk has an approver, a reason and a day that is still to come",
    "mitigations_on_time": "No mitigation of a high, critical or unscored threat is overdue",
}
"""The title of each gate, by id."""


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One condition for moving on, and whether it is met."""

    id: str
    met: bool
    text: str


def gates_before_analysis(model: ThreatModel) -> tuple[Gate, ...]:
    """Return the gates between collection and analysis."""
    return (_collected(model),)


def gates_before_remediation(model: ThreatModel) -> tuple[Gate, ...]:
    """Return the gates between analysis and remediation."""
    return (_gate("threats_found", "none so far" if missing_for_remediation(model) else ""), _scored(model))


def gates(
    model: ThreatModel,
    crossing: dict[ElementId, Crossing],
    found: RuleFindings,
    grid: Coverage,
    status: dict[ThreatId, ThreatStatus],
) -> tuple[Gate, ...]:
    """Return the gates before closing in working order; `found` holds the undecided candidates."""
    voting = [one.id for one in model.open_rounds()]
    unknown = sum(question.crossing for question in found.questions)
    assumed = len(relied_on(found))
    return (
        _collected(model),
        _gate("no_unknowns", f"{unknown} open, {len(crossing)} flows cross" if unknown else ""),
        *_screening(model),
        _gate("candidates_decided", f"{len(found.candidates)} open" if found.candidates else ""),
        _gate("cells_decided", f"{grid.open_cells} open" if grid.open_cells else "", grid.assumed_cells),
        _gate("assumptions_confirmed", f"{assumed} assumed" if assumed else ""),
        _gate("votes_settled", _open(voting)),
        _scored(model),
        *_of_remediation(model, status),
    )


def relied_on(found: RuleFindings) -> tuple[Asked, ...]:
    """Return the assumed facts that stand in for answers, each once."""
    return tuple(dict.fromkeys(one for verdict in found.verdicts for one in verdict.assumed))


def unscored(model: ThreatModel) -> tuple[ThreatId, ...]:
    """Return the threats without a score, ordered by id; each counts as critical until it is scored."""
    scored = scores_of(model)
    return tuple(sorted((id for id in model.threats if id not in scored), key=id_order))


def open_critical(model: ThreatModel, status: dict[ThreatId, ThreatStatus]) -> tuple[ThreatId, ...]:
    """Return the critical and unscored threats that still need work, ordered by id."""
    critical = _in_bands(model, (Band.CRITICAL,))
    return tuple(id for id, one in status.items() if id in critical and not one.state.over)


def _of_remediation(model: ThreatModel, status: dict[ThreatId, ThreatStatus]) -> tuple[Gate, ...]:
    grave = _in_bands(model, (Band.HIGH, Band.CRITICAL))
    unsettled = [
        id
        for id, one in status.items()
        if one.state.unanswered or (id in grave and not one.has_owner_and_date)
    ]
    unaccepted = [
        id for id, one in status.items() if one.state is ThreatState.EXPIRED or one.proposal is not None
    ]
    late: list[MitigationId] = [
        tracked.mitigation.id
        for id, one in status.items()
        if id in grave
        for tracked in one.mitigations
        if tracked.overdue
    ]
    return (
        _gate("responses_chosen", _open(unsettled)),
        _gate("acceptances_approved", _open(unaccepted)),
        _gate("mitigations_on_time", _open(sorted(late, key=id_order))),
    )


def _screening(model: ThreatModel) -> tuple[Gate, ...]:
    """Return the gate of the screening, if anything is screened out."""
    out = [one for one in topic_statuses(model) if one.screened_out]
    if not out:
        return ()
    left = [one.topic.label for one in out if one.unconfirmed or one.reopened_by]
    return (_gate("screening_confirmed", _open(left)),)


def _collected(model: ThreatModel) -> Gate:
    missing = missing_for_analysis(model)
    return _gate("collected", f"missing: {', '.join(missing)}" if missing else "")


def _scored(model: ThreatModel) -> Gate:
    return _gate("threats_scored", _open(unscored(model)))


def _in_bands(model: ThreatModel, bands: Iterable[Band]) -> frozenset[ThreatId]:
    """Return the threats of some bands, including unscored ones, which count as critical."""
    wanted = frozenset(bands)
    scored = {id for id, score in scores_of(model).items() if score.tally.band in wanted}
    return frozenset((*scored, *unscored(model)))


def _gate(id: str, still: str, assumed: int = 0) -> Gate:
    """Return a gate that is met if nothing is `still` open; it tells how much is only assumed."""
    details = ", ".join((*((still,) if still else ()), *((f"{assumed} assumed",) if assumed else ())))
    return Gate(id=id, met=not still, text=f"{TITLES[id]} ({details})" if details else TITLES[id])


def _open(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"open: {', '.join(ids[:_NAMED])}{more}"


_NAMED = 12
"""The number of ids that a gate lists; the plan shows all."""
