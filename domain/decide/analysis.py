"""Decisions on candidates, rows of the coverage grid, and the handing over of questions."""

from collections.abc import Iterable

from msgspec.structs import replace

from domain.analysis.candidates import confirmations, placements_of
from domain.analysis.coverage import ROWS
from domain.analysis.rule_findings import Candidate, apply_rules
from domain.commands import (
    AskPerson,
    ConfirmCandidates,
    ConsiderRow,
    DismissCandidates,
    ReopenCandidate,
    ReopenRow,
)
from domain.decide.decision import Decision
from domain.decide.input_checks import check_count, require_element, require_reason
from domain.events import (
    CandidateConfirmed,
    CandidateDismissed,
    CandidateReopened,
    PersonAsked,
    RowConsidered,
    RowReopened,
)
from domain.facts import FACTS
from domain.kernel.candidate_decisions import AnswerAtDecision, CandidateId, Consideration, Dismissal
from domain.kernel.elements import kind_of
from domain.kernel.length_limits import NAME
from domain.kernel.threat import Threat
from domain.rejections import (
    AlreadyConfirmed,
    CannotAnswer,
    ContentMissing,
    NoSuchCandidate,
    NoSuchQuestion,
    NotDismissed,
    NotInTheGrid,
)


def confirm_candidates(command: ConfirmCandidates, decision: Decision) -> Decision:
    """Confirm candidates as threats; one that was confirmed just before is skipped."""
    for candidate in _brought_up(command.candidates, decision):
        rule = candidate.rule
        threat = Threat(
            id=decision.next_threat(),
            title=_title(candidate),
            stride=(rule.category,),
            description=rule.explanation,
            element=candidate.element,
            candidates=(CandidateId(candidate.id),),
            cwe=rule.cwe,
        )
        decision = decision.record(
            CandidateConfirmed(
                **decision.header,
                candidate=CandidateId(candidate.id),
                threat=threat,
                rule_version=rule.version,
                facts=_facts_of(candidate),
            )
        )
    return decision


def dismiss_candidates(command: DismissCandidates, decision: Decision) -> Decision:
    """Dismiss candidates, with a reason."""
    reason = require_reason(command.reason, "Please say why this is no threat here.")
    for candidate in _brought_up(command.candidates, decision):
        old = decision.model.dismissals.get(CandidateId(candidate.id))
        dismissal = Dismissal(
            candidate=CandidateId(candidate.id),
            reason=reason,
            rule_version=candidate.rule.version,
            facts=_facts_of(candidate),
            by=decision.by,
            at=decision.at,
            places=placements_of(decision.model, CandidateId(candidate.id)),
        )
        if old is not None and replace(old, by=decision.by, at=decision.at) == dismissal:
            continue
        decision = decision.record(CandidateDismissed(**decision.header, dismissal=dismissal))
    return decision


def reopen_candidate(command: ReopenCandidate, decision: Decision) -> Decision:
    """Reopen a dismissed candidate for decision."""
    if command.candidate not in decision.model.dismissals:
        raise NotDismissed(command.candidate)
    return decision.record(CandidateReopened(**decision.header, candidate=command.candidate))


def consider_row(command: ConsiderRow, decision: Decision) -> Decision:
    """Record that an element was considered in every category, with a reason."""
    element = require_element(decision.model, command.element)
    kind = kind_of(element)
    if kind not in ROWS:
        raise NotInTheGrid(element.id, kind)
    reason = require_reason(command.reason, "Please say why there is nothing more to find here.")
    old = decision.model.considered.get(element.id)
    if old is None or old.reason != reason:
        said = Consideration(element=element.id, reason=reason, by=decision.by, at=decision.at)
        return decision.record(RowConsidered(**decision.header, consideration=said))
    return decision


def reopen_row(command: ReopenRow, decision: Decision) -> Decision:
    """Reopen the consideration of an element; no event if it was not considered."""
    if command.element in decision.model.considered:
        return decision.record(RowReopened(**decision.header, element=command.element))
    return decision


def ask_person(command: AskPerson, decision: Decision) -> Decision:
    """Hand questions to a person; those already handed to them are skipped."""
    if not command.questions:
        raise ContentMissing("Please choose at least one question to ask.", field="questions")
    check_count("questions", len(command.questions), field="questions")
    if not decision.model.participates(command.person):
        raise CannotAnswer(command.person)
    for question in command.questions:
        element = require_element(decision.model, question.element)
        fact = FACTS.get(question.fact)
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


def _brought_up(ids: Iterable[CandidateId], decision: Decision) -> list[Candidate]:
    """Return the undecided candidates with these ids; raises Rejected if one is no longer a candidate."""
    wanted = tuple(dict.fromkeys(ids))
    if not wanted:
        raise ContentMissing("Please choose at least one candidate.")
    check_count("candidates", len(wanted))
    found = {candidate.id: candidate for candidate in apply_rules(decision.model).candidates}
    confirmed = confirmations(decision.model)
    left = [found[id] for id in wanted if id in found and id not in confirmed]
    if left:
        return left
    if wanted[0] in confirmed:
        raise AlreadyConfirmed(wanted[0], confirmed[wanted[0]])
    raise NoSuchCandidate(wanted[0])


def _title(candidate: Candidate) -> str:
    title = f"{candidate.rule.title}: {candidate.about}"
    return title if len(title) <= NAME else f"{title[: NAME - 1]}…"


def _facts_of(candidate: Candidate) -> tuple[AnswerAtDecision, ...]:
    return tuple(
        AnswerAtDecision(element=used.element, fact=used.fact, answer=used.answer) for used in candidate.facts
    )
