"""People are reminded by direct message, in their working hours, and the message shows what was done."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from bot.sandbox.api import VisibleMessage
from domain.commands import AnswerQuestions, ImplementMitigation, Reply, RescheduleMitigation, TakeOver
from domain.kernel.answer import Answer
from domain.kernel.closing import OverriddenCondition
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.model import ThreatModel
from domain.register import register
from domain.reminder_deliveries import DeliveryState, SkipReason
from tests.slack.collected_house import create_collected_house
from tests.slack.reminder_steps import (
    announce_phase_move,
    last_reminder,
    plan_mitigations,
    reminder_deliveries,
    reminders,
    set_workspace_clock,
    workspace_day,
    workspace_time,
)
from tests.slack.slack_team import DIRECT, SlackTeam
from tests.slack.voting_steps import (
    begin_analysis_with,
    open_round_for,
    person_id,
    run_bot_on_workspace_clock,
)

MONDAY = datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
"""Ben has worked for half an hour by then, Ana since the morning."""
DAY = timedelta(days=1)


@pytest.fixture
def team(tmp_path: Path) -> Generator[SlackTeam]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


def days_on(team: SlackTeam, days: float = 1) -> None:
    team.sandbox.clock.move(days * DAY.total_seconds())


def test_an_owner_is_reminded_of_what_where_how_bad_since_and_until_when(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    days_on(team)
    seen = last_reminder(team, "ben", "Due soon: Close the curtains (MI-1)")
    for words in ("The House (TM-1)", "Threat: Curtains left open (TH-1)", "unscored", "since"):
        assert words in seen.plain
    assert "due Jan 19, 2027, 17:00" in seen.plain
    assert len(reminders(team, "ben")) == 1
    assert not reminders(team, "ana")


def test_whoever_did_not_know_is_reminded_on_the_day_until_someone_knows(team: SlackTeam) -> None:
    create_collected_house(team)
    first = register(team.model()).questions[0]
    said = {"by": person_id(team, "ana"), "at": team.now()}
    for answer in (Answer.UNKNOWN, Answer.YES):
        reply = Reply(element=first.element, fact=first.fact, answer=answer)
        team.command_handler.execute(
            AnswerQuestions(**said, replies=(reply,)), stream=team.streams[0], key=team.key()
        )
        if answer is Answer.UNKNOWN:
            days_on(team, 7)
            seen = last_reminder(team, "ana", "Open questions for you: 1 question to answer")
            assert "due today, 17:00" in seen.plain
            team.person("ana").click(seen, "Answer")
            assert "Assigned to you." in team.modal("ana", "My questions").plain
    last_reminder(team, "ana", "No questions remain.")


def test_several_things_of_one_day_come_in_one_message_and_are_done_one_by_one(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", "Close the curtains", "Lock the back door", days=8)
    days_on(team)
    seen = last_reminder(team, "ben", "2 reminders for you", "Close the curtains", "Lock the back door")
    ben = team.person("ben")
    ben.click(seen, "Mark as implemented")
    team.modal("ben", "Mark as implemented")
    ben.fill("Evidence", "Look at the window")
    team.submit("ben")
    after = last_reminder(team, "ben", "1 done", "Implemented by Ben. Someone else must verify it.")
    assert after.ts == seen.ts
    assert team.model().mitigations[MitigationId("MI-1")].state is MitigationState.IMPLEMENTED
    assert "late" not in after.plain
    assert len(reminders(team, "ben")) == 1


def test_what_is_snoozed_comes_again_on_that_day_and_nothing_else_moves(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", "Close the curtains", "Lock the back door", days=8)
    days_on(team)
    seen = last_reminder(team, "ben", "2 reminders")
    team.person("ben").click(seen, "Snooze")
    assert "Due soon: Close the curtains (MI-1)" in team.modal("ben", "Snooze reminder").plain
    team.person("ben").choose("Remind me", "3 days (Friday, 15 January)")
    team.submit("ben")
    after = team.modal("ben", "Snoozed")
    assert "You snoozed the reminder about “Close the curtains” (MI-1)." in after.plain
    assert "It returns Jan 15, 2027, 09:00." in after.plain
    assert not after.buttons  # what comes next in the model may be what was put off just now
    last_reminder(team, "ben", "Snoozed until")
    days_on(team, 3)
    team.wait(lambda: len(reminders(team, "ben")) == 2)
    again = last_reminder(team, "ben", "Due soon: Close the curtains (MI-1)")
    assert "Lock the back door" not in again.plain


def test_what_is_given_to_someone_else_says_so_and_reminds_them(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    days_on(team)
    seen = last_reminder(team, "ben", "Close the curtains")
    team.person("ben").click(seen, "Reassign")
    team.modal("ben", "Reassign")
    team.person("ben").choose("New owner", "Ana")
    team.submit("ben")
    last_reminder(team, "ben", "The owner is now Ana.")
    days_on(team, 6)
    last_reminder(team, "ana", "Due soon: Close the curtains")
    assert len(reminders(team, "ben")) == 1


def test_why_it_came_is_told_with_its_facts_its_rule_and_what_was_sent_before(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    days_on(team)
    team.person("ben").click(last_reminder(team, "ben"), "Why?")
    why = team.modal("ben", "Why this reminder?").plain
    for words in (
        "The mitigation is planned.",
        "Ben is the owner.",
        "It is about TH-1, Curtains left open.",
        "7 days and 1 day before the due date, on that day, and then every 3 days, at most 5 times",
        "sent",
        "Monday to Friday, 09:00 to 17:00 in America/New_York",
    ):
        assert words in why


def test_what_was_done_meanwhile_is_not_done_again_from_an_old_message(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    days_on(team)
    seen = last_reminder(team, "ben")
    ana = person_id(team, "ana")
    later = RescheduleMitigation(
        by=ana,
        at=workspace_time(team),
        mitigation=min(team.model().mitigations),
        due=workspace_day(team) + 90 * DAY,
    )
    team.command_handler.execute(later, stream=team.streams[0], key=team.key())
    last_reminder(team, "ben", "The new due date is Monday, 12 April 2027.")
    team.person("ben").click(seen, "Snooze")
    team.wait(
        lambda: any(
            "The new due date is Monday, 12 April" in message.plain
            for message in team.person("ben").direct_messages()
            if message.ephemeral
        )
    )


def test_what_is_done_between_the_tick_and_the_send_is_not_sent_and_says_why(team: SlackTeam) -> None:
    (one,) = plan_mitigations(team, "ben", days=8)
    with team.sandbox.faults.holding():
        days_on(team)
        team.wait(team.reminders.attempts)
        done = ImplementMitigation(
            by=person_id(team, "ben"), at=workspace_time(team), mitigation=one, evidence="See there"
        )
        team.command_handler.execute(done, stream=team.streams[0], key=team.key())
    team.wait(lambda: not team.reminders.attempts())
    (left,) = [delivery for delivery in reminder_deliveries(team) if delivery.to == person_id(team, "ben")]
    assert (left.state, left.reason) == (DeliveryState.SKIPPED, SkipReason.NOT_DUE)
    assert not reminders(team, "ben")


def test_someone_whom_slack_does_not_let_the_bot_write_to_is_told_of_to_the_facilitator_once(
    team: SlackTeam,
) -> None:
    plan_mitigations(team, "ben", days=8)
    team.sandbox.faults.fail_next("conversations.open", "messages_tab_disabled")
    days_on(team)
    last_reminder(team, "ana", "Reminders to Ben cannot be delivered")
    assert not reminders(team, "ben")
    failed = next(
        delivery for delivery in reminder_deliveries(team) if delivery.state is DeliveryState.FAILED
    )
    assert failed.reason == "messages_tab_disabled"


def test_where_slack_does_not_take_the_buttons_the_words_come_without_them(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    announce_phase_move(team)
    team.sandbox.faults.fail_next("chat.postMessage", "invalid_blocks", about=DIRECT)
    days_on(team)
    seen = last_reminder(
        team, "ben", "Due soon: Close the curtains (MI-1). See the Home tab for all of them."
    )
    assert not seen.buttons
    team.wait(lambda: [delivery.state for delivery in reminder_deliveries(team)] == [DeliveryState.SENT])


def test_where_slack_does_not_take_the_words_either_no_one_is_said_to_be_out_of_reach(
    team: SlackTeam,
) -> None:
    plan_mitigations(team, "ben", days=8)
    announce_phase_move(team)
    team.sandbox.faults.fail_next("chat.postMessage", "invalid_blocks", times=2, about=DIRECT)
    days_on(team)
    last_reminder(team, "ana", "Reminder to Ben not delivered (invalid_blocks)")
    assert not reminders(team, "ben")


def test_a_voter_who_owes_ballots_is_reminded_at_half_time_and_someone_who_voted_is_not(
    team: SlackTeam,
) -> None:
    begin_analysis_with(team, "Curtains left open")
    open_round_for(team, "ana", "ben", deadline=workspace_time(team) + 2 * DAY)
    days_on(team)
    seen = last_reminder(team, "ana", "Vote requested: 1 threat to vote on")
    team.person("ana").click(seen, "Vote")
    team.modal("ana", "Vote")


def test_a_new_owner_is_reminded_of_overdue_mitigations(
    team: SlackTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_open(model: ThreatModel, now: datetime) -> tuple[OverriddenCondition, ...]:
        del model, now
        return ()

    # The conditions that were passed on the way would come first.
    monkeypatch.setattr(import_module("domain.reminders.occasions"), "overrides_still_open", none_open)
    plan_mitigations(team, "ben", days=1)
    team.command_handler.execute(
        TakeOver(by=person_id(team, "chi"), at=workspace_time(team)),
        stream=team.streams[0],
        key=team.key(),
    )
    set_workspace_clock(team, datetime(2027, 2, 1, 1, 0, tzinfo=UTC))  # in Tokyo
    seen = last_reminder(team, "chi", "Long overdue: Close the curtains", "owner: Ben")
    team.person("chi").click(seen, "Reassign")
    team.modal("chi", "Reassign")
    team.person("chi").choose("New owner", "dee")
    team.submit("chi")
    assert not last_reminder(team, "chi", "✓ The owner is now Dee.").buttons


@pytest.mark.parametrize("trouble", ["answer_lost", "dropped", "server_error", "ratelimited", "fatal_error"])
def test_whatever_happens_to_the_call_the_message_is_there_once(team: SlackTeam, trouble: str) -> None:
    plan_mitigations(team, "ben", days=8)
    team.sandbox.faults.fail_next("chat.postMessage", trouble, about=DIRECT)
    days_on(team)
    team.wait(
        lambda: any(
            delivery.state is DeliveryState.HELD_BACK or not team.sandbox.faults.active
            for delivery in reminder_deliveries(team)
        )
    )
    if trouble in ("server_error", "ratelimited"):
        team.sandbox.clock.move(60)  # it waits by the workspace's clock
    team.wait(lambda: [delivery.state for delivery in reminder_deliveries(team)] == [DeliveryState.SENT])
    assert len(reminders(team, "ben")) == 1


def test_who_is_no_longer_in_the_channel_can_press_nothing_of_it(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    days_on(team)
    seen = last_reminder(team, "ben", "Close the curtains")
    team.person("ben").leave("#house")
    team.read_channel()
    for label in ("Mark as implemented", "Reassign", "Snooze", "Why?"):
        before = len(team.person("ben").direct_messages())
        team.person("ben").click(seen, label)
        team.wait(lambda before=before: len(team.person("ben").direct_messages()) > before)
        assert "Only members of this model's channel" in team.person("ben").direct_messages()[-1].plain
    assert team.model().mitigations[MitigationId("MI-1")].state is MitigationState.PLANNED


def test_what_was_erased_goes_from_the_messages_that_told_of_it(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=8)
    days_on(team)
    seen = last_reminder(team, "ben", "Close the curtains")
    team.store.erase_stream(team.streams[0])
    after = last_reminder(team, "ben", "Its subject was erased.")
    assert after.ts == seen.ts
    assert "curtains" not in after.plain.lower()


def test_what_is_overdue_for_long_is_told_in_the_thread_of_the_card_every_week(team: SlackTeam) -> None:
    plan_mitigations(team, "ben", days=1)
    announce_phase_move(team)  # else it comes in between when the clock is moved
    set_workspace_clock(team, datetime(2027, 2, 8, 9, 30, tzinfo=UTC))  # a Monday, weeks later

    def in_thread() -> list[VisibleMessage]:
        return team.person("ben").thread("#house", team.card("TM-1").ts)

    def digests() -> list[str]:
        return [one.plain for one in in_thread() if "1 mitigation of" in one.plain]

    team.wait(digests)
    assert "Close the curtains (MI-1) · Ben · due 12 January 2027" in digests()[0]
    days_on(team, 7)
    team.wait(lambda: len(digests()) == 2)
    ben = team.person("ben")
    second = next(one for one in reversed(in_thread()) if "1 mitigation of" in one.plain)
    ben.click(second, "Plan")
    team.modal("ben", "Plan")
    done = ImplementMitigation(
        by=person_id(team, "ben"),
        at=workspace_time(team),
        mitigation=MitigationId("MI-1"),
        evidence="A look",
    )
    team.command_handler.execute(done, stream=team.streams[0], key=team.key())
    team.wait(lambda: not digests())
    (last,) = (one for one in in_thread() if one.ts == second.ts)
    assert "No item is overdue or pending." in last.plain
