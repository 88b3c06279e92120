"""Nothing is posted that is not one's own to post any more, and what was posted twice is taken back."""

from datetime import UTC, datetime

import pytest

from bot.metrics import Metrics
from bot.nudges.courier import Letter, Posted
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.reminder_posts import SlackCourier
from bot.store.work_queue import Overtaken
from domain.kernel.elements import PersonId

LETTER = Letter(to=PersonId("U1"), nudges=(), at=datetime(2027, 1, 13, 10, 0, tzinfo=UTC))


class Line(SlackApi):
    """Answers each call with the next of some answers."""

    def __init__(self, *answers: Json | Exception) -> None:
        super().__init__(token="xoxb-1", base_url="http://127.0.0.1:9/api/")
        self.called: list[str] = []
        self._answers = list(answers)

    def call(self, method: str, **arguments: object) -> Json:
        del arguments
        self.called.append(method)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def courier(line: Line) -> SlackCourier:
    return SlackCourier(
        line,
        compose=lambda _: Message(text="Due today", blocks=[{"type": "divider"}]),
        card=lambda _: None,
        silence=lambda _: None,
        writes=lambda: None,
        metrics=Metrics(),
    )


@pytest.mark.parametrize("after", [0, 1], ids=["before the message", "before the words alone"])
def test_before_each_call_it_is_checked_whether_the_message_is_still_theirs(after: int) -> None:
    line = Line(*[ApiRefused("msg_blocks_too_long")][:after], Overtaken())
    with pytest.raises(Overtaken):
        courier(line).post("D1", "U1", LETTER)
    assert len(line.called) == after + 1


def test_words_alone_are_sent_where_slack_does_not_take_the_blocks() -> None:
    line = Line(ApiRefused("msg_blocks_too_long"), {"ts": "1.0"})
    assert courier(line).post("D1", "U1", LETTER) == Posted(channel="D1", ts="1.0")


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        ({"ok": True}, True),
        (ApiRefused("message_not_found"), True),
        (ApiRefused("ratelimited", retry_after=1), False),
        (ApiUnreachable("timeout"), False),
    ],
    ids=["deleted", "was deleted already", "too many calls", "no answer"],
)
def test_a_message_is_taken_back_until_it_is_gone(answer: Json | Exception, gone: bool) -> None:
    assert courier(Line(answer)).take_back("D1", "1.0") is gone
