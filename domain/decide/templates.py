"""Templates: the structure of a model, and its copy as the beginning of another model."""

from msgspec.structs import replace

from domain.decide.decision import Decision
from domain.events import ElementsLinked, ElementsSeparated, FactAnswered, ScreeningAnswered
from domain.kernel.answer_basis import AnswerBasis, BasisKind
from domain.kernel.elements import (
    Asset,
    Component,
    DataFlow,
    EntryPoint,
    ExternalDependency,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.model_structure import ElementAnswer, ModelStructure
from domain.kernel.persistent_maps import items_of, values_of
from domain.model import ThreatModel, id_order


def structure_of(model: ThreatModel) -> ModelStructure:
    """Return what a model that starts from this one receives.

    It has no threats, decisions, votes, responses, assumptions of people or removed elements, and names no
    people: owners are left out, and what was confirmed by a second person has to be confirmed again.
    """
    kept = model.elements
    answers = sorted(items_of(model.facts), key=lambda item: (id_order(item[0][0]), item[0]))
    links = sorted(
        values_of(model.links), key=lambda value: (id_order(value.dependency), id_order(value.component))
    )
    screening = sorted(values_of(model.screening), key=lambda value: value.topic)
    return ModelStructure(
        origin=model.key,
        trust_levels=tuple(model.of_type(TrustLevel)),
        boundaries=tuple(model.of_type(TrustBoundary)),
        components=tuple(replace(component, owner=None) for component in model.of_type(Component)),
        dependencies=tuple(replace(one, owner="") for one in model.of_type(ExternalDependency)),
        entry_points=tuple(model.of_type(EntryPoint)),
        assets=tuple(model.of_type(Asset)),
        flows=tuple(model.of_type(DataFlow)),
        answers=tuple(
            ElementAnswer(element=element, fact=fact, answer=answer)
            for (element, fact), answer in answers
            if element in kept
        ),
        links=tuple(link for link in links if link.dependency in kept and link.component in kept),
        screening=tuple(
            replace(one, known=tuple(id for id in one.known if id in kept), confirmed_by=None)
            for one in screening
        ),
    )


def copy_structure(structure: ModelStructure, decision: Decision) -> Decision:
    """Record the structure of another model in one that has just started.

    IDs stay the same, so that the two models can be compared. Assumptions follow from the current catalog.
    Answers are taken over for all elements at once, whatever they rested on there.
    """
    for element in structure.elements:
        decision = decision.add_as_named(element)
    basis = AnswerBasis(kind=BasisKind.STATED_FOR_ALL, by=decision.by, at=decision.at)
    for answer in structure.answers:
        decision = decision.record(
            FactAnswered(
                element=answer.element,
                fact=answer.fact,
                reply=answer.answer,
                basis=basis,
                **decision.header,
            )
        )
    for link in structure.links:
        pair = {"dependency": link.dependency, "component": link.component}
        decision = decision.record(
            ElementsLinked(**decision.header, **pair, former_sort=link.former_sort)
            if link.same
            else ElementsSeparated(**decision.header, **pair)
        )
    for screening in structure.screening:
        said = replace(screening, by=decision.by, at=decision.at)
        decision = decision.record(ScreeningAnswered(**decision.header, screening=said))
    return decision
