"""Trackers that are connected to a workspace: opened with their secrets, stopped by refusals."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.tracker_connections import TrackerConnection, TrackerConnections
from bot.token_cipher import TokenCipher, TokenUnreadable
from bot.tracker_sync.issue_slots import mitigation_of, parameters_of
from bot.trackers.connection_secrets import decrypt_secrets
from bot.trackers.open_tracker import TrackerAccess, TrackerOpener
from bot.trackers.text_defusing import one_line, shortened
from bot.trackers.tracker import Issue, Tracker, TrackerFault, TrackerRefused
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, SeenIssue, TrackerId
from domain.tracker_accounts import TrackerAccount
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

    `mark_key` is the key of the marks of its issues, and `labels` are put on new ones. Changes were read up
    to `polled_until`. `held` is the record of the secrets with which the client calls.
    """

    id: TrackerId
    client: Tracker
    mark_key: bytes
    labels: tuple[str, ...] = ()
    polled_until: datetime | None = None
    held: TrackerConnection

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


class TrackerClient(msgspec.Struct, frozen=True, kw_only=True):
    """The client of a connection, and the key of its marks."""

    client: Tracker
    mark_key: bytes


MakeClient = Callable[[ConnectedTracker, TrackerConnection], TrackerClient | None]
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
    clients: dict[TrackerId, tuple[ConnectedTracker, bytes, TrackerClient | None]] = {}

    def open(self, tracker: TrackerId) -> OpenedTracker | None:
        """Return a tracker that may be called; None if it is disconnected, or stopped after a refusal."""
        connected, held = self.settings().find(tracker), self.connections.find(tracker)
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
        return [one.id for one in self.settings().trackers]

    @property
    def default(self) -> TrackerId | None:
        """The tracker of all models without a choice of their own."""
        return self.settings().default

    def holder(self, tracker: TrackerId, account: str) -> TrackerAccount | None:
        """Return an account of a tracker with the person for whom it stands."""
        return self.settings().accounts.holder(tracker, account)

    def account_of(self, tracker: TrackerId, person: PersonId) -> str:
        """Return the account that stands for a person; empty if none does."""
        found = self.settings().accounts.of(tracker, person)
        return found.account if found is not None else ""

    def polled(self, opened: OpenedTracker, *, until: datetime) -> None:
        """Record that the changes up to a moment were read."""
        self.connections.record_poll(opened.held, until=until, at=self.now())

    def failed(self, opened: OpenedTracker, fault: TrackerFault) -> bool:
        """Record a failure, and return whether it stopped the connection."""
        rejected = isinstance(fault, TrackerRefused) and fault.unauthorized
        counted = count_rejection(opened.held, self.now()) if rejected else None
        if counted is not None:
            return self._reject(opened, fault, counted)
        self._record(opened, str(fault), stopped=False)
        return False

    def stop(self, opened: OpenedTracker, why: str) -> None:
        """Stop the connection until an administrator has it checked again."""
        self._record(opened, why, stopped=True)

    def is_private(self, opened: OpenedTracker) -> bool:
        """Return whether a project is private; the connection is stopped if it is not."""
        if not opened.client.project().public:
            return True
        self.stop(opened, PUBLIC)
        return False

    def seen(self, tracker: TrackerId, issue: Issue, stream: StreamId, is_member: IsMember) -> SeenIssue:
        """Return what an issue of a model shows; its assignee is a person where the account stands for one.

        The name that the tracker shows is kept unless the account is confirmed to be that of a member: others
        can then see for whom it is taken.
        """
        account = issue.assignee
        held = self.holder(tracker, account.id) if account is not None else None
        outside = held is not None and not is_member(stream, held.person)
        is_settled = held is not None and held.confirmed and not outside
        return SeenIssue(
            state=issue.state,
            reason=issue.reason,
            assignee=account.name if account is not None and not is_settled else "",
            person=held.person if held is not None else None,
            due=issue.due,
            account=account.id if account is not None else "",
            outside=outside,
        )

    def _reject(self, opened: OpenedTracker, fault: TrackerFault, counted: int) -> bool:
        stopped = counted >= MOST
        why = _recordable(stop_reason(fault) if stopped else str(fault))
        recorded = self.connections.record_rejection(
            opened.held, why, at=self.now(), rejections=counted, stopped=stopped
        )
        self._tell(opened, why, stopped=recorded and stopped)
        return recorded and stopped

    def _record(self, opened: OpenedTracker, why: str, *, stopped: bool) -> None:
        why = _recordable(why)
        recorded = self.connections.record_failure(opened.held, why, at=self.now(), stopped=stopped)
        self._tell(opened, why, stopped=recorded and stopped)

    def _tell(self, opened: OpenedTracker, why: str, *, stopped: bool) -> None:
        log.warning("a tracker failed", tracker=opened.id, why=why, stopped=stopped)
        if stopped:
            self.stopped(opened.id)

    def _client(self, connected: ConnectedTracker, held: TrackerConnection) -> TrackerClient | None:
        """Return the client of a connection, the same one until its secrets or its project change."""
        known = self.clients.get(connected.id)
        if known is not None and known[:2] == (connected, held.secrets):
            return known[2]
        made = self.make_client(connected, held)
        self.clients[connected.id] = connected, held.secrets, made
        return made


def _recordable(why: str) -> str:
    return shortened(one_line(why), MOST_IN_ERROR)


def client_maker(tenant: str, cipher: TokenCipher | None, open_tracker: TrackerOpener) -> MakeClient:
    """Return the function that makes the clients of a workspace; without a `cipher` there are none."""

    def make(connected: ConnectedTracker, held: TrackerConnection) -> TrackerClient | None:
        if cipher is None:
            return None
        try:
            secrets = decrypt_secrets(
                cipher, held.secrets, tenant=tenant, owner=held.tracker, key=held.key_id
            )
            access = TrackerAccess(
                kind=connected.kind,
                url=connected.url,
                project=connected.project,
                token=secrets.token,
                login=secrets.login,
            )
            client = open_tracker(access)
        except (TokenUnreadable, TrackerRefused) as fault:
            log.warning("a tracker cannot be called", workspace=tenant, tracker=held.tracker, why=str(fault))
            return None
        return TrackerClient(client=client, mark_key=secrets.mark_key.reveal().encode())

    return make
