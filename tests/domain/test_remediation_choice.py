"""What a team in remediation is asked to do next: answer every threat, then do what was planned."""

from datetime import UTC, datetime

import pytest

from domain.commands import ApproveAcceptance, ChooseResponse, Command, DropMitigation, ProposeAcceptance
from domain.kernel.elements import PersonId
from domain.kernel.response import ResponseKind
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId, RoundKind
from domain.next_step.next_step_kinds import NextStepKind
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import (
    MI1,
    SPRING,
    TH1,
    TH2,
    TH3,
    THREATS,
    implement,
    plan,
    respond,
    start,
    verify,
)
from tests.domain.voting_story import RD1, RD2, VOTERS, ballot_of, open_round_command
from tests.examples import ANA, BEN, CHI, at, decide_all

SOON, LATER, SUMMER = at(50), datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
REST = (respond(TH2, ResponseKind.AVOID), respond(TH3, ResponseKind.TRANSFER))
PROPOSE = ProposeAcceptance(by=ANA, at=at(11), threat=TH1, expires=SPRING, reason="We move out")
ASKING = ProposeAcceptance(by=BEN, at=at(11), threat=TH1, expires=SPRING, reason="Fine", approver=CHI)
DROP = DropMitigation(by=BEN, at=at(35), mitigation=MI1, reason="Too dear")
TO_MITIGATE = ChooseResponse(by=BEN, at=at(10), threat=TH1, response=ResponseKind.MITIGATE)
APPROVE = ApproveAcceptance(by=BEN, at=at(12), threat=TH1)


@pytest.mark.parametrize(
    ("said", "now", "act", "text", "waits_for"),
    [
        ((), SOON, NextStepKind.RESPOND, "to 3 threats, highest score first", None),
        (REST, SOON, NextStepKind.RESPOND, "to “A plumber who is none” (TH-1)", None),
        ((*REST, PROPOSE), SOON, NextStepKind.APPROVE, "Approve or decline", None),
        ((*REST, ASKING), SOON, NextStepKind.APPROVE, "(TH-1)", CHI),
        ((*REST, PROPOSE), SUMMER, NextStepKind.RESPOND, "(TH-1) again: it was not approved in time", None),
        ((*REST, PROPOSE, APPROVE), SOON, NextStepKind.CLOSE, "Close the model", ANA),
        ((*REST, PROPOSE, APPROVE), SUMMER, NextStepKind.RESPOND, "(TH-1): its acceptance has expired", None),
        ((*REST, TO_MITIGATE), SOON, NextStepKind.PLAN, "Plan a", None),
        (
            (*REST, plan()),
            SOON,
            NextStepKind.PUT_IN_PLACE,
            "“Ask for a badge” (MI-1): due 6 March",
            CHI,
        ),
        ((*REST, plan(owner=None)), SOON, NextStepKind.PUT_IN_PLACE, "(MI-1): due", ANA),
        ((*REST, plan(), start()), LATER, NextStepKind.PUT_IN_PLACE, "badge” (MI-1): overdue", CHI),
        (
            (*REST, plan(), start(), implement()),
            LATER,
            NextStepKind.VERIFY,
            "someone other than its owner",
            None,
        ),
        ((*REST, plan(), start(), implement(), verify()), LATER, NextStepKind.CLOSE, "Close the model", ANA),
        ((*REST, plan(), DROP), LATER, NextStepKind.PLAN, "Plan a", None),
    ],
)
def test_the_next_step_follows_from_what_is_not_done_yet(
    said: tuple[Command, ...], now: datetime, act: NextStepKind, text: str, waits_for: PersonId | None
) -> None:
    following = register(replay(decide_all(*said, after=THREATS)), now).next
    assert (following.act, following.waits_for) == (act, waits_for)
    assert text in following.text


def test_once_all_is_verified_a_vote_on_what_remains_is_offered_and_may_be_left_out() -> None:
    scored = decide_all(open_round_command(TH1, TH2), *voted(TH1), *voted(TH2), after=THREATS)
    verified = decide_all(*REST, plan(), start(), implement(), verify(), after=scored)
    following = register(replay(verified), SOON).next
    assert following.act is NextStepKind.CLOSE
    assert following.text.endswith("or first vote on the residual risk of “A plumber who is none” (TH-1)")
    remains = open_round_command(TH1, at=at(45), kind=RoundKind.RESIDUAL)
    again = decide_all(remains, *voted(TH1, RD2, minute=46), after=verified)
    assert "remains" not in register(replay(again), SOON).next.text


def voted(threat: ThreatId, round: RoundId = RD1, *, minute: int = 6) -> list[Command]:
    return [ballot_of(one, 5, on=threat, round=round, minute=minute) for one in VOTERS]


def test_a_verification_comes_before_what_still_has_time_and_after_what_is_overdue() -> None:
    both = decide_all(*REST, plan(), plan(minute=11), start(), implement(), after=THREATS)
    assert register(replay(both), SOON).next.about == "MI-1"
    assert register(replay(both), LATER).next.about == "MI-2"
