"""What nobody's Slack sends: other workspaces and apps, changed forms, addresses that lead elsewhere."""

import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bot.sandbox.api import Delivery
from bot.slack.protocol.payload_parsing import RequestReader, UnreadablePayload
from bot.slack.protocol.requests import Json
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.test_access import altered
from tests.slack.test_shared_channels import words_to

FOREIGN = "People from other organizations"
NOT_A_MEMBER = "Only members of this model's channel"
STALE = "from an earlier version of the bot"


@pytest.mark.parametrize(
    "changes", [{"team": {"id": "T0OTHERS"}}, {"user": {"id": "U0BEN0002", "team_id": "T0OTHERS"}}]
)
def test_a_press_from_another_workspace_is_refused(team: SlackTeam, changes: Json) -> None:
    clicked = pressed(team)
    before = team.model().version
    bring(team, undoing(clicked, **changes))
    team.private_message("ben", FOREIGN)
    assert team.model().version == before


def test_a_command_from_another_workspace_is_refused(team: SlackTeam) -> None:
    create_collected_house(team)
    said = team.command("ben", "/threatmodel list")
    before = team.model().version
    forged = {**said.payload, "team_id": "T0OTHERS", "text": "undo", "trigger_id": "8.8"}
    delivery = team.sandbox.client.sender.send("slash_commands", forged)
    assert FOREIGN in str(delivery.response)
    assert team.model().version == before


def test_what_is_meant_for_another_app_is_not_done(team: SlackTeam) -> None:
    clicked = pressed(team)
    before = team.model().version
    assert bring(team, undoing(clicked, api_app_id="A0OTHER")).acked
    bring(team, undoing(clicked, team={"id": "T0OTHERS"}))
    team.private_message("ben", FOREIGN)
    assert len(team.private_messages("ben")) == 1, "nothing is said of the first one"
    assert team.model().version == before


@pytest.mark.parametrize("action_id", ["", "burn", "burn:it", "do", "x" * 255])
def test_a_button_that_no_one_made_is_refused_kindly(team: SlackTeam, action_id: str) -> None:
    clicked = pressed(team)
    before = team.model().version
    action = {**clicked.payload["actions"][0], "action_id": action_id, "value": '{"v":1,"w":"burn"}'}
    assert bring(team, altered(clicked, actions=[action])).acked
    team.private_message("ben", STALE)
    assert team.model().version == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"private_metadata": '{"v":1,"w":"element","s":"T0SANDBOX/TM-2","k":"asset"}'}, NOT_A_MEMBER),
        ({"private_metadata": '{"v":1,"w":"element","s":"T0SANDBOX/TM-9","k":"asset"}'}, NOT_A_MEMBER),
        ({"private_metadata": '{"v":1,"w":"element","s":"T0OTHERS/TM-1","k":"asset"}'}, STALE),
        ({"private_metadata": '{"v":1,"w":"element","s":"T0SANDBOX/TM-1","c":"C0ELSE"}'}, STALE),
        ({"private_metadata": '{"v":0,"w":"element","s":"T0SANDBOX/TM-1","k":"asset"}'}, STALE),
        ({"private_metadata": "x" * 3000}, STALE),
        ({"private_metadata": ""}, STALE),
        ({"callback_id": "burn"}, STALE),
        ({"callback_id": "more"}, STALE),
        ({"state": {"values": {"name": {"value": {"type": "of a later year"}}}}}, STALE),
    ],
)
def test_a_form_that_was_changed_on_the_way_is_refused_kindly(
    team: SlackTeam, changes: Json, sentence: str
) -> None:
    create_collected_house(team)
    team.sandbox.invite_bot("#house-keys")
    team.start("ana", "The keys", "#house-keys")
    team.person("ana").close()
    team.command("dee", "/threatmodel add asset")
    form = team.modal("dee", "Add asset")
    team.person("dee").fill("Name", "The cat")
    before = [team.model(number).version for number in (0, 1)]
    handed_in = team.sandbox.client.parts.views.find(view_id=form.id).as_slack()
    payload: dict[str, Any] = {
        "type": "view_submission",
        "api_app_id": "A0THREATM",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": team.person("dee").id, "team_id": "T0SANDBOX"},
        "trigger_id": "6.6",
        "view": {**handed_in, **changes},
    }
    delivery = team.sandbox.client.sender.send("interactive", payload)
    assert delivery.acked
    team.wait(lambda: sentence in str(delivery.response) + words_to(team, "dee"))
    assert [team.model(number).version for number in (0, 1)] == before


