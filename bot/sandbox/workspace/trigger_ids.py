"""Trigger IDs and response URLs, which expire."""

import secrets
import threading

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import ApiError
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.workspace_clock import WorkspaceClock

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
_KIND = "response_url"


class IssuedTrigger(Struct, frozen=True, kw_only=True):
    """The user to whom a trigger ID may show a view, and the time of its issue."""

    person: str
    at: float
    view: str | None = None
    """The view it came from, if any: required for pushing."""


class ResponseTarget(Struct, frozen=True, kw_only=True):
    """Target of a response URL."""

    channel: str
    person: str
    at: float
    thread: str | None = None
    message_ts: str | None = None
    uses: int = 0
    """The number of responses used."""


class TriggerIds:
    """Trigger IDs, each usable once within three seconds by default."""

    def __init__(self, clock: WorkspaceClock, seconds: float = TRIGGER_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._lock = threading.Lock()
        self._open: dict[str, IssuedTrigger] = {}
        self._spent: set[str] = set()

    def issue(self, person: str, *, view: str | None = None) -> str:
        """Return a new trigger ID."""
        now = self._clock.now()
        name = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._lock:
            self._open[name] = IssuedTrigger(person=person, at=now, view=view)
        return name

    def knows(self, name: str) -> bool:
        """Return whether a trigger ID was issued here, usable or not."""
        with self._lock:
            return name in self._open or name in self._spent

    def spend(self, name: str) -> IssuedTrigger:
        """Use a trigger ID; raises ApiError if it is unknown, used or expired."""
        with self._lock:
            if name in self._spent:
                raise ApiError("exchanged_trigger_id")
            trigger = self._open.pop(name, None)
            if trigger is None:
                raise ApiError("invalid_trigger_id")
            self._spent.add(name)
        if self._clock.now() - trigger.at > self._seconds:
            raise ApiError("expired_trigger_id")
        return trigger


class ResponseUrls:
    """Response URLs, each usable a few times within thirty minutes."""

    def __init__(self, clock: WorkspaceClock, kept: RecordStorage | None = None) -> None:
        self._clock = clock
        self._kept = kept or RecordStorage()
        self._lock = threading.Lock()
        self._known = self._kept.read_all(_KIND, ResponseTarget)
        self._forget_old()

    def issue(
        self, channel: str, person: str, *, thread: str | None = None, message_ts: str | None = None
    ) -> str:
        """Return the secret path of a new response URL."""
        name = f"{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        with self._lock:
            self._put(
                name,
                ResponseTarget(
                    channel=channel, person=person, at=self._clock.now(), thread=thread, message_ts=message_ts
                ),
            )
        return name

    def knows(self, name: str) -> bool:
        """Return whether a response URL was issued here, usable or not."""
        with self._lock:
            return name in self._known

    def use(self, name: str, allowed: int) -> ResponseTarget:
        """Use one of the allowed responses; raises ApiError."""
        with self._lock:
            known = self._known.get(name)
            if known is None:
                raise ApiError("no_service")
            if self._clock.now() - known.at > RESPONSE_URL_SECONDS:
                raise ApiError("expired_url")
            if known.uses >= allowed:
                raise ApiError("used_url")
            self._put(name, replace(known, uses=known.uses + 1))
            return known

    def _put(self, name: str, reply_to: ResponseTarget) -> None:
        self._known[name] = reply_to
        self._kept.save(_KIND, name, reply_to)

    def _forget_old(self) -> None:
        # Only at the start: until then expired ones can be distinguished from unknown ones.
        oldest = self._clock.now() - RESPONSE_URL_SECONDS
        for name in [name for name, known in self._known.items() if known.at < oldest]:
            del self._known[name]
            self._kept.drop(_KIND, name)
