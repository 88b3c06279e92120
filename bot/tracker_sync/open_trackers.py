"""Trackers of a workspace that can be called: their clients, marks and states."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.tracker_sync.issue_slots import mitigation_of, parameters_of
from bot.trackers.tracker import Tracker, TrackerFault
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.tracker_accounts import TrackerAccount

MARK_DIGITS: Final = 12


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


class OpenTrackers(Protocol):
    """The trackers of one workspace; raises StoreUnavailable like every store."""

    def open(self, tracker: TrackerId) -> OpenedTracker | None:
        """Return a tracker that may be called; None if it is disconnected, or stopped after a refusal."""
        ...

    def all(self) -> Sequence[TrackerId]:
        """Return the connected trackers, also stopped ones."""
        ...

    @property
    def default(self) -> TrackerId | None:
        """The tracker of all models without a choice of their own."""
        ...

    def holder(self, tracker: TrackerId, account: str) -> TrackerAccount | None:
        """Return an account of a tracker with the person for whom it stands."""
        ...

    def account_of(self, tracker: TrackerId, person: PersonId) -> str:
        """Return the account that stands for a person; empty if none does."""
        ...

    def polled(self, opened: OpenedTracker, *, until: datetime) -> None:
        """Record that the changes up to a moment were read."""
        ...

    def failed(self, opened: OpenedTracker, fault: TrackerFault) -> bool:
        """Record a failure, and return whether it stopped the connection.

        That is the last of several rejections of the token, minutes apart.
        """
        ...

    def stop(self, opened: OpenedTracker, why: str) -> None:
        """Stop the connection until an administrator has it checked again."""
        ...
