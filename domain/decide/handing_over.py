"""Decision to assign all that a person has to do to another person."""

from msgspec.structs import replace

from domain.analysis.rule_findings import apply_rules
from domain.commands import AskPerson, ReassignAll
from domain.decide.decision import Decision
from domain.decide.responses import check_asked
from domain.events import ApprovalReassigned, ComponentRevised, MitigationReassigned, PersonAsked
from domain.lifecycle import ALLOWED
from domain.rejections import CannotAnswer, NothingAssigned, Rejected, SamePerson
from domain.remediation.duties import duties_by_person
from domain.screening.screened_facts import with_screening


def reassign_all(command: ReassignAll, decision: Decision) -> Decision:
    """Assign a person's mitigations, approvals, questions and components to another person.

    In a closed model, only mitigations continue.
    """
    model, person = decision.model, command.person
    if command.of == person:
        raise SamePerson
    duties = duties_by_person(model, apply_rules(with_screening(model)).questions).get(command.of)
    if duties is None:
        raise NothingAssigned(command.of)
    header, urgent = decision.header, command.urgent
    for mitigation in duties.mitigations:
        decision = decision.record(
            MitigationReassigned(
                **header,
                mitigation=mitigation.id,
                owner=person,
                instead_of=command.of if mitigation.place_owners else None,
                urgent=urgent,
            )
        )
    if model.step not in ALLOWED[AskPerson]:
        return decision
    if duties.questions and not model.participates(person):
        raise CannotAnswer(person)
    for question in duties.questions:
        decision = decision.record(
            PersonAsked(**header, element=question.element, fact=question.fact, person=person, urgent=urgent)
        )
    for proposal in duties.approvals:
        try:
            check_asked(person, proposal.by, [proposal.threat], decision)
        except Rejected:
            continue  # they may not approve this one, so it stays with the person asked
        decision = decision.record(
            ApprovalReassigned(**header, threat=proposal.threat, approver=person, urgent=urgent)
        )
    for component in duties.components:
        decision = decision.record(ComponentRevised(**header, component=replace(component, owner=person)))
    return decision
