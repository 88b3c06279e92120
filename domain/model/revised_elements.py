"""Elements that were revised in a review, whose answers a person has to state again or change."""

from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import ElementId
from domain.kernel.persistent_maps import items_of
from domain.model.threat_model import ThreatModel, id_order


def answers_to_restate(model: ThreatModel) -> dict[ElementId, tuple[str, ...]]:
    """Return the answers that people stated of each element before it was revised, by element.

    What is assumed from a technology or protocol follows the revision by itself, and *don't know* is open.
    """
    found: dict[ElementId, list[str]] = {}
    if not model.revised:
        return {}
    for (id, fact), basis in sorted(items_of(model.bases)):
        revised = model.revised.get(id)
        if (
            revised is not None
            and basis.at < revised
            and basis.kind is not BasisKind.ASSUMED
            and model.facts.get((id, fact)) is not Answer.UNKNOWN
            and id in model.elements
            and fact in model.catalog.facts
        ):
            found.setdefault(id, []).append(fact)
    ordered = sorted(found, key=lambda one: (one.partition("-")[0], id_order(one)))
    return {id: tuple(found[id]) for id in ordered}
