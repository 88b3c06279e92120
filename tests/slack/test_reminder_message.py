"""What reminds people keeps to Slack's limits, and says of each thing what it is and what was done."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.slack.ui.messages.reminder_message import reminder_message
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Occasion, read_key
from tests.depth import examples
from tests.domain.remediation_story import TH1, THREATS, plan
from tests.domain.voting_story import VOTERS, ballot_of, open_round_command
from tests.examples import decide_all
from tests.slack.hostile_models import texts
from tests.slack.limit_checks import message_faults
from tests.slack.view_contents import first_lines, reminder_now, sample_reminder

some_words = st.lists(texts, min_size=3, max_size=3)


@examples(20)
@given(some_words, st.sampled_from((1, 2, 9, 200)), st.sampled_from(Occasion), st.sampled_from((0, 3, 50)))
def test_a_reminder_of_any_number_of_things_is_one_message(
    words: list[str], count: int, occasion: Occasion, late: int
) -> None:
    told = sample_reminder(words)
    key = ReminderKey(f"TM-1:UANA:{occasion}:MI-1:2026-11-20+3")
    one = replace(told, key=key, about=read_key(key), late=timedelta(hours=late))
    assert message_faults(reminder_message([one] * count)) == []


def test_the_longest_names_that_look_like_mentions_leave_room_for_the_rest() -> None:
    for occasion in Occasion:
        told = sample_reminder(["<!channel>" * 300, "<!channel>" * 300, ""])
        key = ReminderKey(f"TM-1:UANA:{occasion}:MI-1:2026-11-20+3")
        one = replace(told, key=key, about=read_key(key))
        assert message_faults(reminder_message([one] * 200)) == []


def test_what_does_not_fit_with_its_buttons_has_a_line() -> None:
    told = sample_reminder(["Close the curtains"])
    shown = reminder_message([told] * 20)
    assert shown.text == "20 reminders, first: Overdue: Close the curtains (MI-1)"
    rest = shown.blocks[-1]["text"]["text"]
    assert rest.startswith("*Also:*")
    assert rest.endswith("See the Home tab for all of them.")


def test_what_is_due_first_comes_first_and_says_so_before_all_else() -> None:
    told = sample_reminder(["Close the curtains"])
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    soon = replace(told, until=noon + timedelta(days=7), is_over=False)
    shown = reminder_message([replace(told, until=None), soon, replace(told, until=noon, is_over=True)])
    said = [block["text"]["text"].split("\n")[1] for block in shown.blocks[1:] if block["type"] == "section"]
    assert ["*was due" in line for line in said] == [True, False, False]
    assert [" · due " in line for line in said] == [False, True, False]


def test_what_was_done_and_what_was_snoozed_are_counted_apart() -> None:
    told = sample_reminder(["Close the curtains"])
    tomorrow = datetime(2026, 11, 21, 9, tzinfo=UTC)
    shown = reminder_message([told, replace(told, outcome="Done."), replace(told, snoozed=tomorrow)])
    assert first_lines(shown) == ["*3 reminders for you* · 1 done · 1 snoozed"]


def test_what_was_closed_long_ago_can_be_reopened_from_there() -> None:
    key = ReminderKey("TM-1:UANA:review::2026-11-20")
    one = replace(sample_reminder(["", "", ""]), key=key, about=read_key(key), mitigation=None, threat=None)
    pressed = reminder_message([replace(one, permalink="https://x.slack.com/p1")]).blocks[-1]["elements"]
    assert [each["text"]["text"] for each in pressed] == ["Reopen", "Go to the card", "Snooze", "Why?"]


def test_what_was_put_off_until_after_it_was_due_is_called_overdue() -> None:
    told = sample_reminder(["Close the curtains"])
    key = ReminderKey("TM-1:UANA:due-today:MI-1:2026-11-20+0~2026-11-21T09:00Z")
    again = replace(told, key=key, about=read_key(key), is_over=True)
    assert reminder_message([again]).text == "Overdue: Close the curtains (MI-1)"
    assert reminder_message([replace(again, is_over=False)]).text == "Due today: Close the curtains (MI-1)"
    put_off = replace(again, snoozed=datetime(2026, 11, 21, 9, tzinfo=UTC))
    assert reminder_message([put_off]).text == "Due today: Close the curtains (MI-1)"


def test_the_digest_names_its_model_once_and_says_how_bad_each_thing_is() -> None:
    votes = [ballot_of(one, 9, on=TH1, minute=6) for one in VOTERS]
    events = decide_all(open_round_command(TH1), *votes, plan(minute=7), after=THREATS)
    one = reminder_now(events, "TM-1:thread:digest::2026-04-06", datetime(2026, 4, 6, 9, tzinfo=UTC))
    shown = reminder_message([one])
    assert first_lines(shown) == [
        "*Overdue:* 1 mitigation of The House (TM-1)",
        "• Ask for a badge (MI-1) · UCHI · due 6 March 2026 · Critical",
    ]
    assert [each["text"]["text"] for each in shown.blocks[-1]["elements"]] == ["Plan"]
