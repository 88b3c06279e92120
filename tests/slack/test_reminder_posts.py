"""Nothing is posted that another process posts by now; reminders are found by the keys that they carry."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.reminder_list import snooze_options
from bot.slack.slots.reminder_slots import ReminderContent, ReminderMessages, ThreadUnavailable
from bot.slack.ui.messages.reminder_message import reminder_message
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Overtaken
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Occasion, Reachability, read_key
from tests.depth import examples
from tests.domain.remediation_story import TH1, THREATS, plan
from tests.domain.reminder_models import local_time
from tests.domain.voting_story import VOTERS, ballot_of, open_round_command
from tests.examples import decide_all
from tests.slack.hostile_models import texts
from tests.slack.limit_checks import message_faults
from tests.slack.view_contents import first_lines, reminder_now, sample_reminder

FIRST, SECOND = (
    ReminderKey("TM-1:U1:due-today:MI-1:2027-01-13+0"),
    ReminderKey("TM-1:U1:overdue:MI-2:2027-01-12+1"),
)
SLOT = DeliveryRecord(slot="reminder/U1/2027-01-13.1", sink="direct_message")
IN_THREAD = DeliveryRecord(slot="reminder/thread/TM-1/2027-01-13.1", sink="direct_message")
CONTENT = ReminderContent(message=Message(text="Due today", blocks=[{"type": "divider"}]), keys=(FIRST,))


class Line(SlackApi):
    """Answers each call with the next of some answers."""

    def __init__(self, *answers: Json | Exception) -> None:
        super().__init__(token="xoxb-1", base_url="http://127.0.0.1:9/api/")
        self.called: list[str] = []
        self.arguments: list[dict[str, object]] = []
        self._answers = list(answers)

    def call(self, method: str, **arguments: object) -> Json:
        self.called.append(method)
        self.arguments.append(arguments)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


OPENED: Json = {"channel": {"id": "D1"}}


def messages(line: Line) -> ReminderMessages:
    return ReminderMessages(line, card=lambda _: None, keys=lambda _: (FIRST, SECOND), writes=lambda: None)


@pytest.mark.parametrize("before", [0, 1], ids=["the conversation is opened", "the message is posted"])
def test_a_message_of_a_process_that_was_overtaken_is_not_posted(before: int) -> None:
    line = Line(*[OPENED][:before], Overtaken())
    with pytest.raises(Overtaken):
        messages(line).post(SLOT, CONTENT)
    assert len(line.called) == before + 1


def test_a_post_carries_its_keys_and_a_conversation_is_opened_once() -> None:
    line = Line(OPENED, {"ts": "1.0"}, {"ts": "2.0"})
    sink = messages(line)
    assert sink.post(SLOT, CONTENT) == PostPlace(external_id="1.0", place="D1", carried=(FIRST,))
    assert sink.post(SLOT, CONTENT).external_id == "2.0"
    assert line.called == ["conversations.open", "chat.postMessage", "chat.postMessage"]
    assert line.arguments[1]["metadata"] == {
        "event_type": "threatmodel_reminder",
        "event_payload": {"keys": [FIRST]},
    }


def test_a_message_from_after_the_moment_to_which_the_database_was_restored_is_not_its_own() -> None:
    def carrying(**epoch: str) -> Json:
        payload = {"keys": [FIRST], **epoch}
        return {"ts": "9.0", "metadata": {"event_type": "threatmodel_reminder", "event_payload": payload}}

    def found(own: str, *carried: Json) -> object:
        line = Line(OPENED, {"messages": list(carried)})
        sink = ReminderMessages(
            line, card=lambda _: None, keys=lambda _: (FIRST,), writes=lambda: None, epoch=own
        )
        return sink.find(SLOT)

    assert found("b7", carrying()) == NoPost()
    assert found("b7", carrying(epoch="a1")) == NoPost()
    assert found("b7", carrying(epoch="b7")) != NoPost()
    assert found("", carrying(epoch="b7")) == NoPost()
    line = Line(OPENED, {"ts": "1.0"})
    ReminderMessages(
        line, card=lambda _: None, keys=lambda _: (FIRST,), writes=lambda: None, epoch="b7"
    ).post(SLOT, CONTENT)
    assert line.arguments[1]["metadata"] == {
        "event_type": "threatmodel_reminder",
        "event_payload": {"keys": [FIRST], "epoch": "b7"},
    }


def test_a_message_is_found_by_any_of_its_keys() -> None:
    carried = {"event_type": "threatmodel_reminder", "event_payload": {"keys": [SECOND, "of another batch"]}}
    others = [{"ts": "3.0"}, {"ts": "2.0", "metadata": {"event_type": "other", "event_payload": {"keys": 5}}}]
    line = Line(OPENED, {"messages": [*others, {"ts": "1.0", "metadata": carried}]})
    found = messages(line).find(SLOT)
    assert found == PostPlace(external_id="1.0", place="D1", carried=(SECOND,), found=True)
    assert messages(Line(OPENED, {"messages": others})).find(SLOT) == NoPost()


def test_a_thread_is_not_searched_and_one_without_a_card_waits() -> None:
    line = Line()
    assert messages(line).find(IN_THREAD) == NoPost()
    with pytest.raises(ThreadUnavailable) as refused:
        messages(line).post(IN_THREAD, CONTENT)
    assert messages(line).outcome(refused.value) is SinkOutcome.SUSPENDED
    assert line.called == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (ApiRefused("ratelimited", retry_after=1), SinkOutcome.LATER),
        (TooEarly(1.5), SinkOutcome.LATER),
        (ApiRefused("token_revoked"), SinkOutcome.LATER),
        (ApiRefused("msg_blocks_too_long"), SinkOutcome.TOO_LONG),
        (ApiRefused("message_not_found"), SinkOutcome.GONE),
        (ApiRefused("user_disabled"), SinkOutcome.REFUSED),
        (ApiRefused("nobody knows this code"), SinkOutcome.REFUSED),
        (ApiUnreachable("timeout"), SinkOutcome.UNKNOWN),
    ],
    ids=lambda one: str(one),
)
def test_each_failure_of_a_reminder_has_a_meaning(fault: Exception, outcome: SinkOutcome) -> None:
    assert messages(Line()).outcome(fault) is outcome


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


def test_what_was_closed_long_ago_can_be_reviewed_from_there() -> None:
    key = ReminderKey("TM-1:UANA:review::2026-11-20")
    one = replace(sample_reminder(["", "", ""]), key=key, about=read_key(key), mitigation=None, threat=None)
    pressed = reminder_message([replace(one, permalink="https://x.slack.com/p1")]).blocks[-1]["elements"]
    assert [each["text"]["text"] for each in pressed] == ["Review", "Go to the card", "Snooze", "Why?"]


def test_what_was_put_off_until_after_it_was_due_is_called_overdue() -> None:
    told = sample_reminder(["Close the curtains"])
    key = ReminderKey("TM-1:UANA:due-today:MI-1:2026-11-20+0~2026-11-21T09:00Z")
    again = replace(told, key=key, about=read_key(key), is_over=True)
    assert reminder_message([again]).text == "Overdue: Close the curtains (MI-1)"
    assert reminder_message([replace(again, is_over=False)]).text == "Due today: Close the curtains (MI-1)"
    put_off = replace(again, snoozed=datetime(2026, 11, 21, 9, tzinfo=UTC))
    assert reminder_message([put_off]).text == "Due today: Close the curtains (MI-1)"


def test_the_digest_names_its_model_once_and_says_how_bad_each_thing_is() -> None:
    votes = [ballot_of(voter, 9, on=TH1, minute=6) for voter in VOTERS]
    events = decide_all(open_round_command(TH1), *votes, plan(minute=7), after=THREATS)
    one = reminder_now(events, "TM-1:thread:digest::2026-04-06", datetime(2026, 4, 6, 9, tzinfo=UTC))
    shown = reminder_message([one])
    assert first_lines(shown) == [
        "*Overdue:* 1 mitigation of The House (TM-1)",
        "• Ask for a badge (MI-1) · UCHI · due 6 March 2026 · Critical",
    ]
    assert [each["text"]["text"] for each in shown.blocks[-1]["elements"]] == ["Plan"]


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (
            "2026-12-01T10:00",
            (
                "1 day (Wednesday, 2 December)",
                "3 days (Friday, 4 December)",
                "Next week (Monday, 7 December)",
            ),
        ),
        (  # three days on is a Sunday, and then it would come on Monday
            "2026-12-03T10:00",
            (
                "1 day (Friday, 4 December)",
                "3 days (Monday, 7 December)",
                "In one week (Thursday, 10 December)",
            ),
        ),
        ("2026-12-04T10:00", ("1 day (Monday, 7 December)", "In one week (Friday, 11 December)")),
        (
            "2026-12-06T10:00",
            (
                "1 day (Monday, 7 December)",
                "3 days (Wednesday, 9 December)",
                "In one week (Monday, 14 December)",
            ),
        ),
        (  # over the holidays
            "2026-12-23T10:00",
            ("1 day (Tuesday, 29 December)", "In one week (Wednesday, 30 December)"),
        ),
    ],
)
def test_what_is_offered_is_when_it_comes(now: str, offered: tuple[str, ...]) -> None:
    holidays = frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)})
    reach = Reachability(zone=ZoneInfo(BERLIN), holidays=holidays)
    assert tuple(option.text for option in snooze_options(reach, local_time(now, BERLIN))) == offered


def test_what_is_chosen_is_when_they_begin_to_work() -> None:
    friday = local_time("2026-12-04T10:00", BERLIN)
    first, _ = snooze_options(Reachability(zone=ZoneInfo(BERLIN)), friday)
    assert first.value == "2026-12-07T08:00:00+00:00"
