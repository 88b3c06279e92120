"""Analysis of a model: undecided suggested threats, questions in their order, and the coverage grid."""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from domain.analysis.coverage import Coverage, coverage
from domain.analysis.question_order import QuestionCounter, most_important_first, question_counter
from domain.analysis.rule_findings import RuleFindings, SuggestedThreat, apply_rules
from domain.analysis.suggested_threats import DismissedSuggestedThreat, sort_suggested_threats
from domain.analysis.thought_prompts import Prompt, open_prompts
from domain.kernel.elements import ElementId
from domain.kernel.latest_results import keep_latest
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import AcceptedRatings, ThreatId, elements_at, places_of
from domain.model import ThreatModel, id_order
from domain.model.crossings import Crossing, crossings
from domain.rules.model_index import ModelIndex
from domain.screening.screened_facts import with_screening


class ModelAnalysis(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the analysis; `found` holds only the undecided suggested threats.

    `confirmed` are those that became threats, if the rules still yield them. `shown_at` are the elements at
    which each threat is shown, `prompts` those to think further that were not answered.
    """

    crossing: dict[ElementId, Crossing]
    found: RuleFindings
    confirmed: tuple[SuggestedThreat, ...]
    dismissed: tuple[DismissedSuggestedThreat, ...]
    grid: Coverage
    shown_at: dict[ThreatId, tuple[ElementId, ...]]
    counter: QuestionCounter
    prompts: tuple[Prompt, ...] = ()


def analyze(model: ThreatModel, accepted: Iterable[AcceptedRatings] = ()) -> ModelAnalysis:
    """Apply the rules, sort the suggested threats by the team's decisions, and compute the coverage.

    `accepted` are the acceptances in force.
    """
    return _analyze(model, tuple(accepted))


# A model is analyzed for its register at several moments, for its reminders and for decisions.
@keep_latest(8)
def _analyze(model: ThreatModel, accepted: tuple[AcceptedRatings, ...]) -> ModelAnalysis:
    crossing = crossings(model)
    screened = with_screening(model)
    in_force = _touching(model, crossing, accepted)
    found = apply_rules(screened, crossing=crossing, accepted=in_force)
    survey = ModelIndex(screened, crossing, in_force)
    sorted_suggested_threats = sort_suggested_threats(screened, found.suggested_threats)
    deciding = {question for control in found.waiting for question in control.questions}
    undecided = (suggested_threat.id for suggested_threat in sorted_suggested_threats.undecided)
    return ModelAnalysis(
        crossing=crossing,
        found=replace(
            found,
            suggested_threats=sorted_suggested_threats.undecided,
            questions=most_important_first(survey, found.questions, deciding),
        ),
        confirmed=sorted_suggested_threats.confirmed,
        dismissed=sorted_suggested_threats.dismissed,
        grid=coverage(model, crossing, found.verdicts, undecided, survey.shown_at),
        shown_at=threat_positions(survey),
        counter=question_counter(survey, found),
        prompts=open_prompts(survey, tuple(values_of(model.prompts))),
    )


def _touching(
    model: ThreatModel, crossing: dict[ElementId, Crossing], accepted: tuple[AcceptedRatings, ...]
) -> list[AcceptedRatings]:
    """Limit each acceptance to the assets that its threat touches at its places: none without a place."""
    if not accepted:
        return []
    survey = ModelIndex(model, crossing)
    touching: list[AcceptedRatings] = []
    for one in accepted:
        places = model.threats[one.threat].places
        about = dict.fromkeys(element for place in places for element in elements_at(place))
        if about:
            touched = dict.fromkeys(asset for element in about for asset in survey.touched_by(element))
            assets = {asset: one.assets[asset] for asset in touched if asset in one.assets}
            touching.append(AcceptedRatings(threat=one.threat, assets=assets))
    return touching


def threat_positions(index: ModelIndex) -> dict[ThreatId, tuple[ElementId, ...]]:
    """Return the elements at which each threat is shown; none for a threat to the system as a whole.

    A threat to an asset is shown at the components that hold it, one to an external dependency at the
    components that are this dependency. Other threats are shown at their own elements.
    """
    return {
        id: tuple(dict.fromkeys(at for place in places_of(threat) for at in _shown_at(index, place)))
        for id, threat in sorted(items_of(index.model.threats), key=lambda item: id_order(item[0]))
    }


def _shown_at(index: ModelIndex, element: ElementId) -> tuple[ElementId, ...]:
    if element in index.assets:
        return index.shown_at[element] or (element,)
    if element in index.dependencies:
        return tuple(id for id, one in index.dependency_of.items() if one.id == element) or (element,)
    return (element,)
