"""People are reminded by direct message, in their working hours, and the message shows what was done."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.api import VisibleMessage
from domain.commands import ImplementMitigation, RescheduleMitigation, TakeOver
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.nudge_deliveries import DeliveryState
from tests.slack.reminder_steps import (
    announce_phase_move,
    last_reminder,
    nudge_deliveries,
    plan_mitigations,
    reminders,
    set_workspace_clock,
    workspace_day,
    workspace_time,
)
from tests.slack.slack_team import RunningBot
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
def there(tmp_path: Path) -> Generator[RunningBot]:
    """A bot that lives by the clock of its workspace."""
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as running:
        set_workspace_clock(running, MONDAY)
        yield running


def days_on(there: RunningBot, days: float = 1) -> None:
    there.sandbox.clock.move(days * DAY.total_seconds())


def test_an_owner_is_reminded_of_what_where_how_bad_since_and_until_when(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    days_on(there)
    seen = last_reminder(there, "ben", "Due soon: Close the curtains (MI-1)")
    for words in ("The House (TM-1)", "against Curtains left open (TH-1)", "not scored yet", "since"):
        assert words in seen.plain
    assert "due Jan 19, 2027, 17:00" in seen.plain
    assert len(reminders(there, "ben")) == 1
    assert not reminders(there, "ana")


def test_several_things_of_one_day_come_in_one_message_and_are_done_one_by_one(there: RunningBot) -> None:
    plan_mitigations(there, "ben", "Close the curtains", "Lock the back door", days=8)
    days_on(there)
    seen = last_reminder(there, "ben", "2 reminders for you", "Close the curtains", "Lock the back door")
    ben = there.person("ben")
    ben.click(seen, "Done")
    there.modal("ben", "Done")
    ben.fill("What shows that it is in place?", "Look at the window")
    there.submit("ben")
    after = last_reminder(there, "ben", "1 done", "Done by Ben. Somebody else should look whether it holds.")
    assert after.ts == seen.ts
    assert there.model().mitigations[MitigationId("MI-1")].state is MitigationState.IMPLEMENTED
    assert "late" not in after.plain
    assert len(reminders(there, "ben")) == 1


def test_what_is_snoozed_comes_again_on_that_day_and_nothing_else_moves(there: RunningBot) -> None:
    plan_mitigations(there, "ben", "Close the curtains", "Lock the back door", days=8)
    days_on(there)
    seen = last_reminder(there, "ben", "2 reminders")
    there.person("ben").click(seen, "Snooze")
    assert "Due soon: Close the curtains (MI-1)" in there.modal("ben", "Snooze a reminder").plain
    there.person("ben").choose("When shall I come back to it?", "3 days (Friday, 15 January)")
    there.submit("ben")
    after = there.modal("ben", "Snoozed")
    assert "You snoozed the reminder about “Close the curtains” (MI-1)." in after.plain
    assert "It comes again Jan 15, 2027, 09:00." in after.plain
    assert not after.buttons  # what comes next in the model may be what was put off just now
    last_reminder(there, "ben", "Snoozed until")
    days_on(there, 3)
    there.wait(lambda: len(reminders(there, "ben")) == 2)
    again = last_reminder(there, "ben", "Due soon: Close the curtains (MI-1)")
    assert "Lock the back door" not in again.plain


def test_what_is_given_to_somebody_else_says_so_and_reminds_them(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    days_on(there)
    seen = last_reminder(there, "ben", "Close the curtains")
    there.person("ben").click(seen, "Reassign")
    there.modal("ben", "Reassign")
    there.person("ben").choose("Who sees to it?", "Ana")
    there.submit("ben")
    last_reminder(there, "ben", "Ana sees to it now.")
    days_on(there, 6)
    last_reminder(there, "ana", "Due soon: Close the curtains")
    assert len(reminders(there, "ben")) == 1


def test_why_it_came_is_told_with_its_facts_its_rule_and_what_was_sent_before(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    days_on(there)
    there.person("ben").click(last_reminder(there, "ben"), "Why this?")
    why = there.modal("ben", "Why this reminder?").plain
    for words in (
        "The mitigation is planned.",
        "Ben owns it.",
        "It is about TH-1, Curtains left open.",
        "7 days and 1 day before it is due, on the day, and then every 3 days, at most 5 times",
        "sent",
        "Monday to Friday, 09:00 to 17:00 in America/New_York",
    ):
        assert words in why


def test_what_was_done_meanwhile_is_not_done_again_from_an_old_message(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    days_on(there)
    seen = last_reminder(there, "ben")
    ana = person_id(there, "ana")
    later = RescheduleMitigation(
        by=ana,
        at=workspace_time(there),
        mitigation=min(there.model().mitigations),
        due=workspace_day(there) + 90 * DAY,
    )
    there.command_handler.execute(later, stream=there.streams[0], key=there.key())
    last_reminder(there, "ben", "It is due on Monday, 12 April 2027 now.")
    there.person("ben").click(seen, "Snooze")
    there.wait(
        lambda: any(
            "It is due on Monday, 12 April" in one.plain
            for one in there.person("ben").direct_messages()
            if one.ephemeral
        )
    )


def test_somebody_whom_slack_does_not_let_the_bot_write_to_is_told_of_to_the_facilitator_once(
    there: RunningBot,
) -> None:
    plan_mitigations(there, "ben", days=8)
    there.sandbox.faults.fail_next("conversations.open", "messages_tab_disabled")
    days_on(there)
    last_reminder(there, "ana", "I cannot write to Ben")
    assert not reminders(there, "ben")
    failed = next(one for one in nudge_deliveries(there) if one.state is DeliveryState.FAILED)
    assert failed.reason == "messages_tab_disabled"


def test_where_slack_does_not_take_the_buttons_the_words_come_without_them(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    announce_phase_move(there)
    there.sandbox.faults.fail_next("chat.postMessage", "invalid_blocks")
    days_on(there)
    seen = last_reminder(there, "ben", "Due soon: Close the curtains (MI-1). All of it is on my Home tab.")
    assert not seen.buttons
    there.wait(lambda: [one.state for one in nudge_deliveries(there)] == [DeliveryState.SENT])


def test_where_slack_does_not_take_the_words_either_nobody_is_said_to_be_out_of_reach(
    there: RunningBot,
) -> None:
    plan_mitigations(there, "ben", days=8)
    announce_phase_move(there)
    there.sandbox.faults.fail_next("chat.postMessage", "invalid_blocks", times=2)
    days_on(there)
    last_reminder(there, "ana", "I could not remind Ben: Slack did not take it (invalid_blocks)")
    assert not reminders(there, "ben")


def test_a_voter_who_owes_ballots_is_reminded_at_half_time_and_somebody_who_voted_is_not(
    there: RunningBot,
) -> None:
    begin_analysis_with(there, "Curtains left open")
    open_round_for(there, "ana", "ben", deadline=workspace_time(there) + 2 * DAY)
    days_on(there)
    seen = last_reminder(there, "ana", "Your vote is wanted: 1 threat to vote on")
    there.person("ana").click(seen, "Vote")
    there.modal("ana", "Vote")


def test_whoever_takes_over_is_told_what_its_owner_let_lie(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=1)
    there.command_handler.execute(
        TakeOver(by=person_id(there, "chi"), at=workspace_time(there)),
        stream=there.streams[0],
        key=there.key(),
    )
    set_workspace_clock(there, datetime(2027, 2, 1, 1, 0, tzinfo=UTC))  # in Tokyo
    seen = last_reminder(there, "chi", "Overdue for long: Close the curtains", "Ben owns it")
    there.person("chi").click(seen, "Reassign")
    there.modal("chi", "Reassign")
    there.person("chi").choose("Who sees to it?", "dee")
    there.submit("chi")
    assert not last_reminder(there, "chi", "✓ Dee sees to it now.").buttons


@pytest.mark.parametrize("trouble", ["answer_lost", "dropped", "server_error", "ratelimited", "fatal_error"])
def test_whatever_happens_to_the_call_the_message_is_there_once(there: RunningBot, trouble: str) -> None:
    plan_mitigations(there, "ben", days=8)
    there.sandbox.faults.fail_next("chat.postMessage", trouble)
    days_on(there)
    there.wait(
        lambda: any(
            one.state is DeliveryState.HELD_BACK or not there.sandbox.faults.active
            for one in nudge_deliveries(there)
        )
    )
    if trouble in ("server_error", "ratelimited"):
        there.sandbox.clock.move(60)  # it waits by the workspace's clock
    there.wait(lambda: [one.state for one in nudge_deliveries(there)] == [DeliveryState.SENT])
    assert len(reminders(there, "ben")) == 1


def test_who_is_not_in_the_channel_any_more_can_press_nothing_of_it(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    days_on(there)
    seen = last_reminder(there, "ben", "Close the curtains")
    there.person("ben").leave("#house")
    there.know()
    for label in ("Done", "Reassign", "Snooze", "Why this?"):
        before = len(there.person("ben").direct_messages())
        there.person("ben").click(seen, label)
        there.wait(lambda before=before: len(there.person("ben").direct_messages()) > before)
        assert "Only members of this model's channel" in there.person("ben").direct_messages()[-1].plain
    assert there.model().mitigations[MitigationId("MI-1")].state is MitigationState.PLANNED


def test_what_was_erased_goes_from_the_messages_that_told_of_it(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=8)
    days_on(there)
    seen = last_reminder(there, "ben", "Close the curtains")
    there.store.erase_stream(there.streams[0])
    after = last_reminder(there, "ben", "What it was about has been erased.")
    assert after.ts == seen.ts
    assert "curtains" not in after.plain.lower()


def test_what_is_overdue_for_long_is_told_in_the_thread_of_the_card_every_week(there: RunningBot) -> None:
    plan_mitigations(there, "ben", days=1)
    announce_phase_move(there)  # else it comes in between when the clock is moved
    set_workspace_clock(there, datetime(2027, 2, 8, 9, 30, tzinfo=UTC))  # a Monday, weeks later

    def in_thread() -> list[VisibleMessage]:
        return there.person("ben").thread("#house", there.card("TM-1").ts)

    def digests() -> list[str]:
        return [one.plain for one in in_thread() if "1 mitigation of" in one.plain]

    there.wait(digests)
    assert "Close the curtains (MI-1) · Ben · due 12 January 2027" in digests()[0]
    days_on(there, 7)
    there.wait(lambda: len(digests()) == 2)
    ben = there.person("ben")
    second = next(one for one in reversed(in_thread()) if "1 mitigation of" in one.plain)
    ben.click(second, "Plan")
    there.modal("ben", "Plan")
    done = ImplementMitigation(
        by=person_id(there, "ben"),
        at=workspace_time(there),
        mitigation=MitigationId("MI-1"),
        evidence="A look",
    )
    there.command_handler.execute(done, stream=there.streams[0], key=there.key())
    there.wait(lambda: not digests())
    (last,) = (one for one in in_thread() if one.ts == second.ts)
    assert "Nothing of it is overdue or waits any more." in last.plain
