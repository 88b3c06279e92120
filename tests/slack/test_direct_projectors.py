"""Projectors of direct messages: a model, what stands, and the time in; the wanted slots out."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec.structs import replace

from bot.delivery.slot_kinds import Desired, Gone, Unchanged, content_digest
from bot.slack.projectors.direct_messages import MAX_REREAD_DELAY, direct_slot, person_of
from bot.slack.projectors.handovers import HANDOVER, HandoverProjector, parameters_of
from bot.slack.projectors.invitations import INVITATION, InvitationProjector
from bot.slack.screens.handover_details import HandoverSources
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import salted_digest
from domain.commands import PlanMitigation, PlanSuggestedMitigations, Undo
from domain.events import RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.register import register
from domain.reminders import Reachability
from domain.replay import replay
from domain.voting.turnout import invited_voters
from tests.domain.remediation_story import FRIDAY, TH1, TH2, TH3, THREATS
from tests.domain.remediation_story import plan as plan_mitigation
from tests.domain.voting_story import RD1, VOTERS, ballot_of, open_round
from tests.examples import BEN, CHI, MORNING, at, decide_all

STREAM = StreamId("T1/TM-1")
EVENING = MORNING + timedelta(hours=12)
FAR_AWAY = timezone(timedelta(hours=-9))
"""Where it is midnight when the others begin to work."""


def invitations(events: list[RecordedEvent], *, away: PersonId | None = None) -> InvitationProjector:
    return InvitationProjector(
        stream=STREAM,
        model=replay(events),
        now=at(6),
        people=lambda person: Reachability(zone=FAR_AWAY if person == away else UTC),
    )


def ended_round() -> list[RecordedEvent]:
    """All have voted alike, which ends the round."""
    return decide_all(*(ballot_of(voter, 5) for voter in VOTERS), after=open_round())


def posted(projector: InvitationProjector, record: DeliveryRecord) -> DeliveryRecord:
    """The record of an invitation that shows what it should."""
    seen = projector.desired(record)
    assert isinstance(seen, Desired)
    return replace(record, external_id="1.0", place="D1", shown=salted_digest(content_digest(seen.content)))


def test_each_voter_of_an_open_round_is_invited_once() -> None:
    projector = invitations(open_round())
    plan = projector.plan(())
    assert [person_of(one) for one in plan.added] == list(invited_voters(projector.model.rounds[RD1]))
    assert plan.due == plan.added
    standing = [posted(projector, one) for one in plan.added]
    assert projector.plan(standing) == projector.plan(standing[::-1])
    assert (projector.plan(standing).added, projector.plan(standing).due) == ((), ())


def test_a_voter_who_is_not_at_work_is_invited_later_and_looked_at_again_within_an_hour() -> None:
    plan = invitations(open_round(), away=CHI).plan(())
    assert CHI not in {person_of(one) for one in plan.added}
    assert plan.again_at == at(6) + MAX_REREAD_DELAY


def test_an_invitation_is_due_once_its_voter_has_voted_and_for_the_last_time_at_the_end() -> None:
    before = open_round()
    standing = [posted(invitations(before), one) for one in invitations(before).plan(()).added]
    voted = decide_all(ballot_of(BEN, 5), after=before)
    assert BEN in {person_of(one) for one in invitations(voted).plan(standing).due}
    ended = invitations(ended_round())
    assert set(ended.plan(standing).due) == set(standing)
    seen = ended.desired(standing[0])
    assert isinstance(seen, Desired)
    assert seen.last


@pytest.mark.parametrize("attempt", ["", "a1"], ids=["not tried", "tried"])
def test_nobody_is_invited_to_a_round_that_is_over_unless_a_message_may_exist(attempt: str) -> None:
    ended = invitations(ended_round())
    seen = ended.desired(replace(direct_slot(INVITATION, STREAM, RD1, BEN), attempt=attempt))
    if not attempt:
        assert seen == Gone()
    else:
        assert isinstance(seen, Desired)
        assert seen.update_only


PLANNED = decide_all(plan_mitigation(), after=THREATS)
SEVERAL = decide_all(
    PlanSuggestedMitigations(by=BEN, at=at(10), threats=(TH1, TH2, TH3), owner=CHI, due=FRIDAY), after=THREATS
)
EACH = tuple(len(SEVERAL) - ahead for ahead in (4, 2, 0))
"""The versions at which each of the three is planned, after the response to its threat was chosen."""


def handovers(
    now: datetime,
    *,
    gone: bool = False,
    events: list[RecordedEvent] = PLANNED,
    unknown_in: TrackerId | None = None,
    was_asked: bool = False,
) -> HandoverProjector:
    model = replay(events)
    return HandoverProjector(
        sources=HandoverSources(
            stream=STREAM,
            events=events,
            model=model,
            register=register(model),
            naming=str,
            unknown_in=lambda _: unknown_in,
            was_asked=lambda _, __: was_asked,
        ),
        now=now,
        people=lambda _: Reachability(gone=gone),
    )


def test_an_owner_is_told_once_of_what_they_were_given() -> None:
    (added,) = handovers(at(11)).plan((), after=len(THREATS)).added
    assert added.slot == direct_slot(HANDOVER, STREAM, str(len(PLANNED)), CHI).slot
    again = handovers(at(11)).plan([replace(added, final=True)], after=len(THREATS))
    assert (again.added, again.due) == ((), ())
    assert handovers(at(11)).plan((), after=len(PLANNED)).added == ()


def test_an_owner_is_asked_once_for_the_account_in_the_tracker() -> None:
    another = PlanMitigation(by=BEN, at=at(11), threat=TH2, title="Another", owner=CHI)
    events = decide_all(another, after=PLANNED)
    tracker, another_tracker = TrackerId("TR-1"), TrackerId("TR-2")

    def added(**known: Any) -> tuple[DeliveryRecord, ...]:
        return handovers(at(12), events=events, **known).plan((), after=len(THREATS)).added

    def asks(slot: DeliveryRecord, tracker: TrackerId | None) -> bool:
        shown = handovers(at(12), events=events, unknown_in=tracker, was_asked=True).desired(slot)
        assert isinstance(shown, Desired)
        return "tracker_account" in str(shown.content.blocks)

    slots = added(unknown_in=tracker)
    assert [asks(one, tracker) for one in slots] == [True, False]
    assert [asks(one, None) for one in slots] == [False, False], "it is known meanwhile"
    assert [asks(one, another_tracker) for one in slots] == [False, False], "the model has another tracker"
    for known in ({"unknown_in": tracker, "was_asked": True}, {}):
        assert [asks(one, tracker) for one in added(**known)] == [False, False], known


def test_an_owner_who_is_not_at_work_is_told_when_they_are() -> None:
    plan = handovers(EVENING).plan((), after=len(THREATS))
    assert (len(plan.added), plan.due) == (1, ())
    assert plan.again_at == EVENING + MAX_REREAD_DELAY
    assert handovers(EVENING).desired(plan.added[0]) == Unchanged()
    assert isinstance(handovers(at(11)).desired(plan.added[0]), Desired)


def test_nobody_is_told_who_is_gone() -> None:
    assert handovers(at(9), gone=True).plan((), after=len(THREATS)).added == ()


def test_an_owner_is_told_once_of_all_that_one_command_gave_them() -> None:
    (added,) = handovers(at(11), events=SEVERAL).plan((), after=len(THREATS)).added
    assert added.slot == direct_slot(HANDOVER, STREAM, str(EACH[0]), CHI).slot
    assert parameters_of(added).versions == EACH
    again = handovers(at(11), events=SEVERAL).plan([added], after=len(THREATS))
    assert (again.added, again.due) == ((), (added,))


def test_several_that_came_at_night_wait_and_are_not_told_once_all_of_them_are_over() -> None:
    evening = [
        replace(one, at=EVENING) if number > len(THREATS) else one
        for number, one in enumerate(SEVERAL, start=1)
    ]
    plan = handovers(EVENING, events=evening).plan((), after=len(THREATS))
    assert (len(plan.added), plan.due, plan.again_at) == (1, (), EVENING + MAX_REREAD_DELAY)
    morning = MORNING + timedelta(days=1)
    assert isinstance(handovers(morning, events=evening).desired(plan.added[0]), Desired)
    undone = decide_all(Undo(by=BEN, at=EVENING), after=evening)
    assert handovers(morning, events=undone).desired(plan.added[0]) == Gone()
