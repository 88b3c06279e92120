"""The endpoint of webhooks: an authentic one has the tracker polled, once; every other one is refused."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.settings import Secret
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead, RequestRefused
from bot.slack.transport.http_sites import PublicSite
from bot.slack.transport.tracker_webhooks import (
    ALL,
    EACH,
    MAX_BYTES,
    PARTS,
    STRANGERS,
    TrackerWebhooks,
    WebhookRates,
    WebhookTarget,
)
from bot.store import StoreUnavailable
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from tests.fake_clock import FakeMonotonicClock
from tests.fresh_database import fresh_store

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECRET = "s3cret-of-the-webhooks"
BODY = b'{"action":"closed","issue":{"number":12}}'


class Receiver:
    """Two replicas of the endpoint over one store; `woken` are the trackers that are polled."""

    def __init__(self, kind: TrackerKind = TrackerKind.GITHUB) -> None:
        self.store = fresh_store()
        self.clock = FakeMonotonicClock()
        self.now = NOON
        self.kind = kind
        self.woken: list[tuple[str, TrackerId]] = []
        self.unavailable = False
        self.connected = {("T1", "TR-1")}
        self.looked_up = 0
        self.rates = WebhookRates(clock=self.clock)
        self.sites = [self._site(), self._site()]

    def _site(self) -> PublicSite:
        webhooks = TrackerWebhooks(
            find=self._find,
            use_once=lambda name, until: self.store.installations.use_once(name, until=until, now=self.now),
            wake=lambda tenant, tracker: self.woken.append((tenant, tracker)),
            now=lambda: self.now,
            rates=self.rates,
        )
        return PublicSite(None, DeferredWork(), signing_secret="", tracker_webhooks=webhooks)

    def _find(self, tenant: str, tracker: TrackerId) -> WebhookTarget | None:
        if self.unavailable:
            raise StoreUnavailable("the database is away")
        self.looked_up += 1
        known = (tenant, tracker) in self.connected
        return WebhookTarget(kind=self.kind, secret=Secret(SECRET)) if known else None

    def post(
        self,
        path: str = "/trackers/T1/TR-1",
        *,
        body: bytes = BODY,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        replica: int = 0,
    ) -> int:
        """Return the status of the answer to a request."""
        site = self.sites[replica]
        head = RequestHead(method=method, path=path, query="", headers=headers or {})
        try:
            if len(body) > site.max_body_bytes(head):
                return 413
            answer = site.admit(HttpRequest(head=head, body=body))
        except RequestRefused as refused:
            return int(refused.status)
        return (answer if isinstance(answer, HttpResponse) else answer()).status


def signed(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def test_an_authentic_webhook_has_the_tracker_polled_by_any_replica() -> None:
    receiver = Receiver()
    for replica in range(2):
        body = b'{"number": %d}' % replica
        assert receiver.post(body=body, headers=signed(body), replica=replica) == 202
    assert receiver.woken == [("T1", "TR-1")] * 2


def test_a_forged_webhook_is_refused() -> None:
    receiver = Receiver()
    for headers in (
        {},
        signed(secret="guessed"),
        signed(b"another body"),
        {"x-hub-signature-256": "sha256=ü"},
    ):
        assert receiver.post(headers=headers) == 401, headers
    assert receiver.woken == []


def test_a_replayed_webhook_is_refused_also_by_another_replica() -> None:
    receiver = Receiver()
    assert receiver.post(headers=signed()) == 202
    for replica in range(2):
        again = {**signed(), "x-github-delivery": "another-id"}
        assert receiver.post(headers=again, replica=replica) == 401
    assert len(receiver.woken) == 1


def test_a_stale_webhook_is_refused() -> None:
    receiver = Receiver(TrackerKind.LINEAR)
    for age, status in ((timedelta(seconds=20), 202), (timedelta(hours=2), 401), (timedelta(hours=-2), 401)):
        body = json.dumps({"webhookTimestamp": int((NOON - age).timestamp() * 1000)}).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert receiver.post(body=body, headers={"linear-signature": digest}) == status, age


def test_the_address_of_a_tracker_that_signs_nothing_ends_with_the_secret() -> None:
    receiver = Receiver(TrackerKind.REDMINE)
    assert receiver.post(f"/trackers/T1/TR-1/{SECRET}") == 202
    assert receiver.post("/trackers/T1/TR-1/guessed") == 401
    assert receiver.post("/trackers/T1/TR-1") == 401
    assert len(receiver.woken) == 1


def test_unknown_trackers_and_other_addresses_are_not_found() -> None:
    receiver = Receiver()
    for path in (
        "/trackers/T1/TR-2",
        "/trackers/T2/TR-1",
        "/trackers/T1/TR-01",
        "/trackers/T1/../TR-1",
        "/trackers/T1/TR-1/a/b",
        "/trackers/",
        f"/trackers/{'T' * 99}/TR-1",
    ):
        assert receiver.post(path, body=b"", headers=signed(b"")) == 404, path
    assert receiver.post(method="GET", body=b"") == 405


def test_a_large_body_is_not_read() -> None:
    receiver = Receiver()
    body = b"x" * (MAX_BYTES + 1)
    assert receiver.post(body=body, headers=signed(body)) == 413
    assert receiver.post("/trackers/elsewhere", body=b"x") == 413


def test_a_flood_at_one_address_is_refused_before_anything_is_looked_up() -> None:
    receiver = Receiver()
    statuses = [receiver.post("/trackers/T9/TR-9") for _ in range(STRANGERS.burst + 5)]
    assert statuses == [404] * STRANGERS.burst + [429] * 5
    assert receiver.looked_up == STRANGERS.burst


def test_a_noisy_connection_delays_no_other_one() -> None:
    receiver = Receiver()
    receiver.connected.add(("T2", "TR-1"))
    for tenant in ("T1", "T2"):
        assert receiver.post(f"/trackers/{tenant}/TR-1", body=b"1", headers=signed(b"1")) == 202
    statuses = [receiver.post("/trackers/T2/TR-1", headers=signed(secret="guessed")) for _ in range(99)]
    assert statuses == [401] * EACH.burst + [429] * (99 - EACH.burst)

    assert receiver.post(headers=signed()) == 202
    receiver.clock.advance(1.0)
    assert receiver.post("/trackers/T2/TR-1", body=b"2", headers=signed(b"2")) == 202, "after a while"


def test_addresses_that_do_not_exist_delay_no_known_connection_and_create_nothing() -> None:
    receiver = Receiver()
    assert receiver.post(body=b"1", headers=signed(b"1")) == 202
    for number in range(5_000):
        receiver.post(f"/trackers/T9/TR-{number + 1}")
    assert receiver.looked_up <= 1 + PARTS * STRANGERS.burst
    assert receiver.post(headers=signed()) == 202
    assert receiver.rates.known == 1


def test_all_connections_together_have_a_limit() -> None:
    receiver = Receiver()
    receiver.connected = {(f"T{number}", "TR-1") for number in range(50)}
    for tenant, tracker in receiver.connected:
        while receiver.post(f"/trackers/{tenant}/{tracker}") == 429:
            receiver.clock.advance(1.0)
    receiver.clock.advance(60.0)
    before = receiver.looked_up
    for tenant, tracker in sorted(receiver.connected) * EACH.burst:
        receiver.post(f"/trackers/{tenant}/{tracker}")
    assert receiver.looked_up - before == ALL.burst


def test_a_connection_that_is_gone_has_no_rate_of_its_own() -> None:
    receiver = Receiver()
    assert receiver.post(headers=signed()) == 202
    receiver.connected.clear()
    assert receiver.post(headers=signed()) == 404
    assert receiver.rates.known == 0


def test_an_outage_of_the_database_is_told_to_the_tracker() -> None:
    receiver = Receiver()
    receiver.unavailable = True
    assert receiver.post(headers=signed()) == 503
    receiver.unavailable = False
    assert receiver.post(headers=signed()) == 202, "the tracker sends it again"


def test_without_trackers_the_address_does_not_exist() -> None:
    site = PublicSite(None, DeferredWork(), signing_secret="")
    head = RequestHead(method="POST", path="/trackers/T1/TR-1", query="", headers={})
    assert site.max_body_bytes(head) == 0
    answer = site.admit(HttpRequest(head=head, body=b""))
    assert isinstance(answer, HttpResponse)
    assert answer.status == 404
