"""What follows from a model and from what people decided: undecided candidates, questions, the grid."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from domain.analysis.candidates import DismissedCandidate, sort_candidates
from domain.analysis.checklists import checklists
from domain.analysis.coverage import Coverage, coverage
from domain.analysis.rule_findings import Candidate, RuleFindings, apply_rules
from domain.kernel.accepted_ratings import AcceptedRatings
from domain.kernel.elements import ElementId
from domain.model import ThreatModel
from domain.model.crossings import Crossing, crossings
from domain.rules.model_index import ModelIndex


class ModelAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything computed about threats; `found` holds the undecided candidates alone.

    `confirmed` are those that became threats, as far as the rules still bring them up.
    """

    crossing: dict[ElementId, Crossing]
    found: RuleFindings
    confirmed: tuple[Candidate, ...]
    dismissed: tuple[DismissedCandidate, ...]
    grid: Coverage


def analyze(model: ThreatModel, accepted: Iterable[AcceptedRatings] = ()) -> ModelAnalysis:
    """Ask the rules, lay beside it what people decided, and see what is covered.

    `accepted` are the acceptances in force.
    """
    crossing = crossings(model)
    found = apply_rules(model, crossing=crossing, accepted=_touching(model, crossing, tuple(accepted)))
    sorted_candidates = sort_candidates(model, found.candidates)
    undecided = (candidate.id for candidate in sorted_candidates.undecided)
    return ModelAnalysis(
        crossing=crossing,
        found=replace(
            found,
            candidates=sorted_candidates.undecided,
            questions=checklists(model, crossing, found.questions),
        ),
        confirmed=sorted_candidates.confirmed,
        dismissed=sorted_candidates.dismissed,
        grid=coverage(model, crossing, found.verdicts, undecided),
    )


def _touching(
    model: ThreatModel, crossing: dict[ElementId, Crossing], accepted: tuple[AcceptedRatings, ...]
) -> list[AcceptedRatings]:
    """The same, each with those assets alone that its threat touches."""
    if not accepted:
        return []
    survey = ModelIndex(model, crossing)
    touching: list[AcceptedRatings] = []
    for one in accepted:
        about = model.threats[one.threat].element
        touched = survey.touched_by(about) if about else ()
        assets = {asset: one.assets[asset] for asset in touched if asset in one.assets}
        touching.append(AcceptedRatings(threat=one.threat, assets=assets))
    return touching
