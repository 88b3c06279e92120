"""Trackers of a workspace as one person sees them."""

import hashlib
from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, ModelTracker, TrackerId, TrackerKind
from domain.tracker_accounts import TrackerAccount


class ShownTracker(msgspec.Struct, frozen=True, kw_only=True):
    """A connected tracker: its state, and the reader's account there; `has_none` if they said so.

    `unconfirmed` counts the accounts of people that nothing confirms. `problem` is the last fault in words,
    empty after a success. While it is `stopped`, nothing is sent or read.
    """

    tracker: ConnectedTracker
    account: TrackerAccount | None = None
    has_none: bool = False
    unconfirmed: int = 0
    polled_at: datetime | None = None
    problem: str = ""
    stopped: bool = False

    @property
    def id(self) -> TrackerId:
        """The ID of the tracker."""
        return self.tracker.id

    @property
    def name(self) -> str:
        """The product and the project, in words."""
        return f"{self.tracker.kind.label}, {self.tracker.project}"


class ShownWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Address and secret of the webhook of a tracker; there is no secret if it is in the address."""

    url: str
    secret: str = ""


class RefusedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a form whose connection was refused, without the token."""

    kind: TrackerKind
    url: str
    project: str
    labels: tuple[str, ...] = ()


class TrackerScreen(msgspec.Struct, frozen=True, kw_only=True):
    """What a person sees of the trackers.

    `refused` says why no tracker can be connected, empty if one can. `checked` are the
    trackers, in words, that are being checked for the reader. `chosen` is the choice of the model from which
    the page was opened, and `default` the tracker of models without a choice. `webhooks` can be received if
    there is a public address. `accounts` are those of people in all trackers; None for guests. `earlier` are
    the last refused connections of the reader.
    """

    trackers: tuple[ShownTracker, ...] = ()
    default: TrackerId | None = None
    administers: bool = False
    refused: str = ""
    checked: tuple[str, ...] = ()
    chosen: ModelTracker | None = None
    webhooks: bool = False
    webhook: ShownWebhook | None = None
    accounts: tuple[TrackerAccount, ...] | None = None
    note: str = ""
    earlier: tuple[RefusedConnection, ...] = ()

    def find(self, id: str) -> ShownTracker | None:
        """Return a connected tracker."""
        return next((tracker for tracker in self.trackers if tracker.id == id), None)

    def accounts_in(self, id: TrackerId) -> tuple[TrackerAccount, ...]:
        """Return the accounts of people in a tracker."""
        return tuple(account for account in self.accounts or () if account.tracker == id)


def account_digest(person: PersonId, account: str) -> str:
    """Return by what a button names an account of a person: its ID may be long, and they may change."""
    return hashlib.sha256(f"{person}/{account}".encode()).hexdigest()[:_DIGITS]


_DIGITS = 12