def test_a_reply_goes_to_slack_alone(team: SlackTeam, elsewhere: "Elsewhere") -> None:
    clicked = pressed(team)
    bring(team, undoing(clicked, response_url=f"{elsewhere.address}/respond", team={"id": "T0OTHERS"}))
    bring(team, undoing(clicked, team={"id": "T0OTHERS"}))
    team.private_message("ben", FOREIGN)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("api_url", "url", "allowed"),
    [
        ("https://slack.com/api/", "https://hooks.slack.com/commands/1", True),
        ("https://slack-gov.com/api/", "https://hooks.slack-gov.com/commands/1", True),
        ("http://127.0.0.1:5000/api/", "http://127.0.0.1:5000/respond/1", True),
        ("https://slack.com/api/", "http://hooks.slack.com/commands/1", False),
        ("https://slack.com/api/", "https://hooks.slack.com.evil.example/1", False),
        ("https://slack.com/api/", "https://hooks.slack.com@evil.example/1", False),
        ("https://slack.com/api/", "https://hooks.slack.com:8443/1", False),
        ("https://slack.com/api/", "https://169.254.169.254/latest/meta-data", False),
        ("https://slack.com/api/", "file:///etc/passwd", False),
        ("https://slack.com/api/", "https://[", False),
        ("http://127.0.0.1:5000/api/", "http://127.0.0.1:5001/respond/1", False),
    ],
)
def test_addresses_for_replies(api_url: str, url: str, allowed: bool) -> None:
    said: Json = {"user_id": "U1", "channel_id": "C1", "trigger_id": "1.1", "response_url": url}
    asked, _ = RequestReader(app="", api_url=api_url).read("slash", said)
    assert asked.response_url == (url if allowed else "")


@pytest.mark.parametrize(("app", "read"), [("", True), ("A0THREATM", True), ("A0OTHER", False)])
def test_an_app_that_slack_did_not_name_takes_what_is_signed(app: str, read: bool) -> None:
    said: Json = {"user_id": "U1", "channel_id": "C1", "trigger_id": "1.1", "api_app_id": "A0THREATM"}
    if read:
        RequestReader(app=app, api_url="https://slack.com/api/").read("slash", said)
    else:
        with pytest.raises(UnreadablePayload):
            RequestReader(app=app, api_url="https://slack.com/api/").read("slash", said)


class Elsewhere(HTTPServer):
    """A server that nobody should ask."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Listens)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Listens(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Elsewhere)
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def elsewhere() -> Generator[Elsewhere]:
    server = Elsewhere()
    yield server
    server.shutdown()
    server.server_close()


def pressed(team: SlackTeam) -> Delivery:
    """Something that Ben really pressed."""
    create_collected_house(team)
    clicked = team.person("ben").click(team.card("Data flows  5"), "More…")
    team.modal("ben", "More")
    team.person("ben").close()
    return clicked


def undoing(clicked: Delivery, **changes: Any) -> Json:
    value = '{"v":1,"w":"undo","s":"T0SANDBOX/TM-1"}'
    action = {**clicked.payload["actions"][0], "action_id": "do:undo", "value": value}
    return altered(clicked, actions=[action], **changes)


def bring(team: SlackTeam, payload: Json) -> Delivery:
    return team.sandbox.client.sender.send("interactive", payload)
