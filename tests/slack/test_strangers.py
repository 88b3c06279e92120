"""A workspace in which the app is not installed gets a clear answer, and leaves a line without its words."""

import json

import pytest
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from structlog.testing import capture_logs

from bot.slack.protocol.requests import Json
from bot.slack.transport.bolt_app import NOT_INSTALLED, WorkspaceRequests, make_bolt_app
from bot.store import StoreUnavailable
from tests.slack.installing import oauth_settings

WORDS = "the walrus at the back door"
COMMAND = {"command": "/threatmodel", "text": WORDS, "team_id": "T0STRANGE", "user_id": "U1"}
CLICK = {
    "type": "block_actions",
    "team": {"id": "T0STRANGE"},
    "actions": [{"action_id": "a", "value": WORDS}],
}
FORM = {"type": "view_submission", "team": {"id": "T0STRANGE"}, "view": {"type": "modal", "blocks": [WORDS]}}
EVENT = {"type": "event_callback", "team_id": "T0STRANGE", "event": {"type": "app_mention", "text": WORDS}}
EVERY = {"slash": COMMAND, "block_actions": CLICK, "view_submission": FORM, "event_callback": EVENT}


def answered(body: Json, *, unavailable: bool = False) -> BoltResponse:
    """The answer of a bot that finds no workspace."""

    def find(_: Json) -> WorkspaceRequests | None:
        if unavailable:
            raise StoreUnavailable("the disk is full")
        return None

    app = make_bolt_app(oauth_settings("http://127.0.0.1:9/api/"), find)
    return app.dispatch(BoltRequest(body=body, mode="socket_mode"))


def test_a_command_is_answered_with_what_to_do() -> None:
    answer = answered(COMMAND)
    assert answer.status == 200
    assert json.loads(answer.body) == {"response_type": "ephemeral", "text": NOT_INSTALLED}
    assert "Ask an administrator" in NOT_INSTALLED


@pytest.mark.parametrize("body", [CLICK, FORM], ids=["click", "form"])
def test_slack_says_that_the_app_does_not_answer_so_that_a_form_stays_open(body: Json) -> None:
    assert answered(body).status == 403


def test_an_event_is_acknowledged_because_slack_would_send_it_again() -> None:
    assert answered(EVENT).status == 200


@pytest.mark.parametrize("kind", EVERY)
def test_the_line_in_the_log_has_the_kind_and_no_words(kind: str) -> None:
    with capture_logs() as lines:
        answered(EVERY[kind])
    assert [(one["event"], one["kind"]) for one in lines] == [
        ("a request of a workspace without the app", kind)
    ]
    assert "walrus" not in json.dumps(lines)


@pytest.mark.parametrize("kind", EVERY)
def test_while_the_store_is_unavailable_nothing_is_acknowledged(kind: str) -> None:
    assert answered(EVERY[kind], unavailable=True).status == 503


def test_slack_may_check_the_address_before_any_installation() -> None:
    answer = answered({"type": "url_verification", "challenge": "c1"})
    assert (answer.status, "c1" in answer.body) == (200, True)
