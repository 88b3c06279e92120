"""Choice of the next step, and of the person it waits for."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from domain.analysis.model_analysis import ModelAnalysis
from domain.analysis.rule_findings import Question, RuleFindings
from domain.analysis.spot_checks import pending_checks
from domain.kernel.closing import ClosingProposal, Review
from domain.kernel.due_dates import short_day
from domain.kernel.elements import ElementId, Kind, PersonId, number_of
from domain.kernel.mitigation import MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.lifecycle import missing_for_analysis, phase_of
from domain.model import ThreatModel
from domain.model.revised_elements import answers_to_restate
from domain.phase_conditions import Condition, to_score
from domain.remediation.reviewers import approver_of, done_by
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.screening.screened_facts import PendingScreening, pending_screening
from domain.voting.scores import RankedThreat, ranked_threats
from domain.voting.turnout import Turnout, turnouts


class NextStepKind(StrEnum):
    """The kinds of next step."""

    DRAW = "draw"
    PLACE = "place"
    LINK = "link"
    ANSWER = "answer"
    RESTATE = "restate"
    ADD_MISSING = "add_missing"
    BEGIN_ANALYSIS = "begin_analysis"
    DECIDE_SUGGESTED_THREATS = "decide_suggested_threats"
    COVER = "cover"
    VOTE = "vote"
    SETTLE_ROUND = "settle_round"
    OPEN_ROUND = "open_round"
    BEGIN_REMEDIATION = "begin_remediation"
    RESPOND = "respond"
    APPROVE = "approve"
    PLAN = "plan"
    PUT_IN_PLACE = "put_in_place"
    CHECK = "check"
    VERIFY = "verify"
    CLOSE = "close"
    CONFIRM_CLOSING = "confirm_closing"
    REVIEW = "review"
    LOOK_BACK = "look_back"
    NOTHING = "nothing"


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """The next step in one sentence; `waits_for` is a person, or None if anyone may do it.

    `not_for` are the people who may not do it. `round` is the open round concerned, `about` the threat
    or mitigation concerned, if any.
    """

    act: NextStepKind
    text: str
    waits_for: PersonId | None = None
    not_for: tuple[PersonId, ...] = ()
    round: RoundId | None = None
    about: str = ""


def choose_remediation_step(
    model: ThreatModel,
    found: RuleFindings,
    worst_first: Sequence[RankedThreat],
    statuses: dict[ThreatId, ThreatStatus],
    checked: Sequence[Condition],
) -> NextStep:
    """Return the first unfinished step: responses, spot checks and their results, mitigations, closing."""
    ordered = [statuses[one.threat.id] for one in worst_first]
    return (
        _response(model, ordered)
        or _approval(model, ordered)
        or _plan(model, ordered)
        or _checking(model, found)
        or _judging(model, found)
        or _mitigation(model, ordered)
        or _closing(model, checked, _to_score_again(worst_first, statuses))
    )


def _response(model: ThreatModel, ordered: list[ThreatStatus]) -> NextStep | None:
    open_ones = [one for one in ordered if one.state in (ThreatState.OPEN, ThreatState.EXPIRED)]
    if not open_ones:
        return None
    first = open_ones[0]
    if len(open_ones) > 1:
        text = f"Choose responses to {len(open_ones)} threats, highest score first"
        return NextStep(act=NextStepKind.RESPOND, text=text)
    again = ": its acceptance has expired" if first.state is ThreatState.EXPIRED else ""
    return NextStep(
        act=NextStepKind.RESPOND,
        text=f"Choose a response to {_called(model, first)}{again}",
        about=first.threat,
    )


def _approval(model: ThreatModel, ordered: list[ThreatStatus]) -> NextStep | None:
    for one in ordered:
        if one.too_late:
            text = f"Choose a response to {_called(model, one)} again: it was not approved in time"
            return NextStep(act=NextStepKind.RESPOND, text=text, about=one.threat)
        if one.proposal is not None:
            return NextStep(
                act=NextStepKind.APPROVE,
                text=f"Approve or decline accepting {_called(model, one)}",
                waits_for=approver_of(one.proposal, model.facilitator),
                not_for=(one.proposal.by,),
                about=one.threat,
            )
    return None


def _plan(model: ThreatModel, ordered: list[ThreatStatus]) -> NextStep | None:
    for one in ordered:
        if one.state is ThreatState.RESPONDED and not one.live_mitigations:
            text = f"Plan a mitigation for {_called(model, one)}"
            return NextStep(act=NextStepKind.PLAN, text=text, about=one.threat)
    return None


def _checking(model: ThreatModel, found: RuleFindings) -> NextStep | None:
    """Return the step of the spot checks, early enough for a response to what a wrong answer hid."""
    pending = pending_checks(model, found)
    if not pending:
        return None
    asked = {one.asked for one in pending}
    authors = {one.by for one in pending}
    return NextStep(
        act=NextStepKind.CHECK,
        text=f"Spot-check {count_phrase(len(pending), 'answer')}: how do we know?",
        waits_for=asked.pop() if len(asked) == 1 else None,
        not_for=tuple(authors) if len(authors) == 1 else (),
    )


def _judging(model: ThreatModel, found: RuleFindings) -> NextStep | None:
    """Return the step of the suggested threats that answers since the beginning of remediation bring up."""
    since = model.spot_checks.at if model.spot_checks else None
    new = [
        one
        for one in found.suggested_threats
        for basis in (model.bases.get((used.element, used.fact)) for used in one.facts)
        if since and basis and basis.given_at >= since
    ]
    count = len({one.id for one in new})
    if not count:
        return None
    text = f"Review {count_phrase(count, 'new suggested threat')}"
    return NextStep(act=NextStepKind.DECIDE_SUGGESTED_THREATS, text=text)


def _mitigation(model: ThreatModel, ordered: list[ThreatStatus]) -> NextStep | None:
    """Return the next mitigation: overdue ones first, then those to verify, then those with time left."""
    tracked = [
        one for status in ordered if status.state is not ThreatState.ACCEPTED for one in status.mitigations
    ]
    to_do = sorted((one for one in tracked if one.mitigation.state.to_do), key=_due)
    if model.review:  # it ends with a sample of those verified; the plan goes on while the model is closed
        to_do, tracked = [], [one for one in tracked if one.mitigation.id in model.review.sampled]
    overdue = [one for one in to_do if one.overdue]
    if overdue:
        return _put_in_place(model, overdue[0], "overdue")
    for one in tracked:
        if one.mitigation.state is MitigationState.IMPLEMENTED:
            text = f"Verify {_named(one)} as someone other than its owner"
            return NextStep(
                act=NextStepKind.VERIFY,
                text=text,
                not_for=done_by(one.mitigation),
                about=one.mitigation.id,
            )
    if not to_do:
        return None
    due = to_do[0].mitigation.due
    return _put_in_place(model, to_do[0], f"due {short_day(due)}" if due else "no due date yet")


def _put_in_place(model: ThreatModel, one: TrackedMitigation, when: str) -> NextStep:
    id = one.mitigation.id
    owner = one.owners[0] if one.owners else model.facilitator
    return NextStep(
        act=NextStepKind.PUT_IN_PLACE,
        text=f"Implement {_named(one)}: {when}",
        waits_for=owner,
        about=id,
    )


def _named(one: TrackedMitigation) -> str:
    at = f" at {one.at}" if one.at else ""
    return f"“{one.mitigation.title}” ({one.mitigation.id}){at}"


def _to_score_again(worst_first: Iterable[RankedThreat], statuses: dict[ThreatId, ThreatStatus]) -> list[str]:
    """Return the mitigated threats that were not scored again since."""
    return [
        f"“{one.threat.title}” ({one.threat.id})"
        for one in worst_first
        if one.score and not one.residual and statuses[one.threat.id].state is ThreatState.MITIGATED
    ]


def _closing(model: ThreatModel, checked: Sequence[Condition], again: Sequence[str]) -> NextStep:
    """Return the step of closing; a vote on the residual risk is offered but not required."""
    unmet = sum(not condition.met for condition in checked)
    text = f"Close the model ({count_phrase(unmet, 'condition')} not met)" if unmet else "Close the model"
    if again:
        what = again[0] if len(again) == 1 else f"{len(again)} mitigated threats"
        text = f"{text}, or first vote on the residual risk of {what}"
    return NextStep(act=NextStepKind.CLOSE, text=text, waits_for=model.facilitator)


def _called(model: ThreatModel, status: ThreatStatus) -> str:
    return f"“{model.threats[status.threat].title}” ({status.threat})"


def _due(one: TrackedMitigation) -> tuple[date, str]:
    return one.mitigation.due or date.max, one.mitigation.id


__all__ = ["NextStep", "NextStepKind", "choose_next_step"]


def choose_next_step(
    model: ThreatModel,
    unplaced: tuple[ElementId, ...],
    to_link: int,
    seen: ModelAnalysis,
    checked: tuple[Condition, ...],
    statuses: dict[ThreatId, ThreatStatus],
    *,
    review_overdue: bool,
) -> NextStep:
    """Return the first unfinished step in working order; a proposal to close takes precedence.

    `to_link` is the number of pairs that may be one thing.
    """
    if model.closing is not None:
        return _confirming(model, model.closing)
    match phase_of(model.step):
        case "collection":
            screening = pending_screening(model, seen.found.questions)
            return _in_collection(model, unplaced, to_link, _unanswered(seen), screening)
        case "analysis":
            return _in_analysis(model, seen)
        case "remediation":
            if rounds := turnouts(model):
                return _in_round(rounds, model.facilitator)
            if model.review and (step := _in_review(model, model.review, unplaced, seen)):
                return step
            return choose_remediation_step(model, seen.found, ranked_threats(model), statuses, checked)
        case "closed" if review_overdue:
            text = "Review the closed model: its review is due"
            return NextStep(act=NextStepKind.REVIEW, text=text, waits_for=model.facilitator)
        case "closed":
            return _looking_back(model)
        case _:  # closed or archived
            return NextStep(act=NextStepKind.NOTHING, text="No open tasks")


def _confirming(model: ThreatModel, closing: ClosingProposal) -> NextStep:
    expected = closing.asked or model.facilitator
    critical = (
        f" with {count_phrase(len(closing.critical), 'open critical threat')}" if closing.critical else ""
    )
    return NextStep(
        act=NextStepKind.CONFIRM_CLOSING,
        text=f"Confirm or decline closing the model{critical}",
        waits_for=None if expected == closing.by else expected,
        not_for=(closing.by,),
    )


def _looking_back(model: ThreatModel) -> NextStep:
    """Return the retrospective for those who have not answered it; it ends when all participants have."""
    answered = tuple(sorted(value.by for value in values_of(model.retrospectives)))
    if model.participants and set(model.participants) <= set(answered):
        return NextStep(act=NextStepKind.NOTHING, text="No open tasks")
    text = "Answer the retrospective: five short questions"
    return NextStep(act=NextStepKind.LOOK_BACK, text=text, not_for=answered)


def _in_collection(
    model: ThreatModel,
    unplaced: tuple[ElementId, ...],
    to_link: int,
    questions: tuple[Question, ...],
    screening: PendingScreening | None,
) -> NextStep:
    if not model.of_kind(Kind.DATA_FLOW):
        return NextStep(act=NextStepKind.DRAW, text="Add the data flows, one per line")
    if step := _placing(model, unplaced, to_link):
        return step
    missing = missing_for_analysis(model)
    if missing:
        return NextStep(act=NextStepKind.ADD_MISSING, text=f"Add the missing elements: {', '.join(missing)}")
    if model.threats:
        waiting = count_phrase(len(model.threats), "threat")
        text = f"Begin analysis: {waiting} to score"
        return NextStep(act=NextStepKind.BEGIN_ANALYSIS, text=text, waits_for=model.facilitator)
    if at_stake := _at_stake(questions):
        return _screening(screening) if screening else _answering(at_stake)
    rest = "the other questions can wait" if screening else _rest(questions)
    text = f"Enough to begin analysis: {rest}" if questions else "Begin analysis"
    return NextStep(act=NextStepKind.BEGIN_ANALYSIS, text=text, waits_for=model.facilitator)


def _placing(model: ThreatModel, unplaced: tuple[ElementId, ...], to_link: int) -> NextStep | None:
    """Return the step of the components whose place in the system, or identity, is not stated."""
    if unplaced:
        some = number_of(Kind.COMPONENT, len(unplaced))
        place = "Place" if model.of_kind(Kind.TRUST_LEVEL) else "Add trust levels and place"
        return NextStep(act=NextStepKind.PLACE, text=f"{place} {some}: type, trust level and boundary")
    if to_link:
        which = (
            "an external dependency is a component"
            if to_link == 1
            else "external dependencies are components"
        )
        text = f"State whether {which} of the flows: {count_phrase(to_link, 'pair')}"
        return NextStep(act=NextStepKind.LINK, text=text)
    return None


def _in_review(
    model: ThreatModel, review: Review, unplaced: tuple[ElementId, ...], seen: ModelAnalysis
) -> NextStep | None:
    """Return the step of what has changed since the closing; None if all of it is analyzed and scored."""
    if step := _placing(model, tuple(one for one in unplaced if one not in review.unplaced), 0):
        return step
    if revised := answers_to_restate(model):
        text = (
            f"State whether the answers about {count_phrase(len(revised), 'revised element')} are still true"
        )
        return NextStep(act=NextStepKind.RESTATE, text=text)
    if new := _at_stake(_unanswered(seen)):
        return _answering(new)
    return _deciding(model, seen) or _scoring(model, to_score(model, seen.confirmed))


def _in_analysis(model: ThreatModel, seen: ModelAnalysis) -> NextStep:
    """Return the next step of analysis: voting takes days, so it starts before all questions are answered.

    Questions answered with *don't know* do not block, and neither do those with little at stake; the
    conditions still mention them.
    """
    rounds = turnouts(model)
    if rounds:
        return _in_round(rounds, model.facilitator)
    if step := _deciding(model, seen) or _scoring(model, to_score(model, seen.confirmed)):
        return step
    unanswered = _at_stake(_unanswered(seen))
    if unanswered:
        return _answering(unanswered)
    cells = seen.grid.open_cells
    if cells:
        text = f"Decide {count_phrase(cells, 'STRIDE cell')} on trust crossings"
        return NextStep(act=NextStepKind.COVER, text=text)
    return NextStep(act=NextStepKind.BEGIN_REMEDIATION, text="Begin remediation", waits_for=model.facilitator)


def _deciding(model: ThreatModel, seen: ModelAnalysis) -> NextStep | None:
    """Return the step of the suggested threats; a review leaves out those undecided at the closing."""
    left = model.review.undecided if model.review else ()
    suggested_threats = sum(one.id not in left for one in seen.found.suggested_threats)
    if not suggested_threats:
        return None
    text = f"Review {count_phrase(suggested_threats, 'suggested threat')}"
    return NextStep(act=NextStepKind.DECIDE_SUGGESTED_THREATS, text=text)


def _scoring(model: ThreatModel, threats: Sequence[ThreatId]) -> NextStep | None:
    if not threats:
        return None
    text = f"Open a voting round on {count_phrase(len(threats), 'threat')}"
    return NextStep(act=NextStepKind.OPEN_ROUND, text=text, waits_for=model.facilitator)


def _in_round(rounds: tuple[Turnout, ...], facilitator: PersonId) -> NextStep:
    short = next((round for round in rounds if round.to_settle), None)
    if short:
        text = f"Close the round {short.round} without a quorum"
        return NextStep(act=NextStepKind.SETTLE_ROUND, text=text, waits_for=facilitator, round=short.round)
    first = min(rounds, key=lambda round: round.deadline)
    threats = count_phrase(len(first.asks), "threat")
    voted = f"{first.cast} of {len(first.voters)} voted"
    waits_for = first.waits_for[0] if len(first.waits_for) == 1 else None
    again = " a second time on" if first.revote_of is not None else " on"
    text = f"Vote{again} {threats}: {voted}"
    return NextStep(act=NextStepKind.VOTE, text=text, waits_for=waits_for, round=first.round)


def _unanswered(seen: ModelAnalysis) -> tuple[Question, ...]:
    return tuple(question for question in seen.found.questions if not question.answered_unknown)


def _at_stake(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """Return the questions that can still change a suggested threat where it matters; the others can wait."""
    return tuple(question for question in questions if question.at_stake)


def _rest(questions: tuple[Question, ...]) -> str:
    """Return that the other questions can wait."""
    return f"{count_phrase(len(questions), 'other question')} can wait"


def _screening(pending: PendingScreening) -> NextStep:
    return NextStep(act=NextStepKind.ANSWER, text=f"Answer the screening: {pending.open_topics}")


def _answering(questions: tuple[Question, ...]) -> NextStep:
    """Return the step of answering; it waits for a person if all open questions were handed to them."""
    asked = {question.asked_of for question in questions}
    text = f"Answer {count_phrase(len(questions), 'open question')}"
    return NextStep(act=NextStepKind.ANSWER, text=text, waits_for=asked.pop() if len(asked) == 1 else None)
