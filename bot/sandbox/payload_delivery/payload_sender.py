"""Ordered delivery of payloads, with retries of events that were not acknowledged."""

import hashlib
import hmac
import http.client
import json
import queue
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import urlencode, urlsplit

from bot.sandbox.payload_delivery.delivery_record import (
    VERIFICATION_TOKEN,
    Delivery,
    DeliveryFailed,
    Exchange,
    Exchanges,
    OutgoingPayload,
    PayloadTransport,
)
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.fault_injection import FaultInjector
from bot.sandbox.workspace.workspace_clock import WorkspaceClock

NO_RETRY = "X-Slack-No-Retry"
"""The header by which a bot declines retries of an event."""


class HttpTransport:
    """HTTP transport: posts each payload and reads the acknowledgment from the response."""

    def __init__(self, *, signing_secret: str) -> None:
        self.bot_url: str | None = None
        self.signing_secret = signing_secret
        """Signs every request; with a different secret, the bot rejects the workspace's requests."""

    def send(self, outgoing: OutgoingPayload, seconds: float) -> Json | None:
        """Post a payload and return the JSON of the response, if any; raises DeliveryFailed."""
        if self.bot_url is None:
            raise DeliveryFailed("no_request_url")
        body, content_type = _encoded(outgoing)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **self.signed(body)}
        if outgoing.retry_num:
            headers |= {
                "X-Slack-Retry-Num": str(outgoing.retry_num),
                "X-Slack-Retry-Reason": outgoing.retry_reason,
            }
        address = urlsplit(self.bot_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
        try:
            connection.request("POST", address.path or "/", body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except TimeoutError as late:
            raise DeliveryFailed("http_timeout") from late
        except (OSError, http.client.HTTPException) as unreachable:
            raise DeliveryFailed("connection_failed") from unreachable
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise DeliveryFailed("http_error", again=answer.headers.get(NO_RETRY) != "1")
        return _read(content, answer.headers.get("Content-Type", ""))

    def check_certificate(self, seconds: float) -> bool:
        """Send an unsigned request as Slack does to check the certificate; return whether it was accepted."""
        address = urlsplit(self.bot_url or "")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Slackbot 1.0"}
        body = urlencode({"token": "sandbox-verification-token", "ssl_check": "1"})
        try:
            connection.request("POST", address.path or "/", body=body, headers=headers)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the headers that sign a body with the current time."""
        # By the machine's clock, which the bot uses, too: a moved clock must not invalidate signatures.
        timestamp = str(int(time.time()))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _encoded(outgoing: OutgoingPayload) -> tuple[bytes, str]:
    if outgoing.kind == "events_api":
        return json.dumps(outgoing.payload).encode(), "application/json"
    fields = (
        outgoing.payload if outgoing.kind == "slash_commands" else {"payload": json.dumps(outgoing.payload)}
    )
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _read(content: bytes, content_type: str) -> Json | None:
    if not content.strip():
        return None
    if content_type.startswith("application/json"):
        try:
            read: object = json.loads(content)
        except ValueError:
            return None
        return cast("Json", read) if isinstance(read, dict) else None
    return {"text": content.decode()}


LONGEST_TURN = 0.25


class QueueTurn:
    """One task's turn; it ends when the task is done, takes too long, or releases the next one."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def release(self) -> None:
        """Let the next task start."""
        self._over.set()

    def wait(self) -> None:
        """Wait until the next task may start, at most a quarter of a second."""
        self._over.wait(LONGEST_TURN)


QueuedTask = Callable[[QueueTurn], object]


class BackgroundQueue:
    """Queue of background tasks, started in order by a thread that begins with the first task."""

    def __init__(self) -> None:
        self._things: queue.SimpleQueue[QueuedTask | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, thing: QueuedTask) -> None:
        """Append a task to the queue."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-line", daemon=True)
                self._thread.start()
        self._things.put(thing)

    def stop(self) -> None:
        """Start no further tasks."""
        self._things.put(None)

    def _run(self) -> None:
        while (thing := self._things.get()) is not None:
            turn = QueueTurn()
            threading.Thread(target=_take, args=(thing, turn), name="sandbox-event", daemon=True).start()
            turn.wait()


def _take(thing: QueuedTask, turn: QueueTurn) -> None:
    try:
        thing(turn)
    finally:
        turn.release()


ACK_SECONDS = 3.0
EVENT_RETRIES = (0.0, 60.0, 300.0)
"""Seconds after a failed delivery of an event at which Slack retries it."""
MAX_DELIVERIES = 20_000
"""Maximum deliveries remembered, because a workspace may run for weeks."""


class PayloadSender:
    """Sender of payloads that records deliveries and retries failed events."""

    def __init__(
        self,
        carrier: PayloadTransport,
        *,
        faults: FaultInjector,
        exchanges: Exchanges,
        now: Callable[[], float],
        answered: Callable[[], None],
        installed: Callable[[], bool] = lambda: True,
        ack_seconds: float = ACK_SECONDS,
        event_retries: Sequence[float] = EVENT_RETRIES,
    ) -> None:
        self.transport = carrier
        self.deliveries: list[Delivery] = []
        self._faults = faults
        self._exchanges = exchanges
        self._now = now
        self._told = answered
        self._installed = installed
        self._ack_seconds = ack_seconds
        self._event_retries = tuple(event_retries)
        self._timers: set[threading.Timer] = set()
        self._line = BackgroundQueue()
        self._passed = threading.Condition()
        self._brought: Counter[bool] = Counter()
        self._stopped = False

    def send(self, kind: str, payload: Json) -> Delivery:
        """Deliver a payload and wait for its acknowledgment."""
        return self._bring_as_faults_say(OutgoingPayload(kind=kind, payload=payload), QueueTurn())

    def resend(self, delivery: Delivery) -> Delivery:
        """Deliver the same payload again, as Slack sometimes does."""
        return self._bring(delivery.outgoing)

    def send_event(self, payload: Json, turn: QueueTurn | None = None) -> Delivery:
        """Deliver an event and wait for its acknowledgment; without one, retries follow in the background."""
        outgoing = OutgoingPayload(kind="events_api", payload=payload)
        delivery = self._bring_as_faults_say(outgoing, turn or QueueTurn())
        if not delivery.acked:
            self._retry_later(delivery, 0)
        return delivery

    def queue_event(self, payload: Json) -> None:
        """Deliver an event in the background, after events queued earlier."""
        if not self._stopped:
            self._line.submit(lambda turn: None if self._stopped else self.send_event(payload, turn))

    def stop(self) -> None:
        """Discard all payloads that are still to be delivered."""
        self._stopped = True
        self._line.stop()
        for timer in list(self._timers):
            timer.cancel()

    def _bring_as_faults_say(self, outgoing: OutgoingPayload, turn: QueueTurn) -> Delivery:
        before = self._brought[outgoing.is_event]
        if self._faults.take_reorder(is_event=outgoing.is_event):
            turn.release()
            self._let_one_pass(outgoing, before)
        if self._faults.delay_deliveries:
            turn.release()
            time.sleep(self._faults.delay_deliveries)
        delivery = self._bring(outgoing)
        if self._faults.take_repeat():
            self._bring(outgoing)
        return delivery

    def _let_one_pass(self, outgoing: OutgoingPayload, before: int) -> None:
        """Wait for the next event if this is one, otherwise for a person's next interaction.

        Events follow from interactions at any time: they must not count as the interaction that is to go
        first.
        """
        with self._passed:
            self._passed.wait_for(
                lambda: self._brought[outgoing.is_event] > before or self._stopped,
                self._faults.reorder_seconds,
            )

    def _bring(self, outgoing: OutgoingPayload) -> Delivery:
        delivery = Delivery(outgoing)
        self.deliveries.append(delivery)
        del self.deliveries[:-MAX_DELIVERIES]
        began, at = time.perf_counter(), self._now()
        try:
            if not (self._installed() or outgoing.is_farewell):
                raise DeliveryFailed("app_uninstalled")
            delivery.response = self.transport.send(outgoing, self._ack_seconds)
            if self._faults.take_lost_ack(of_event=outgoing.is_event):
                raise DeliveryFailed("http_timeout")
            delivery.acked = True
        except DeliveryFailed as failed:
            delivery.reason, delivery.again = str(failed), failed.again
            timed_out = delivery.reason in ("http_timeout", "timeout")
            delivery.failure = "operation_timeout" if timed_out else "dispatch_failed"
            delivery.response = None
        delivery.ack_ms = (time.perf_counter() - began) * 1000
        self._note(delivery, at)
        with self._passed:
            self._brought[delivery.outgoing.is_event] += 1
            self._passed.notify_all()
        self._told()
        return delivery

    def _note(self, delivery: Delivery, at: float) -> None:
        retry = delivery.outgoing.retry_num
        self._exchanges.add(
            Exchange(
                kind="delivery",
                title=f"{delivery.title} (retry {retry})" if retry else delivery.title,
                at=at,
                ms=delivery.ack_ms,
                ok=delivery.acked,
                outcome=delivery.outcome,
                request=delivery.payload,
                answer=delivery.response,
            )
        )

    def _retry_later(self, delivery: Delivery, tried: int) -> None:
        if tried >= len(self._event_retries) or not delivery.again:
            return

        def again() -> None:
            outgoing = OutgoingPayload(
                kind=delivery.kind,
                payload=delivery.payload,
                retry_num=tried + 1,
                retry_reason=delivery.reason,
            )
            repeated = self._bring(outgoing)
            if not repeated.acked:
                self._retry_later(repeated, tried + 1)

        self._after(self._event_retries[tried], again)

    def _after(self, seconds: float, do: Callable[[], object]) -> None:
        if self._stopped:
            return

        def run() -> None:
            self._timers.discard(timer)
            if not self._stopped:
                do()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        self._timers.add(timer)
        timer.start()


def verify_url(http: HttpTransport, exchanges: Exchanges, clock: WorkspaceClock, seconds: float) -> bool:
    """Send a challenge to the bot's request URL; return whether it was returned in time."""
    challenge = secrets.token_urlsafe(32)
    payload: Json = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
    began, answer, outcome = time.perf_counter(), None, "challenge returned"
    try:
        answer = http.send(OutgoingPayload(kind="events_api", payload=payload), seconds)
        if challenge not in str(answer):
            outcome = "the address did not return the challenge"
    except DeliveryFailed as failed:
        outcome = str(failed)
    verified = outcome == "challenge returned"
    exchanges.add(
        Exchange(
            kind="delivery",
            title="url_verification",
            at=clock.now(),
            ms=(time.perf_counter() - began) * 1000,
            ok=verified,
            outcome=outcome,
            request=payload,
            answer=answer,
        )
    )
    return verified
