"""A process without a bot token: workspaces install the app, use it, remove it, and install it again."""

import json
import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from msgspec.structs import replace
from slack_sdk.signature import SignatureVerifier

from bot.commands.command_handler import CommandHandler
from bot.sandbox.api import SECOND_TEAM, TEAM_ID, Behavior
from bot.settings import Secret, Settings, read_settings
from bot.slack.protocol.app_ids import EVENTS_PATH
from bot.slack.protocol.installation import ConfiguredInstallation, Installation
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.slack.slack_bot import SlackBot
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.store import Store, StreamId, UnitOfWork, open_store
from bot.store.repositories.access_tokens import AccessToken
from bot.token_cipher import key_id
from domain.kernel.elements import ChannelId, PersonId
from tests.depth import deep_also, deep_only
from tests.fresh_database import copy_fresh_file
from tests.queue_rows import subjects_of
from tests.slack.app_in_sandbox import app_in_sandbox
from tests.slack.installing import FIRST_KEY, SECOND_KEY, begun, oauth_settings
from tests.slack.oauth_stand_in import OAuthStandIn, slack_of_oauth
from tests.slack.slack_team import QUICK, SlackTeam, Transport, run_bot
from tests.store.contract.test_workspaces import FILLED
from tests.store.contract.test_workspaces import HOUSE as FILLED_CHANNEL
from tests.store.saying import LISTED, NOON, say, started
from tests.waiting import wait_until

SAME_CHANNEL, SAME_PERSON = "C1", "U1"
TOKEN = AccessToken(
    id="a",
    person=PersonId(SAME_PERSON),
    digest=b"d",
    scopes="read",
    created_at=NOON,
    expires_at=NOON + timedelta(days=3650),
)


