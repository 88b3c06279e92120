"""Slots: the content of each kind of message, its sink, and how failures are handled."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from bot.delivery.work_kinds import NO_WAIT, Waits
from bot.store.repositories.deliveries import DeliveryRecord

Content = TypeVar("Content")
Content_contra = TypeVar("Content_contra", contravariant=True)


class SinkOutcome(Enum):
    """Meaning of a failed sink call."""

    LATER = auto()
    """Refused for now, nothing was done: retry."""
    NOTHING_DONE = auto()
    """The other side was unable to do anything: retry."""
    UNKNOWN = auto()
    """No answer: the call may have succeeded."""
    REFUSED = auto()
    """Refused permanently."""
    TOO_LONG = auto()
    """The content is too long: try the shorter form."""
    GONE = auto()
    """The post no longer exists: someone deleted it."""
    NO_THREAD = auto()
    """The parent message of the thread does not exist."""
    SUSPENDED = auto()
    """The place is suspended: nothing can be shown there now."""


class PostPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Location of a post: its ID, and its place if that was not known before.

    `carried` are the keys in the post's metadata, for kinds of slots that use them; `found` says
    that a search found the post.
    """

    external_id: str
    place: str = ""
    carried: tuple[str, ...] = ()
    found: bool = False


class NoPost(msgspec.Struct, frozen=True, kw_only=True):
    """Search result: there is no post, so the attempt did nothing."""


class UnknownYet(msgspec.Struct, frozen=True, kw_only=True):
    """Search result: not known yet; search again after `seconds`."""

    seconds: float


class Sink(Protocol[Content_contra]):
    """Destination for content: a channel, a thread, a direct message, or a file.

    Each method makes one call, or a declared sequence of calls, and raises one of `faults` on failure;
    `outcome` returns the meaning of such a failure.
    """

    @property
    def faults(self) -> tuple[type[Exception], ...]:
        """Exception types that calls raise."""
        ...

    def post(self, record: DeliveryRecord, content: Content_contra) -> PostPlace:
        """Post content; the record carries the attempt's ID."""
        ...

    def update(self, record: DeliveryRecord, content: Content_contra) -> PostPlace | None:
        """Replace the content of a post; return its new ID if the update changed it."""
        ...

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a post."""
        ...

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost | UnknownYet:
        """Search for the post of an attempt, or check whether a post is visible to users."""
        ...

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failure."""
        ...


class Desired(msgspec.Struct, Generic[Content], frozen=True, kw_only=True):
    """Content that a slot should show now.

    `shorter` is used if the content is too long. `erasures` counts the model's erasures at this content.
    `again_at` is when time alone changes the content next; after the `last` content nothing changes.
    `update_only` content only updates an existing post: if the search finds none, the slot is over.
    """

    content: Content
    shorter: Content | None = None
    erasures: int = 0
    again_at: datetime | None = None
    last: bool = False
    update_only: bool = False


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """The slot should show nothing: delete its post and the slot."""


class Unchanged(msgspec.Struct, frozen=True, kw_only=True):
    """No change now, for instance in a suspended channel; check again at the given time, if any."""

    again_at: datetime | None = None


class Uncertain(Enum):
    """How to handle an attempt that may have posted something without recording it."""

    SEARCH = auto()
    """Search with the sink."""
    POST_AGAIN = auto()
    """Post again, since the sink cannot search: at most one orphan, which deletes itself when pressed."""


class Deleted(Enum):
    """How to handle a post that someone deleted."""

    POST_AGAIN = auto()
    LEAVE = auto()


def _nothing(_: DeliveryRecord) -> None:
    pass


def _over(_: DeliveryRecord, __: Exception) -> bool:
    return True


def _nothing_to(_: DeliveryRecord, __: Exception) -> None:
    pass


def _nothing_more(_: DeliveryRecord, __: PostPlace) -> None:
    pass


def content_digest(content: object) -> str:
    """Return the SHA-256 of content as 64 hexadecimal characters."""
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


class SlotKind(msgspec.Struct, Generic[Content], frozen=True, kw_only=True):
    """Kind of slot. The name is also its kind of work and the prefix of its slots: `card` in `card/TM-7`.

    `desired` returns the desired content; it must not change anything that users see. An `edited` slot is
    updated in place; any other stays as posted until it is gone. A `confirmed` post counts only once
    the sink has found it. A post that `replaces` the previous one leaves nothing behind to delete. If the
    content depends on whether a post exists, `repeat_after_search` calls `desired` again after a search.

    Callbacks: `recorded` runs in the transaction that records a post, made or found, and its `PostPlace`;
    `missing` runs when a confirmed post is not found, before it is posted again; `postponed` when a post
    failed and will be retried, before the failure is raised; `suspended` when the place refused the post;
    `refused` after a permanent refusal, and returns whether the slot is over; `unthreaded` when the parent
    message of a thread is missing; `written` after each recorded post and update; `settled` when the slot
    shows its content, is over, or was deleted.
    """

    name: str
    waits: Waits = NO_WAIT
    sink: Sink[Content]
    desired: Callable[[DeliveryRecord], Desired[Content] | Gone | Unchanged]
    uncertain: Uncertain
    deleted: Deleted
    edited: bool = True
    confirmed: bool = False
    confirmed_after: float = 5.0
    """Seconds until the first check whether an accepted post is visible to users."""
    replaces: bool = False
    repeat_after_search: bool = False
    digest: Callable[[Content], str] = content_digest
    recorded: Callable[[DeliveryRecord, PostPlace], None] = _nothing_more
    postponed: Callable[[DeliveryRecord, Exception], None] = _nothing_to
    suspended: Callable[[DeliveryRecord, Exception], None] = _nothing_to
    refused: Callable[[DeliveryRecord, Exception], bool] = _over
    unthreaded: Callable[[DeliveryRecord], None] = _nothing
    missing: Callable[[DeliveryRecord], None] = _nothing
    written: Callable[[DeliveryRecord], None] = _nothing
    settled: Callable[[DeliveryRecord], None] = _nothing

    @property
    def records_more(self) -> bool:
        """Return whether more than the slot is recorded of a post or of a refusal, in one transaction."""
        return self.recorded is not _nothing_more


AnyKind = SlotKind[Any]  # each kind has its own content, which is only passed on
