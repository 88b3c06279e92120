"""Nothing is posted that another process posts by now; reminders are found by the keys that they carry."""

import pytest

from bot.delivery.call_budget import TooEarly
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.reminder_posts import ReminderContent, ReminderMessages, ThreadUnavailable
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import Overtaken
from domain.reminder_deliveries import ReminderKey

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
