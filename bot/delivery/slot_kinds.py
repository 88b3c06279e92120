"""Slots: what a kind of message shows, through which sink, and what happens when something goes wrong."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

import msgspec

from bot.delivery.kinds import NO_WAIT, Waits
from bot.store.repositories.deliveries import DeliveryRecord

Content = TypeVar("Content")
Content_contra = TypeVar("Content_contra", contravariant=True)


class SinkOutcome(Enum):
    """What a failed call of a sink means."""

    LATER = auto()
    """Refused for now: nothing was done, and it is tried again."""
    NOTHING_DONE = auto()
    """The other side was not able to do anything; it is tried again."""
    PROBABLY_NOTHING = auto()
    """The other side says that it broke down on the way."""
    UNKNOWN = auto()
    """No answer: it may have been done."""
    REFUSED = auto()
    """Refused for good."""
    TOO_LONG = auto()
    """The content is not accepted as it is; the shorter form is tried."""
    GONE = auto()
    """The post is not there any more: someone deleted it."""
    NO_THREAD = auto()
    """The message above the thread is not found."""
    RESTING = auto()
    """Nothing can be shown in the place now."""


class PostPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a post stands: its id, and its place if that was not known before.

    `carried` are the keys that the post carries unseen, of the kinds that carry some.
    """

    external_id: str
    place: str = ""
    carried: tuple[str, ...] = ()


class NoPost(msgspec.Struct, frozen=True, kw_only=True):
    """A search found no post: the attempt did nothing."""


class UnknownYet(msgspec.Struct, frozen=True, kw_only=True):
    """A search cannot tell yet whether there is a post; it is repeated after so many seconds."""

    seconds: float


class Sink(Protocol[Content_contra]):
    """One way to show something: in a channel, a thread, a direct message, as a file.

    Each method makes one call, or a declared sequence of calls, and raises one of `faults` where that fails;
    `outcome` says what such a failure means.
    """

    @property
    def faults(self) -> tuple[type[Exception], ...]:
        """The exceptions that calls raise."""
        ...

    def post(self, record: DeliveryRecord, content: Content_contra) -> PostPlace:
        """Show a content for the first time; the record carries the id of the attempt."""
        ...

    def update(self, record: DeliveryRecord, content: Content_contra) -> PostPlace | None:
        """Show another content in a post; returns its id where the update has given it another one."""
        ...

    def take_back(self, record: DeliveryRecord) -> None:
        """Delete a post."""
        ...

    def find(self, record: DeliveryRecord) -> PostPlace | NoPost | UnknownYet:
        """Search for the post of an attempt, or see whether a post is visible to people."""
        ...

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return what a failure means."""
        ...


class Desired(msgspec.Struct, Generic[Content], frozen=True, kw_only=True):
    """What a slot should show now.

    `shorter` is tried where the content is too long. `erasures` counts those of the model in this content.
    At the moment `again` time alone changes it. After the `last` content nothing changes. A content that is
    for a post that exists, `found_only`, is not posted where the search finds none: then the slot is over.
    """

    content: Content
    shorter: Content | None = None
    erasures: int = 0
    again: datetime | None = None
    last: bool = False
    found_only: bool = False


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """The slot is to show nothing: its post is deleted, and the slot is dropped."""


class Unchanged(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is changed now, such as in a channel at rest; it is looked at again at a moment, if given."""

    again: datetime | None = None


class Uncertain(Enum):
    """What is done about an attempt that may have posted something without being recorded."""

    SEARCH = auto()
    """The sink finds out."""
    POST_AGAIN = auto()
    """The sink cannot search: at most one orphan, which deletes itself when it is pressed."""
    LEAVE = auto()
    """Rather nothing than the same twice."""


class Deleted(Enum):
    """What is done about a post that someone deleted."""

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
    """Return the SHA-256 of a content, in 64 characters."""
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


class SlotKind(msgspec.Struct, Generic[Content], frozen=True, kw_only=True):
    """A kind of slot. Its name is the first part of its slots, `card` in `card/TM-7`, and its kind of work.

    `look` says what a slot should show now; it must not change anything that people see. An `edited` slot is
    updated in place; another one stays as it was posted until it is gone. A `confirmed` post counts only once
    the sink has found it; `missing` is told of one that was not found, before it is posted again. A post that
    `replaces` the one before it leaves nothing behind to delete. Where the content depends on whether there
    is a post, the slot is `looked_again` at after a search.

    `recorded` is called in the transaction that records a post, made or found, and its `PostPlace`.
    `postponed` is told of a post that was not made and is tried again, before the failure is raised.
    `rested` is told of a failure because of the place, `refused` of a refusal for good: it says whether the
    slot is over. `unthreaded` is told that the message above a thread is missing, `written` of
    each post and update that was recorded; `settled` of each look after which the slot shows what it should,
    or is over, and of its deletion.
    """

    name: str
    group: str
    waits: Waits = NO_WAIT
    sink: Sink[Content]
    look: Callable[[DeliveryRecord], Desired[Content] | Gone | Unchanged]
    uncertain: Uncertain
    deleted: Deleted
    edited: bool = True
    confirmed: bool = False
    confirmed_after: float = 5.0
    """After so many seconds it is first looked whether people see a post that was accepted."""
    replaces: bool = False
    looked_again: bool = False
    digest: Callable[[Content], str] = content_digest
    recorded: Callable[[DeliveryRecord, PostPlace], None] = _nothing_more
    postponed: Callable[[DeliveryRecord, Exception], None] = _nothing_to
    rested: Callable[[DeliveryRecord, Exception], None] = _nothing_to
    refused: Callable[[DeliveryRecord, Exception], bool] = _over
    unthreaded: Callable[[DeliveryRecord], None] = _nothing
    missing: Callable[[DeliveryRecord], None] = _nothing
    written: Callable[[DeliveryRecord], None] = _nothing
    settled: Callable[[DeliveryRecord], None] = _nothing

    @property
    def records_more(self) -> bool:
        """Return whether more than the slot is recorded of a post or of a refusal, in one transaction."""
        return self.recorded is not _nothing_more
