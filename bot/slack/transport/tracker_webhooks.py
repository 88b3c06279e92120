"""Webhooks of trackers: verified, limited, and answered by polling the tracker."""

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import msgspec
import structlog

from bot.request_rates import Clock, RequestRate, SenderRates, TokenBucket
from bot.settings import Secret
from bot.slack.transport.http_messages import (
    HttpRequest,
    HttpResponse,
    RequestHead,
    RequestRefused,
    plain_response,
)
from bot.store import StoreUnavailable
from bot.trackers.open_tracker import CLIENTS
from bot.trackers.webhooks import WebhookRefused, check_webhook
from domain.kernel.tracked_issue import TrackerId, TrackerKind

Connection = tuple[str, TrackerId]
"""A workspace, and what a request names as its tracker."""

EACH: Final = RequestRate(burst=30, per_second=2.0)
"""Webhooks of one connection: each has it polled, at most every second."""

MOST_CONNECTIONS: Final = 10_000
"""Connections with a rate of their own: those that sent a webhook last."""

STRANGERS: Final = RequestRate(burst=10, per_second=1.0)
PARTS: Final = 16
"""Parts of the connections that are not known to exist; each part has one rate, whatever it names."""

ALL: Final = RequestRate(burst=200, per_second=40.0)
"""Requests that one process looks at in all: each costs a statement and a digest."""


class WebhookRates:
    """Rates of webhooks in one process, which learns of a connection by its first webhook.

    A connection that is not known yet shares a rate with a part of all names, which the process chooses by
    chance: names that do not exist create nothing, and take nothing from a known connection.
    """

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._known: SenderRates[Connection] = SenderRates(EACH, most=MOST_CONNECTIONS, clock=clock)
        self._strangers = [TokenBucket(STRANGERS, clock=clock) for _ in range(PARTS)]
        self._all = TokenBucket(ALL, clock=clock)

    @property
    def known(self) -> int:
        """Return the number of connections with a rate of their own."""
        return len(self._known)

    def take(self, connection: Connection) -> bool:
        """Return whether a webhook may be looked at."""
        if connection in self._known:
            wait = self._known.take(connection)
        else:
            wait = self._strangers[hash(connection) % PARTS].take()
        # In this order: what is refused alone takes nothing from the others.
        return not wait and not self._all.take()

    def exists(self, connection: Connection) -> None:
        """Give a connection a rate of its own."""
        self._known.add(connection)

    def is_unknown(self, connection: Connection) -> None:
        """Forget a connection that does not exist, or no longer."""
        self._known.remove(connection)


PATH: Final = "/trackers/"

MAX_BYTES: Final = 2_000_000
"""Largest body: that of an issue with its history; a larger one is left to the next poll."""

REMEMBERED: Final = timedelta(days=7)
"""Time for which a signed webhook is refused that was received before."""

_PATH: Final = re.compile(r"/trackers/([A-Za-z0-9]{1,32})/(TR-[1-9][0-9]{0,8})(?:/([A-Za-z0-9_-]{1,200}))?")

log = structlog.get_logger()


class WebhookTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A connected tracker, and the secret of its webhooks."""

    kind: TrackerKind
    secret: Secret


class TrackerWebhooks(msgspec.Struct, frozen=True, eq=False):
    """Receives webhooks; any process may, because the work queue is shared.

    `find` returns the tracker of a workspace, `use_once` whether no process has received a webhook with this
    name before, until a moment, and `wake` has a tracker polled; they raise StoreUnavailable.
    """

    find: Callable[[str, TrackerId], WebhookTarget | None]
    use_once: Callable[[str, datetime], bool]
    wake: Callable[[str, TrackerId], None]
    now: Callable[[], datetime]
    rates: WebhookRates = msgspec.field(default_factory=WebhookRates)

    @staticmethod
    def is_webhook(path: str) -> bool:
        """Return whether a path is that of webhooks, whatever tracker it names."""
        return path.startswith(PATH)

    @staticmethod
    def max_body_bytes(head: RequestHead) -> int:
        """Return the largest body to read; raises RequestRefused."""
        if head.method != "POST":
            raise RequestRefused(HTTPStatus.METHOD_NOT_ALLOWED, "This URL accepts POST requests only.")
        return MAX_BYTES if _PATH.fullmatch(head.path) else 0

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return the response, or a function that verifies the webhook; raises RequestRefused."""
        found = _PATH.fullmatch(request.head.path)
        if found is None:
            return _UNKNOWN
        tenant, named, path_secret = found.groups(default="")
        tracker = TrackerId(named)
        if not self.rates.take((tenant, tracker)):
            raise RequestRefused(HTTPStatus.TOO_MANY_REQUESTS, "Too many webhooks. The tracker is polled.")
        return lambda: self._receive(tenant, tracker, path_secret, request)

    def _receive(
        self, tenant: str, tracker: TrackerId, path_secret: str, request: HttpRequest
    ) -> HttpResponse:
        try:
            target = self.find(tenant, tracker)
            if target is None:
                self.rates.is_unknown((tenant, tracker))
                return _UNKNOWN
            self.rates.exists((tenant, tracker))
            now = self.now()
            webhook = check_webhook(
                CLIENTS[target.kind].webhook,
                secret=target.secret,
                path_secret=path_secret,
                headers=request.head.headers,
                body=request.body,
                now=now,
            )
            name = f"webhook/{tenant}/{tracker}/{webhook}"
            if webhook and not self.use_once(name, now + REMEMBERED):
                raise WebhookRefused("The webhook was received before.")
            self.wake(tenant, tracker)
        except WebhookRefused as refused:
            log.warning("a webhook was refused", workspace=tenant, tracker=tracker, why=str(refused))
            return plain_response(str(refused), HTTPStatus.UNAUTHORIZED)
        except StoreUnavailable as fault:
            log.warning("a webhook was not received", workspace=tenant, tracker=tracker, why=str(fault))
            return plain_response("Try again later.", HTTPStatus.SERVICE_UNAVAILABLE)
        return plain_response("accepted", HTTPStatus.ACCEPTED)


_UNKNOWN: Final = plain_response("not found", HTTPStatus.NOT_FOUND)
