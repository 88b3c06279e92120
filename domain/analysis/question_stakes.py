"""Stakes: which elements touch a high-rated asset or an exposed entry point."""

from domain.kernel.answer import Answer
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    DataKind,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Outage,
    Rating,
)
from domain.rules.dependency_predicates import is_code
from domain.rules.flow_predicates import carries_code
from domain.rules.model_index import ModelIndex

_ON_THE_INTERNET = frozenset({"object_store"})
"""Categories whose products have a public endpoint of their provider, also without an entry point."""


class QuestionStakes:
    """The elements of one model at which a candidate would matter most, each judged once."""

    def __init__(self, survey: ModelIndex) -> None:
        self._survey = survey
        self._known: dict[ElementId, bool] = {}

    def at(self, element: ElementId) -> bool:
        """Return whether an element touches a high-rated asset or an exposed entry point."""
        known = self._known.get(element)
        if known is None:
            known = self._known[element] = self._matters(element)
        return known

    def _matters(self, id: ElementId) -> bool:
        survey = self._survey
        if any(self._high(survey.assets[one]) for one in survey.touched_by(id) if one in survey.assets):
            return True
        match survey.model.elements.get(id):
            case EntryPoint() as door:
                return self._exposed(door)
            case DataFlow() as flow:
                if carries_code(survey, flow):
                    return True
                return flow.entry_point is not None and self.at(flow.entry_point)
            case ExternalDependency() as dependency:
                return self._of_dependency(dependency)
            case Component() as component:
                category = survey.catalog.category_of(component.technology)
                if category is not None and category.key in _ON_THE_INTERNET and survey.handled_by.get(id):
                    return True
                return any(self._exposed(point) for point in survey.entry_points_to.get(id, ()))
            case _:  # other elements are exposed nowhere
                return False

    def _exposed(self, door: EntryPoint) -> bool:
        """Return whether strangers reach an entry point, unless an answer denies it."""
        if door.exposure is not None:
            return door.exposure is Exposure.INTERNET
        return self._answer(door.id, "public") is not Answer.NO

    def _of_dependency(self, one: ExternalDependency) -> bool:
        """Return whether the system stops without it, or its code may run inside the system.

        What no component of a system with software stands for, and is nothing else, is probably code.
        """
        if one.outage is Outage.STOPS or self._answer(one.id, "indispensable") is Answer.YES:
            return True
        ships_code = self._answer(one.id, "ships_code")
        if ships_code is Answer.NO or self._answer(one.id, "software") is Answer.NO:
            return False
        represented = any(one.id == other.id for other in self._survey.dependency_of.values())
        unplaced = bool(self._survey.digital) and not represented
        return ships_code is Answer.YES or is_code(one) or unplaced

    def _high(self, asset: Asset) -> bool:
        """Return whether an asset is rated high in any respect, or not rated at all."""
        if asset.data is DataKind.CREDENTIAL:
            return True
        stated = (asset.confidentiality, asset.integrity, asset.availability)
        answers = [
            self._answer(asset.id, fact)
            for fact in ("confidential", "integrity_critical", "availability_critical")
        ]
        if Rating.HIGH in stated:
            return True
        open_answers = [said for rating, said in zip(stated, answers, strict=True) if rating is None]
        if Answer.YES in open_answers:
            return True
        return all(rating is None for rating in stated) and Answer.NO not in open_answers

    def _answer(self, element: ElementId, fact: str) -> Answer | None:
        return self._survey.facts.get(element, {}).get(fact)
