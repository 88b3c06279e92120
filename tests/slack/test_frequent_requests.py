"""Requests that come most often are answered as Bolt answers them, without its search for a listener."""

from typing import Any, cast

import pytest
from slack_bolt import App
from slack_bolt.request import BoltRequest
from structlog.testing import capture_logs

from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.requests import Json
from bot.slack.transport import bolt_app
from bot.slack.transport.bolt_app import WorkspaceRequests, make_bolt_app
from domain.kernel.elements import PersonId
from tests.slack.installing import oauth_settings

VIEW: Json = {"type": "modal", "callback_id": "element", "blocks": []}
SUBMISSION: Json = {"type": "view_submission", "user": {"id": "U1"}, "team": {"id": "T1"}, "view": VIEW}
CLICK: Json = {
    "type": "block_actions",
    "user": {"id": "U1"},
    "team": {"id": "T1"},
    "actions": [{"action_id": "open:element"}],
}
NAMELESS = {"type": "modal", "callback_id": None}
REQUESTS: dict[str, Json] = {
    "a form": SUBMISSION,
    "a form without a name": {**SUBMISSION, "view": {**VIEW, "callback_id": ""}},
    "a form of no known kind": {**SUBMISSION, "view": NAMELESS},
    "a form without a field for its name": {**SUBMISSION, "view": {"type": "modal"}},
    "a closed form": {**SUBMISSION, "type": "view_closed"},
    "a click": CLICK,
    "a click on a form": {**CLICK, "view": VIEW},
    "a click that is an event of the bot itself": {**CLICK, "event": {}, "user": {"id": "U0BOT"}},
    "a choice": {**CLICK, "type": "block_suggestion"},
    "a command": {"command": "/threatmodel", "user_id": "U1", "team_id": "T1"},
    "a shortcut": {"type": "shortcut", "callback_id": "start", "user": {"id": "U1"}, "team": {"id": "T1"}},
    "nothing known": {"type": "hello", "team": {"id": "T1"}},
}


class Requests:
    """Stands for the dispatcher of a workspace, and notes what it answers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Json]] = []
        self.later: list[HandlerResponse] = []
        self.fault: Exception | None = None

    def answer(self, kind: str, body: Json) -> HandlerResponse:
        self.seen.append((kind, body))
        if self.fault is not None:
            raise self.fault
        return HandlerResponse(ack={"response_action": "errors", "errors": {"name": "Enter a name."}})

    def app(self) -> App:
        workspace = WorkspaceRequests(
            installation=Installation(
                team="T1", url="", bot_user=PersonId("U0BOT"), bot_name="bot", bot_id="B1", app="A1"
            ),
            request_reader=cast("Any", None),
            dispatcher=cast("Any", self),
            watch=cast("Any", None),
            later=self.later.append,
        )
        return make_bolt_app(oauth_settings("http://127.0.0.1:9/api/"), lambda _: workspace)


def no_kind(_: Json) -> None:
    return None


def answered(requests: Requests, body: Json) -> tuple[int, str, object]:
    answer = requests.app().dispatch(BoltRequest(body=body, mode="socket_mode"))
    return answer.status, answer.body, answer.headers


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_answered_as_by_bolt(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, bolts = Requests(), Requests()
    answer = answered(ours, REQUESTS[name])
    monkeypatch.setattr(bolt_app, "_frequent_kind", no_kind)

    assert answer == answered(bolts, REQUESTS[name])
    assert ours.seen == bolts.seen
    assert ours.later == bolts.later


@pytest.mark.parametrize("body", [SUBMISSION, CLICK], ids=["submission", "click"])
def test_frequent_requests_need_no_listener_of_bolt(body: Json) -> None:
    requests = Requests()
    app = requests.app()
    app.listener_runner.run = cast("Any", None)

    assert app.dispatch(BoltRequest(body=body, mode="socket_mode")).status == 200
    assert len(requests.seen) == len(requests.later) == 1


@pytest.mark.parametrize("body", [SUBMISSION, CLICK], ids=["submission", "click"])
def test_a_failure_is_logged_and_answered(body: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    requests, bolts = Requests(), Requests()
    requests.fault = bolts.fault = ZeroDivisionError()
    with capture_logs() as lines:
        answer = answered(requests, body)
    monkeypatch.setattr(bolt_app, "_frequent_kind", no_kind)

    assert answer == answered(bolts, body)
    assert answer[0] == 500
    assert [(one["event"], one["log_level"]) for one in lines] == [("a request was not answered", "error")]