class Front:
    """The public port of a running bot."""

    def __init__(self, bot: SlackBot, store: Store, slack: OAuthStandIn) -> None:
        self.bot = bot
        self.store = store
        self._slack = slack
        self._secret = bot.settings.signing_secret.reveal()
        self._numbers = iter(range(1, 1_000_000))

    def get(self, url: str, *, cookie: str = "") -> HttpResponse:
        """Answer a browser."""
        address = urlsplit(url)
        headers = {"cookie": cookie} if cookie else {}
        return self._answer("GET", address.path, address.query, headers, b"")

    def post(self, body: bytes, *, kind: str) -> HttpResponse:
        """Answer a signed request of Slack."""
        moment = str(int(time.time()))
        signature = SignatureVerifier(self._secret).generate_signature(timestamp=moment, body=body)
        headers = {
            "content-type": kind,
            "content-length": str(len(body)),
            "x-slack-request-timestamp": moment,
            "x-slack-signature": signature or "",
        }
        return self._answer("POST", EVENTS_PATH, "", headers, body)

    def install(self, team: str, *, enterprise: str = "", whole: bool = False) -> HttpResponse:
        """Install the app as a person of a workspace does."""
        self._slack.permit(f"code of {team}", team, enterprise=enterprise, whole=whole)
        began = self.get("/slack/install/start")
        state = parse_qs(urlsplit(began.headers["location"]).query)["state"][0]
        query = urlencode({"state": state, "code": f"code of {team}"})
        return self.get(f"/slack/oauth_redirect?{query}", cookie=begun(began)[1])

    def command(self, team: str, *, enterprise: str = "") -> str:
        """Type `/threatmodel help` in a workspace; return the answer."""
        body = urlencode(
            {
                "command": "/threatmodel",
                "text": "help",
                "team_id": team,
                "enterprise_id": enterprise,
                "user_id": SAME_PERSON,
                "channel_id": SAME_CHANNEL,
                "trigger_id": f"{next(self._numbers)}.1",
                "api_app_id": "A1",
            }
        )
        answer = self.post(body.encode(), kind="application/x-www-form-urlencoded")
        assert answer.status == 200
        return answer.body.decode()

    def event(self, kind: str, team: str) -> int:
        """Bring an event of a workspace; return the status."""
        body = {
            "type": "event_callback",
            "api_app_id": "A1",
            "team_id": team,
            "event_time": int(time.time()),
            "authorizations": [{"team_id": team, "enterprise_id": None, "is_enterprise_install": False}],
            "event": {"type": kind},
        }
        return self.post(json.dumps(body).encode(), kind="application/json").status

    def token_is_revoked(self, team: str) -> bool:
        token = self.store.unit(team).access_tokens.find(TOKEN.id)
        return token is not None and token.revoked_at is not None

    def _answer(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> HttpResponse:
        head = RequestHead(method=method, path=path, query=query, headers=headers)
        self.bot.public.max_body_bytes(head)
        work = self.bot.public.admit(HttpRequest(head=head, body=body))
        response = work if isinstance(work, HttpResponse) else work()
        response.sent()
        return response


@contextmanager
def running(slack: OAuthStandIn, path: Path, *keys: str) -> Generator[Front]:
    """Run a bot for many workspaces on a file."""
    if not path.exists():
        copy_fresh_file(path)
    store = open_store(f"sqlite:///{path}")
    command_handler = CommandHandler(store)
    settings = oauth_settings(slack.url, *keys)
    bot = SlackBot(settings, command_handler, store, lambda: datetime.now(UTC), pace=QUICK)
    try:
        bot.start()
        yield Front(bot, store, slack)
    finally:
        bot.stop()
        store.close()


def works(front: Front, team: str, *, enterprise: str = "") -> bool:
    return "not installed in this workspace" not in front.command(team, enterprise=enterprise)


def test_each_workspace_works_from_its_installation_to_its_end(slack: OAuthStandIn, tmp_path: Path) -> None:
    with running(slack, tmp_path / "many.db") as front:
        assert not works(front, "T1")
        for team in ("T1", "T2"):
            assert front.install(team).status == 200
            say(front.store, started(), key=team, stream=StreamId(f"{team}/TM-1"), summary=LISTED)
            front.store.unit(team).access_tokens.save(TOKEN)
        assert works(front, "T1")
        assert works(front, "T2")

        assert front.event("app_uninstalled", "T1") == 200
        wait_until(lambda: slack.calls.count("auth.test") >= 3, 10)
        assert works(front, "T1"), "Slack still accepts the token: the event was an earlier one"

        slack.revoke("T1")
        assert front.event("tokens_revoked", "T1") == 200
        wait_until(lambda: not works(front, "T1"), 10)
        assert works(front, "T2")
        wait_until(lambda: front.token_is_revoked("T1"), 10)
        assert not front.token_is_revoked("T2")

        assert front.install("T1").status == 200
        assert works(front, "T1")
        assert [stream.key for stream in front.store.unit("T1").events.streams()] == ["TM-1"]


def test_an_installation_outlives_the_process(slack: OAuthStandIn, tmp_path: Path) -> None:
    with running(slack, tmp_path / "many.db") as front:
        front.install("T1", enterprise="E1", whole=True)
    with running(slack, tmp_path / "many.db") as front:
        assert works(front, "T5", enterprise="E1"), "a workspace of the organization"
        assert not works(front, "T6")


def test_a_key_is_replaced_without_another_installation(slack: OAuthStandIn, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    with running(slack, path, FIRST_KEY) as front:
        front.install("T1")
    with running(slack, path, SECOND_KEY, FIRST_KEY) as front:
        wait_until(lambda: front.store.installations.keys() == {key_id(Secret(SECOND_KEY)): 1}, 10)
    with running(slack, path, SECOND_KEY) as front:
        assert works(front, "T1")


def test_tokens_are_renewed_by_the_running_process(slack: OAuthStandIn, tmp_path: Path) -> None:
    slack.rotates = True
    slack.life = 0  # due at once
    with running(slack, tmp_path / "many.db") as front:
        front.install("T1")
        wait_until(lambda: len(slack.refreshed) >= 1, 10)
        slack.life = 43_200
        wait_until(lambda: subjects_of(front.store.work, "installations", "token-refresh"), 10)
        assert works(front, "T1")


def test_a_refused_call_stops_a_workspace_only_until_slack_confirms_the_token(
    slack: OAuthStandIn, tmp_path: Path
) -> None:
    with running(slack, tmp_path / "many.db") as front:
        front.install("T1")
        wait_until(lambda: slack.calls.count("auth.test") == 1, 10)
        slack.failing["chat.postMessage"] = "invalid_auth"
        slack.failing["conversations.info"] = "invalid_auth"
        say(front.store, started(), stream=StreamId("T1/TM-1"), summary=LISTED)
        wait_until(lambda: slack.calls.count("auth.test") == 2, 15)
        slack.failing.clear()
        before = len(slack.calls)
        wait_until(lambda: set(slack.calls[before:]) - {"auth.test"}, 15)


def test_a_workspace_whose_calls_are_refused_is_silenced_alone(slack: OAuthStandIn, tmp_path: Path) -> None:
    """As when the event of the uninstall was never sent."""
    with running(slack, tmp_path / "many.db") as front:
        front.install("T1")
        front.install("T2")
        slack.revoke("T1")
        say(front.store, started(), stream=StreamId("T1/TM-1"), summary=LISTED)
        wait_until(lambda: front.store.installations.installed() == ["T2"], 15)
        assert works(front, "T2")


def configured(enterprise: str = "") -> ConfiguredInstallation:
    settings: Settings = read_settings({"SLACK_BOT_TOKEN": "xoxb-1"})
    installation = Installation(
        team="T1",
        url="https://acme.slack.com/",
        bot_user=PersonId("U1"),
        bot_name="threatmodel",
        enterprise=enterprise,
    )
    return ConfiguredInstallation(settings, installation)


def test_a_configured_token_is_for_its_workspace_alone() -> None:
    directory = configured(enterprise="E1")
    found = directory.find("E1", "T1")
    assert found is not None
    assert (found.tenant, found.bot_user, found.token.reveal(), found.state) == (
        "T1",
        "U1",
        "xoxb-1",
        "installed",
    )
    assert directory.find("E1", "T2") is None
    assert directory.tenants() == ["T1"]


def test_each_call_uses_the_present_token_and_names_the_workspace_where_slack_asks_for_it() -> None:
    tokens = iter(["xoxb-1", "xoxb-2", "xoxb-3"])
    with slack_of_oauth() as slack:
        api = SlackApi(token=lambda: next(tokens), base_url=slack.url, team="T1", patient=False)
        for method in ("users.list", "users.info", "users.list"):
            with suppress(ApiRefused):
                api.call(method, limit=3)
        assert slack.sent == [
            ("xoxb-1", {"limit": "3", "team_id": "T1"}),
            ("xoxb-2", {"limit": "3"}),
            ("xoxb-3", {"limit": "3", "team_id": "T1"}),
        ]


def test_a_request_that_names_no_workspace_is_for_the_only_one() -> None:
    directory = configured(enterprise="E1")
    assert directory.find("E1", "") == directory.find("", "") == directory.find("", "T1") is not None
    assert directory.find("E2", "") is None


HOURS = 3_600


@pytest.mark.parametrize("transport", ["http", *deep_also(("socket",))])
def test_workspaces_with_equal_channels_and_people_share_nothing(
    tmp_path: Path, transport: Transport
) -> None:
    with app_in_sandbox(tmp_path, transport) as app:
        first, second = app.sandbox, app.second
        assert "Threat Model is installed in The House." in app.install(TEAM_ID, "#house")
        app.start(first, "Front door")
        assert "Threat Model is installed in The Annexe." in app.install(SECOND_TEAM.id, "#house")
        app.start(second, "Back door")
        assert not [message for message in app.cards(first) if "Back door" in message]
        assert not [message for message in app.cards(second) if "Front door" in message]
        assert {one.stream for one in app.store.streams()} == {f"{TEAM_ID}/TM-1", f"{SECOND_TEAM.id}/TM-1"}


def test_an_uninstalled_workspace_is_silent_and_comes_back_with_its_models(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app:
        first, second = app.sandbox, app.second
        app.install(TEAM_ID, "#house")
        app.install(SECOND_TEAM.id, "#house")
        app.start(first, "Front door")
        app.start(second, "Back door")
        second.uninstall()
        app.wait(lambda: app.store.installations.installed() == [TEAM_ID])
        app.install(SECOND_TEAM.id, "#house")
        # Slack tells again of the end of the former installation.
        app.wait(lambda: len([one for one in second.deliveries if one.title == "app_uninstalled"]) == 2)
        assert second.person("ana").command("#house", "/threatmodel status").acked
        app.wait(lambda: "Back door" in second.person("ana").sees("#house")[-1].plain)
        assert app.store.installations.installed() == [TEAM_ID, SECOND_TEAM.id]
        assert first.person("ana").command("#house", "/threatmodel status").acked


@deep_only
def test_the_bot_goes_on_after_its_token_has_expired(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app:
        app.install(TEAM_ID, "#house")
        before = app.sandbox.bot_token
        app.sandbox.clock.move(7 * HOURS)
        app.wait(lambda: app.sandbox.bot_token != before)
        app.sandbox.clock.move(7 * HOURS)
        app.start(app.sandbox, "Front door")


def test_one_installation_serves_both_workspaces_of_an_organization(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path, behavior=Behavior(enterprise="E0ESTATE1")) as app:
        assert "Threat Model is installed in The Estate." in app.install("E0ESTATE1", "#house")
        app.start(app.sandbox, "Front door")
        app.start(app.second, "Back door")
        assert not [message for message in app.cards(app.sandbox) if "Back door" in message]
        app.second.uninstall()
        app.wait(lambda: app.store.installations.installed() == [])


OTHER = "T0OTHER01"
NAME = "A model of somebody else"
CHANNEL = ChannelId("C0HOUSE01")
"""The same id in both workspaces: each could be reached with the other's token."""

LONG_ENOUGH = 3.0
"""Seconds in which each round of the bot comes twice, and a claim has been left alone for a lease."""


def fill(path: Path) -> None:
    """Leave open work of the other workspace behind: cards, files, messages, a claim, a request.

    It is of today: the bot runs on the machine's clock and deletes what is old.
    """
    copy_fresh_file(path)
    with closing(open_store(f"sqlite:///{path}")) as store:
        begun = replace(started(), name=NAME, channel=CHANNEL)
        listed = replace(LISTED, name=NAME, channel=CHANNEL)
        say(store, begun, stream=StreamId(f"{OTHER}/TM-1"), summary=listed)
        unit = store.unit(OTHER)
        now = datetime.now(UTC)
        moments = {"NOON": now, "LATER": now + timedelta(days=365)}
        with patch.multiple("tests.store.contract.test_workspaces", **moments):
            for do, _ in FILLED.values():
                do(unit)
        for follow in (
            unit.deliveries.change_channel_id,
            unit.directory.change_channel_id,
            unit.pending.change_channel_id,
        ):
            follow(FILLED_CHANNEL, CHANNEL)


def rows(unit: UnitOfWork) -> dict[str, object]:
    return {name: seen(unit) for name, (_, seen) in FILLED.items()}


def asked(team: SlackTeam) -> str:
    """Everything that the bot has asked of Slack."""
    calls = [(call.method, call.arguments) for call in team.sandbox.api_calls]
    return json.dumps(calls, default=str)


def test_the_bot_of_one_workspace_leaves_another_on_the_same_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    fill(path)
    with run_bot(path) as team:
        other = team.store.unit(OTHER)
        before = rows(other)
        team.start()
        team.card("TM-1")
        team.command("ana", "/threatmodel models")
        time.sleep(LONG_ENOUGH)

        assert rows(other) == before
        assert NAME not in asked(team)
        assert OTHER not in asked(team)
        assert "1.1" not in [call.arguments.get("ts") for call in team.sandbox.api_calls]
        assert [one.stream for one in team.unit.cards.all()] == [f"{TEAM_ID}/TM-1"]
