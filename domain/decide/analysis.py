"""Decisions on reopened candidates, rows of the coverage grid, and the assignment of questions."""

from collections.abc import Sequence

from domain.analysis.coverage import ROWS
from domain.commands import (
    AskPerson,
    ConsiderRow,
    ConsiderRows,
    ReopenCandidate,
    ReopenRow,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, require_element, require_reason
from domain.events import (
    CandidateReopened,
    PersonAsked,
    RowConsidered,
    RowReopened,
)
from domain.kernel.candidate_decisions import Consideration
from domain.kernel.elements import ElementId, kind_of
from domain.rejections import (
    CannotAnswer,
    ContentMissing,
    NoSuchQuestion,
    NotDismissed,
    NotInTheGrid,
)


def reopen_candidate(command: ReopenCandidate, decision: Decision) -> Decision:
    """Reopen a dismissed candidate for decision."""
    if command.candidate not in decision.model.dismissals:
        raise NotDismissed(command.candidate)
    return decision.record(CandidateReopened(**decision.header, candidate=command.candidate))


def consider_row(command: ConsiderRow, decision: Decision) -> Decision:
    """Record that an element was considered in every category, with a reason."""
    return _consider((command.element,), command.reason, decision)


def consider_rows(command: ConsiderRows, decision: Decision) -> Decision:
    """Record each of several elements as considered, with the same reason."""
    elements = tuple(dict.fromkeys(command.elements))
    if not elements:
        raise ContentMissing("No row is selected. Select at least one.", field="rows")
    check_count("rows", len(elements), field="rows")
    return _consider(elements, command.reason, decision)


def _consider(elements: Sequence[ElementId], reason: str, decision: Decision) -> Decision:
    """Record what is new: a row that has this reason already is left as it is."""
    for id in elements:
        kind = kind_of(require_element(decision.model, id))
        if kind not in ROWS:
            raise NotInTheGrid(id, kind)
    reason = require_reason(reason, "The reason is missing. Explain why no further threats apply.")
    for id in elements:
        old = decision.model.considered.get(id)
        if old is None or old.reason != reason:
            said = Consideration(element=id, reason=reason, by=decision.by, at=decision.at)
            decision = decision.record(RowConsidered(**decision.header, consideration=said))
    return decision


def reopen_row(command: ReopenRow, decision: Decision) -> Decision:
    """Reopen the consideration of an element; no event if it was not considered."""
    if command.element in decision.model.considered:
        return decision.record(RowReopened(**decision.header, element=command.element))
    return decision


def ask_person(command: AskPerson, decision: Decision) -> Decision:
    """Hand questions to a person; those already handed to them are skipped."""
    if not command.questions:
        raise ContentMissing("No question is selected. Select at least one.", field="questions")
    check_count("questions", len(command.questions), field="questions")
    if not decision.model.participates(command.person):
        raise CannotAnswer(command.person)
    for question in command.questions:
        element = require_element(decision.model, question.element)
        fact = decision.model.catalog.facts.get(question.fact)
        if fact is None or kind_of(element) not in fact.kinds:
            raise NoSuchQuestion(question.element, question.fact)
        if decision.model.asked_of.get((element.id, fact.name)) != command.person:
            asked = PersonAsked(
                **decision.header,
                element=element.id,
                fact=fact.name,
                person=command.person,
                urgent=command.urgent,
            )
            decision = decision.record(asked)
    return decision
