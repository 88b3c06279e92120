"""A replica that serves installations: its work is run by the test, at the time of the test."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.delivery.work_kinds import Done
from bot.request_rates import AddressRates
from bot.settings import Settings, read_settings
from bot.slack.directory.app_installations.installation_service import compose_installations
from bot.slack.directory.app_installations.installation_work import TENANT, InstallationWork
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead
from bot.slack.transport.install_pages import ALL, EACH, InstallPages
from bot.store import Store, StoreError
from bot.store.work_queue import Claim, Touch
from bot.token_cipher import TokenUnreadable
from tests.fresh_database import fresh_store
from tests.queue_rows import claim_one
from tests.slack.oauth_stand_in import CLIENT_ID, CLIENT_SECRET, OAuthStandIn

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
FIRST_KEY = "Zmlyc3QgIGtleSBvZiB0aHJlZSBmb3IgdGVzdHMgISE="
SECOND_KEY = "c2Vjb25kIGtleSBvZiB0aHJlZSBmb3IgdGVzdHMgISE="


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **much: float) -> None:
        """Let some time pass."""
        self.moment += timedelta(**much)


def oauth_settings(api_url: str, *keys: str, **more: str) -> Settings:
    """Settings of a bot for many workspaces."""
    return read_settings(
        {
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SLACK_SIGNING_SECRET": "fedcba9876543210fedcba9876543210",
            "THREATMODEL_TOKEN_KEYS": ",".join(keys or (FIRST_KEY,)),
            "SLACK_API_URL": api_url,
            **more,
        },
        serving=True,
    )


class InstallingReplica:
    """One replica with its pages, its directory and its work."""

    def __init__(
        self,
        slack: OAuthStandIn,
        store: Store | None = None,
        *,
        clock: Clock | None = None,
        keys: Iterable[str] = (),
        allowed: str = "",
        contact: str = "",
        api_url: str = "",
    ) -> None:
        self.store = store or fresh_store()
        self.clock = clock or Clock()
        self.changed: list[str] = []
        self.checks = 0
        self.before_calls: Callable[[], object] = lambda: None
        settings = oauth_settings(
            api_url or slack.url, *keys, ALLOWED_WORKSPACES=allowed, SUPPORT_CONTACT=contact
        )
        service = compose_installations(
            settings, self.store, now=self.clock, touch=self._touch, check=self._check
        )
        self.directory, self.work, self.events = service.directory, service.work, service.events
        self.work.on_changed(self.changed.append)
        self.pages = InstallPages(
            settings,
            service.states,
            self.work,
            scopes=("chat:write", "commands"),
            rates=AddressRates(EACH, ALL, clock=lambda: self.clock().timestamp()),
        )
        self._kinds = {kind.name: kind for kind in self.work.kinds()}

    def run_due(self, *, most: int = 50) -> list[str]:
        """Claim and run what is due; return the kinds, with what failed."""
        ran: list[str] = []
        while len(ran) < most and (claim := claim_one(self.store.work, TENANT, self.clock())) is not None:
            ran.append(claim.item.kind + self._run(claim))
        return ran

    def _run(self, claim: Claim) -> str:
        try:
            result = self._kinds[claim.item.kind].run(claim)
        except (ApiRefused, ApiUnreachable, StoreError, TokenUnreadable) as fault:  # as the worker does
            result = InstallationWork.failed(fault)
        if isinstance(result, Done):
            self.store.work.settle(claim, again_at=result.again_at, again_after=result.again_after)
            return ""
        self.store.work.retry_later(claim, 60.0, counted=result.counted)
        return f": {result.reason}"

    def _touch(self, touches: Iterable[Touch]) -> None:
        self.store.work.touch(*touches, durable=True)

    def _check(self) -> None:
        self.checks += 1
        self.before_calls()

    # A person with a browser

    def get(
        self, path: str, query: str = "", *, cookie: str = "", method: str = "GET", peer: str = ""
    ) -> HttpResponse:
        """Answer a request of a browser."""
        headers = {"cookie": cookie} if cookie else {}
        head = RequestHead(method=method, path=path, query=query, headers=headers)
        work = self.pages.admit(HttpRequest(head=head, body=b"", peer=peer))
        return work if isinstance(work, HttpResponse) else work()

    def begin(self) -> tuple[str, str]:
        """Begin an installation; return its state and the browser's cookie."""
        return begun(self.get("/slack/install/start"))

    def finish(self, state: str, cookie: str, *, peer: str = "", **fields: str) -> HttpResponse:
        """Come back from Slack's page."""
        query = urlencode({"state": state, **fields})
        return self.get("/slack/oauth_redirect", query, cookie=cookie, peer=peer)

    def install(self, code: str) -> HttpResponse:
        """Install the app with a code that Slack has given."""
        return self.finish(*self.begin(), code=code)

    def token(self, team: str, *, enterprise: str = "") -> str | None:
        """Token of a workspace, if the app is installed there."""
        found = self.directory.find(enterprise, team)
        return found.token.reveal() if found and found.state == "installed" else None


def begun(answer: HttpResponse) -> tuple[str, str]:
    """Return the state of a redirect to Slack, and the cookie that the browser sends after it."""
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    state = parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]
    return state, f"{cookie.key}={cookie.value}"


def text_of_page(answer: HttpResponse) -> str:
    """Return what a person sees, as HTML."""
    return answer.body.decode()
