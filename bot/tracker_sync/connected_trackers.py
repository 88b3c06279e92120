"""Trackers that are connected to a workspace, opened with their secrets."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bot.store.repositories.tracker_connections import TrackerConnection, TrackerConnections
from bot.tracker_sync.open_trackers import OpenedTracker
from bot.tracker_sync.token_rejections import MOST, count_rejection, stop_reason
from bot.trackers.text_defusing import one_line, shortened
from bot.trackers.tracker import Tracker, TrackerFault, TrackerRefused
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId
from domain.tracker_accounts import TrackerAccount
from domain.workspace_trackers import WorkspaceTrackers

MOST_IN_ERROR: Final = 500
"""Characters of the last error of a connection, which may repeat any words of the tracker."""

log = structlog.get_logger()


class TrackerClient(msgspec.Struct, frozen=True, kw_only=True):
    """The client of a connection, and the key of its marks."""

    client: Tracker
    mark_key: bytes


MakeClient = Callable[[ConnectedTracker, TrackerConnection], TrackerClient | None]
"""Makes the client of a connection; None if its secrets cannot be decrypted."""


class ConnectedTrackers:
    """The trackers of one workspace.

    `settings` returns which trackers are connected, `connections` hold their secrets, and `make_client` makes
    the client of one. `stopped` is called with each tracker that is stopped.
    """

    def __init__(
        self,
        connections: TrackerConnections,
        *,
        settings: Callable[[], WorkspaceTrackers],
        make_client: MakeClient,
        now: Callable[[], datetime],
        stopped: Callable[[TrackerId], None],
    ) -> None:
        self._connections = connections
        self._settings = settings
        self._make_client = make_client
        self._now = now
        self._stopped = stopped
        self._clients: dict[TrackerId, tuple[ConnectedTracker, bytes, TrackerClient | None]] = {}

    def open(self, tracker: TrackerId) -> OpenedTracker | None:
        """Return a tracker that may be called; None if it is disconnected, or stopped after a refusal."""
        connected, held = self._settings().find(tracker), self._connections.find(tracker)
        if connected is None or held is None or held.stopped:
            return None
        client = self._client(connected, held)
        if client is None:
            return None
        return OpenedTracker(
            id=tracker,
            client=client.client,
            mark_key=client.mark_key,
            labels=connected.labels,
            polled_until=held.polled_until,
            held=held,
        )

    def all(self) -> Sequence[TrackerId]:
        """Return the connected trackers, also stopped ones."""
        return [one.id for one in self._settings().trackers]

    @property
    def default(self) -> TrackerId | None:
        """The tracker of all models without a choice of their own."""
        return self._settings().default

    def holder(self, tracker: TrackerId, account: str) -> TrackerAccount | None:
        """Return an account of a tracker with the person for whom it stands."""
        return self._settings().accounts.holder(tracker, account)

    def account_of(self, tracker: TrackerId, person: PersonId) -> str:
        """Return the account that stands for a person; empty if none does."""
        found = self._settings().accounts.of(tracker, person)
        return found.account if found is not None else ""

    def polled(self, opened: OpenedTracker, *, until: datetime) -> None:
        """Record that the changes up to a moment were read."""
        self._connections.record_poll(opened.held, until=until, at=self._now())

    def failed(self, opened: OpenedTracker, fault: TrackerFault) -> bool:
        """Record a failure, and return whether it stopped the connection."""
        rejected = isinstance(fault, TrackerRefused) and fault.unauthorized
        counted = count_rejection(opened.held, self._now()) if rejected else None
        if counted is not None:
            return self._reject(opened, fault, counted)
        self._record(opened, str(fault), stopped=False)
        return False

    def stop(self, opened: OpenedTracker, why: str) -> None:
        """Stop the connection until an administrator has it checked again."""
        self._record(opened, why, stopped=True)

    def _reject(self, opened: OpenedTracker, fault: TrackerFault, counted: int) -> bool:
        stopped = counted >= MOST
        why = _recordable(stop_reason(fault) if stopped else str(fault))
        recorded = self._connections.record_rejection(
            opened.held, why, at=self._now(), rejections=counted, stopped=stopped
        )
        self._tell(opened, why, stopped=recorded and stopped)
        return recorded and stopped

    def _record(self, opened: OpenedTracker, why: str, *, stopped: bool) -> None:
        why = _recordable(why)
        recorded = self._connections.record_failure(opened.held, why, at=self._now(), stopped=stopped)
        self._tell(opened, why, stopped=recorded and stopped)

    def _tell(self, opened: OpenedTracker, why: str, *, stopped: bool) -> None:
        log.warning("a tracker failed", tracker=opened.id, why=why, stopped=stopped)
        if stopped:
            self._stopped(opened.id)

    def _client(self, connected: ConnectedTracker, held: TrackerConnection) -> TrackerClient | None:
        """Return the client of a connection, the same one until its secrets or its project change."""
        known = self._clients.get(connected.id)
        if known is not None and known[:2] == (connected, held.secrets):
            return known[2]
        made = self._make_client(connected, held)
        self._clients[connected.id] = connected, held.secrets, made
        return made


def _recordable(why: str) -> str:
    return shortened(one_line(why), MOST_IN_ERROR)
