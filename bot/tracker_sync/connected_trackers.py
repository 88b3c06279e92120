"""Trackers that are connected to a workspace: opened with their secrets, stopped by refusals."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.tracker_connections import TrackerConnection, TrackerConnections
from bot.token_cipher import TokenCipher, TokenUnreadable
from bot.tracker_sync.issue_slots import mitigation_of, parameters_of
from bot.trackers.connection_secrets import secrets_of
from bot.trackers.open_tracker import TrackerOpener
from bot.trackers.text_defusing import one_line, shortened
from bot.trackers.tracker import Tracker, TrackerFault, TrackerRefused
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId
from domain.workspace_trackers import WorkspaceTrackers

PUBLIC: Final = "The project is public: people outside the organization can read its issues."
MARK_DIGITS: Final = 12
MOST_IN_ERROR: Final = 500
"""Characters of the last error of a connection, which may repeat any words of the tracker."""

MOST: Final = 4
"""Rejections that stop a connection."""

APART: Final = timedelta(minutes=2)
"""Time for which a tracker that rejected the token is left alone."""

COUNTED_APART: Final = timedelta(minutes=1)
"""Time after a rejection in which another one says nothing new, as one of a call that was under way."""

TOGETHER: Final = timedelta(minutes=15)
"""Time after a rejection in which the next one counts as well: a restart in between begins no new count."""

log = structlog.get_logger()

IsMember = Callable[[StreamId, PersonId], bool]
"""Returns whether a person can act in the channel of a model, as far as is known without a call."""


def count_rejection(held: TrackerConnection, now: datetime) -> int | None:
    """Return how many rejections the connection has with one of this moment; None if it does not count."""
    if held.rejected_at is None:
        return 1
    passed = now - held.rejected_at
    if timedelta(0) <= passed < COUNTED_APART:
        return None
    return held.rejections + 1 if COUNTED_APART <= passed <= TOGETHER else 1


def stop_reason(fault: Exception) -> str:
    """Return why a connection was stopped, with the last words of the tracker."""
    return (
        f"The tracker rejected the token {MOST} times in a row. It may have expired, or have been revoked. "
        f"({fault})"
    )


class OpenedTracker(msgspec.Struct, frozen=True, kw_only=True):
    """A connected tracker with its client.

    `held` is the record of the secrets with which the client calls, and `mark_key` the key of the marks of
    its issues.
    """

    connected: ConnectedTracker
    held: TrackerConnection
    client: Tracker
    mark_key: bytes

    @property
    def id(self) -> TrackerId:
        """The ID of the tracker in its workspace."""
        return self.connected.id

    def mark(self, record: DeliveryRecord) -> str:
        """Return the mark of the issue of a slot.

        Two workspaces that use one project have different marks, so neither adopts an issue of the other. A
        mitigation whose issue was replaced gets another mark. What was recorded with a slot is its mark, also
        after the tracker was disconnected and connected again, with another key.
        """
        known = parameters_of(record)
        if known.mark:
            return known.mark
        generation = known.generation
        subject = f"{record.stream}/{mitigation_of(record)}{f'/{generation}' if generation else ''}"
        return hmac.new(self.mark_key, subject.encode(), hashlib.sha256).hexdigest()[:MARK_DIGITS]


MakeClient = Callable[[ConnectedTracker, TrackerConnection], OpenedTracker | None]
"""Makes the client of a connection; None if its secrets cannot be decrypted."""


class ConnectedTrackers(msgspec.Struct, frozen=True, eq=False):
    """The trackers of one workspace.

    `settings` returns which trackers are connected, `connections` hold their secrets, and `make_client` makes
    the client of one. `stopped` is called with each tracker that is stopped.
    """

    connections: TrackerConnections
    settings: Callable[[], WorkspaceTrackers]
    make_client: MakeClient
    now: Callable[[], datetime]
    stopped: Callable[[TrackerId], None]
    clients: dict[TrackerId, tuple[ConnectedTracker, bytes, OpenedTracker | None]] = {}

    def open(self, tracker: TrackerId) -> OpenedTracker | None:
        """Return a tracker that may be called; None if it is disconnected, or stopped after a refusal.

        Its client is the same one until its secrets or its project change.
        """
        connected, held = self.settings().find(tracker), self.connections.find(tracker)
        if connected is None or held is None or held.stopped:
            return None
        known = self.clients.get(tracker)
        if known is None or known[:2] != (connected, held.secrets):
            known = connected, held.secrets, self.make_client(connected, held)
            self.clients[tracker] = known
        opened = known[2]
        return replace(opened, held=held) if opened is not None else None

    def polled(self, opened: OpenedTracker, *, until: datetime) -> None:
        """Record that the changes up to a moment were read."""
        self.connections.record_poll(opened.held, until=until, at=self.now())

    def failed(self, opened: OpenedTracker, fault: TrackerFault) -> bool:
        """Record a failure, and return whether it stopped the connection."""
        rejected = isinstance(fault, TrackerRefused) and fault.unauthorized
        counted = count_rejection(opened.held, self.now()) if rejected else None
        if counted is None:
            return self._record(opened, str(fault), stopped=False)
        stopped = counted >= MOST
        return self._record(
            opened, stop_reason(fault) if stopped else str(fault), stopped=stopped, rejections=counted
        )

    def stop(self, opened: OpenedTracker, why: str) -> None:
        """Stop the connection until an administrator has it checked again."""
        self._record(opened, why, stopped=True)

    def is_private(self, opened: OpenedTracker) -> bool:
        """Return whether a project is private; the connection is stopped if it is not."""
        if not opened.client.project().public:
            return True
        self.stop(opened, PUBLIC)
        return False

    def _record(self, opened: OpenedTracker, why: str, *, stopped: bool, rejections: int = 0) -> bool:
        """Record why a call failed; return whether that stopped the connection."""
        why, held, at = shortened(one_line(why), MOST_IN_ERROR), opened.held, self.now()
        if rejections:
            recorded = self.connections.record_rejection(
                held, why, at=at, rejections=rejections, stopped=stopped
            )
        else:
            recorded = self.connections.record_failure(held, why, at=at, stopped=stopped)
        is_stopped = recorded and stopped
        log.warning("a tracker failed", tracker=opened.id, why=why, stopped=is_stopped)
        if is_stopped:
            self.stopped(opened.id)
        return is_stopped


def client_maker(tenant: str, cipher: TokenCipher | None, open_tracker: TrackerOpener) -> MakeClient:
    """Return the function that makes the clients of a workspace; without a `cipher` there are none."""

    def make(connected: ConnectedTracker, held: TrackerConnection) -> OpenedTracker | None:
        if cipher is None:
            return None
        try:
            secrets = secrets_of(cipher, held, tenant=tenant)
            client = open_tracker(connected, secrets)
        except (TokenUnreadable, TrackerRefused) as fault:
            log.warning("a tracker cannot be called", workspace=tenant, tracker=held.tracker, why=str(fault))
            return None
        mark_key = secrets.mark_key.reveal().encode()
        return OpenedTracker(connected=connected, held=held, client=client, mark_key=mark_key)

    return make
