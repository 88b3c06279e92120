"""A process without a bot token: workspaces install the app, use it, remove it, and install it again."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.commands.command_handler import CommandHandler
from bot.settings import Secret
from bot.slack.protocol.app_ids import EVENTS_PATH
from bot.slack.slack_bot import SlackBot
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.store import Store, StreamId, open_store
from bot.store.repositories.access_tokens import AccessToken
from bot.token_cipher import key_id
from domain.kernel.elements import PersonId
from tests.fresh_database import copy_fresh_file
from tests.queue_rows import subjects_of
from tests.slack.installing import FIRST_KEY, SECOND_KEY, begun, oauth_settings
from tests.slack.oauth_stand_in import OAuthStandIn, slack_of_oauth
from tests.slack.slack_team import QUICK
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


@pytest.fixture
def slack() -> Iterator[OAuthStandIn]:
    with slack_of_oauth() as stand_in:
        yield stand_in


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
        command_handler.close()
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
        assert [one.key for one in front.store.unit("T1").events.streams()] == ["TM-1"]


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
