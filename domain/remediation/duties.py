"""Duties: what each person still has to do in a model, so that another person can take it over."""

from collections.abc import Sequence

import msgspec

from domain.analysis.rule_findings import Question
from domain.kernel.elements import Component, PersonId
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import Response
from domain.model import ThreatModel, id_order
from domain.model.mitigation_links import awaited_owners, with_current_state


class Duties(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has to do: mitigations, approvals and questions; and the components that they own."""

    mitigations: tuple[Mitigation, ...]
    approvals: tuple[Response, ...]
    questions: tuple[Question, ...]
    components: tuple[Component, ...]


def duties_by_person(model: ThreatModel, questions: Sequence[Question]) -> dict[PersonId, Duties]:
    """Return what each person has to do; `questions` are the open ones of the model."""
    mitigations = [
        one
        for one in sorted(values_of(model.mitigations), key=lambda one: id_order(one.id))
        if with_current_state(model, one).state in _UNFINISHED
    ]
    proposals = sorted(values_of(model.proposals), key=lambda one: id_order(one.threat))
    components = model.of_type(Component)
    people = {
        *(person for one in mitigations for person in awaited_owners(model, one)),
        *(one.asked for one in proposals),
        *(one.asked_of for one in questions),
        *(one.owner for one in components),
    }
    return {
        person: Duties(
            mitigations=tuple(one for one in mitigations if person in awaited_owners(model, one)),
            approvals=tuple(one for one in proposals if one.asked == person),
            questions=tuple(one for one in questions if one.asked_of == person),
            components=tuple(one for one in components if one.owner == person),
        )
        for person in sorted(one for one in people if one)
    }


_UNFINISHED = (MitigationState.PLANNED, MitigationState.STARTED, MitigationState.IMPLEMENTED)
