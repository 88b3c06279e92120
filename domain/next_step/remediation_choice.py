"""Kinds of next steps, and the choice in remediation: respond to every threat, then implement."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from domain.gates import Gate
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from domain.model import ThreatModel
from domain.remediation.reviewers import approver_of, done_by
from domain.remediation.status import ThreatState, ThreatStatus, TrackedMitigation
from domain.voting.scores import RankedThreat


class NextStepKind(StrEnum):
    """The kinds of next step."""

    DRAW = "draw"
    PLACE = "place"
    LINK = "link"
    ANSWER = "answer"
    ADD_MISSING = "add_missing"
    BEGIN_ANALYSIS = "begin_analysis"
    DECIDE_CANDIDATES = "decide_candidates"
    COVER = "cover"
    VOTE = "vote"
    SETTLE_ROUND = "settle_round"
    OPEN_ROUND = "open_round"
    BEGIN_REMEDIATION = "begin_remediation"
    RESPOND = "respond"
    APPROVE = "approve"
    PLAN = "plan"
    PUT_IN_PLACE = "put_in_place"
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
    worst_first: Sequence[RankedThreat],
    statuses: dict[ThreatId, ThreatStatus],
    checked: Sequence[Gate],
) -> NextStep:
    """Return the first unfinished step: responses to threats, their mitigations, then closing."""
    ordered = [statuses[one.threat.id] for one in worst_first]
    return (
        _response(model, ordered)
        or _approval(model, ordered)
        or _plan(model, ordered)
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


def _mitigation(model: ThreatModel, ordered: list[ThreatStatus]) -> NextStep | None:
    """Return the next mitigation: overdue ones first, then those to verify, then those with time left."""
    tracked = [
        one for status in ordered if status.state is not ThreatState.ACCEPTED for one in status.mitigations
    ]
    to_do = sorted((one for one in tracked if one.mitigation.state.to_do), key=_due)
    overdue = [one for one in to_do if one.overdue]
    if overdue:
        return _put_in_place(model, overdue[0], "overdue")
    for one in tracked:
        if one.mitigation.state is MitigationState.IMPLEMENTED:
            text = f"Verify “{one.mitigation.title}” ({one.mitigation.id}) as someone other than its owner"
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
    owner = one.mitigation.owner or model.facilitator
    return NextStep(
        act=NextStepKind.PUT_IN_PLACE,
        text=f"Implement “{one.mitigation.title}” ({id}): {when}",
        waits_for=owner,
        about=id,
    )


def _to_score_again(worst_first: Iterable[RankedThreat], statuses: dict[ThreatId, ThreatStatus]) -> list[str]:
    """Return the mitigated threats that were not scored again since."""
    return [
        f"“{one.threat.title}” ({one.threat.id})"
        for one in worst_first
        if one.score and not one.residual and statuses[one.threat.id].state is ThreatState.MITIGATED
    ]


def _closing(model: ThreatModel, checked: Sequence[Gate], again: Sequence[str]) -> NextStep:
    """Return the step of closing; a vote on the residual risk is offered but not required."""
    unmet = sum(not gate.met for gate in checked)
    text = f"Close the model ({count_phrase(unmet, 'condition')} not met)" if unmet else "Close the model"
    if again:
        what = again[0] if len(again) == 1 else f"{len(again)} mitigated threats"
        text = f"{text}, or first vote on the residual risk of {what}"
    return NextStep(act=NextStepKind.CLOSE, text=text, waits_for=model.facilitator)


def _called(model: ThreatModel, status: ThreatStatus) -> str:
    return f"“{model.threats[status.threat].title}” ({status.threat})"


def _due(one: TrackedMitigation) -> tuple[date, str]:
    return one.mitigation.due or date.max, one.mitigation.id
