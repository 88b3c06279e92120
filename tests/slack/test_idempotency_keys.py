"""What makes a request the same one, and when what follows an answer begins."""

import threading

import pytest

from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.protocol.payload_parsing import (
    parse_block_action,
    parse_shortcut,
    parse_slash_command,
    parse_view_submission,
)
from bot.slack.protocol.requests import Json, command_key

USER: Json = {"id": "U0BEN0002", "team_id": "T0SANDBOX"}


def test_a_submission_is_its_modal_as_it_stood() -> None:
    assert command_key(parse_view_submission(submission())) == command_key(
        parse_view_submission(submission(trigger_id="2.2"))
    )
    assert command_key(parse_view_submission(submission())) != command_key(
        parse_view_submission(submission(hash="another"))
    )
    assert command_key(parse_view_submission(submission())) != command_key(
        parse_view_submission(submission(id="V2"))
    )


@pytest.mark.parametrize(
    "other", [{"action_ts": "9.9"}, {"action_id": "do:other"}, {"user": "U0CHI0003"}, {"message_ts": "7.7"}]
)
def test_a_press_is_who_pressed_what_where_and_when(other: dict[str, str]) -> None:
    assert command_key(parse_block_action(click())) == command_key(
        parse_block_action({**click(), "trigger_id": "2.2"})
    )
    assert command_key(parse_block_action(click())) != command_key(parse_block_action(click(**other)))


def test_a_command_and_a_shortcut_are_their_trigger() -> None:
    said: Json = {"user_id": "U0BEN0002", "channel_id": "C0HOUSE01", "text": "undo", "trigger_id": "1.1"}
    assert command_key(parse_slash_command(said)) == command_key(
        parse_slash_command({**said, "response_url": "elsewhere"})
    )
    assert command_key(parse_slash_command(said)) != command_key(
        parse_slash_command({**said, "trigger_id": "1.2"})
    )
    used: Json = {"user": USER, "callback_id": "start_threat_model", "trigger_id": "3.3"}
    assert command_key(parse_shortcut(used)) != command_key(parse_shortcut({**used, "trigger_id": "3.4"}))


def test_what_follows_an_answer_waits_until_the_answer_has_left() -> None:
    deferred_work, done = DeferredWork(), threading.Event()
    deferred_work.later(done.set)
    assert not done.wait(0.1)
    deferred_work.start()
    assert done.wait(60)
    assert deferred_work.finish(5)


def test_one_answer_does_not_start_what_follows_another() -> None:
    deferred_work, done = DeferredWork(), threading.Event()
    deferred_work.later(done.set)
    other = threading.Thread(target=deferred_work.start)
    other.start()
    other.join()
    assert not done.wait(0.1)
    assert deferred_work.finish(5)


def submission(*, id: str = "V1", hash: str = "h1", trigger_id: str = "1.1") -> Json:  # noqa: A002  (Slack's words)
    view: Json = {"id": id, "hash": hash, "callback_id": "names", "state": {"values": {}}}
    return {"user": USER, "view": view, "trigger_id": trigger_id}


def click(
    *,
    action_ts: str = "5.5",
    action_id: str = "do:undo",
    user: str = "U0BEN0002",
    message_ts: str = "6.6",
) -> Json:
    action = {"action_id": action_id, "block_id": "b1", "action_ts": action_ts, "value": "{}"}
    container = {"message_ts": message_ts, "channel_id": "C0HOUSE01"}
    return {"user": {**USER, "id": user}, "actions": [action], "container": container, "trigger_id": "1.1"}
