"""Scheduling of a workspace's work: its kinds, the queue rows that a change makes due, and when."""

from collections.abc import Collection, Mapping
from enum import Enum, auto
from typing import Final, Literal
from zlib import crc32

import msgspec
from msgspec.structs import replace

from bot.delivery.call_budget import Rate
from bot.delivery.work_dispatcher import WorkPace
from bot.delivery.work_kinds import NO_WAIT, Waits
from bot.delivery.worker import Worker
from bot.scheduled_jobs.reminder_batches import REMINDER, is_of_thread, place_of_slot
from bot.slack.directory.channel_reads import EVERY_SECONDS
from bot.store import StreamId, key_of
from bot.store.repositories.cards import CARD
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import MODEL, Item, Touch, gradual_wait
from bot.tracker_sync.issue_slots import ISSUE, lane_of, tracker_of
from domain.kernel.tracked_issue import TrackerId

_APART: Final = 0.25
"""Seconds between the models that are updated gradually."""

LONG_WAIT_SECONDS: Final = 10.0
"""Longest waits from this length are shorter in some workspaces."""

EARLIER_BY: Final = 0.4
"""Part of a long wait by which it is shorter at most, so that it does not end in all workspaces at once."""

WorkKind = Literal[
    "model",
    "results",
    "picture",
    "diagram",
    "diagram-message",
    "export",
    "export-message",
    "canvas",
    "file-notice",
    "summaries",
    "sitting",
    "result",
    "erased",
    "resting",
    "homes",
    "home",
    "invitations",
    "invitation",
    "handovers",
    "handover",
    "proposals",
    "proposal",
    "claims",
    "claim",
    "sent-reminders",
    "rounds",
    "reminders",
    "due-reminder",
    "reminder",
    "settings",
    "inherit",
    "portfolio",
    "digests",
    "digest",
    "issues",
    "issue",
    "accounts",
    "tracker",
    "tracker-notices",
    "tracker-notice",
]


class Wait(Enum):
    """Part of the pace that says how long a kind of work waits."""

    NONE = auto()
    CARD = auto()
    SUMMARY = auto()
    HOME = auto()
    REMINDERS = auto()
    """Longer than Home tabs: reminders are sent hours or days after they are planned."""
    ISSUES = auto()
    TRACKER = auto()


class Lane(Enum):
    """Lane of a kind of work; of the rows of one lane, one is claimed at a time."""

    CHANNEL = auto()
    """The channel of the model or of the slot."""
    SUBJECT = auto()
    """One for each subject, because the work writes nothing in a channel."""
    PERSON = auto()
    """The person whose ID is the last part of the slot's name."""
    WORKSPACE = auto()
    """One lane, with the single row of the workspace."""


class WorkTraits(msgspec.Struct, frozen=True):
    """How long a kind of work waits, and its lane; no person waits for the result of `patient` work."""

    waits: Wait
    lane: Lane = Lane.CHANNEL
    patient: bool = False


WORK: Final[Mapping[WorkKind, WorkTraits]] = {
    # What the new events of a model cause, and its card; the cleanup of an erased model.
    "model": WorkTraits(Wait.CARD),
    "erased": WorkTraits(Wait.CARD, patient=True),
    # Which messages its thread should have without waiting, and which others after a pause; one about a work
    # session, and one about an event, which is also shown in the channel.
    "results": WorkTraits(Wait.CARD),
    "summaries": WorkTraits(Wait.SUMMARY),
    "sitting": WorkTraits(Wait.NONE),
    "result": WorkTraits(Wait.NONE),
    # The charts of a round; the diagram of a model, or its flows in words; a file, the message below it, and
    # the report as a canvas; why a file is not shown.
    "picture": WorkTraits(Wait.CARD),
    "diagram": WorkTraits(Wait.CARD),
    "diagram-message": WorkTraits(Wait.CARD),
    "export": WorkTraits(Wait.CARD),
    "export-message": WorkTraits(Wait.CARD),
    "canvas": WorkTraits(Wait.CARD),
    "file-notice": WorkTraits(Wait.CARD),
    # Notices about suspended cards that wait.
    "resting": WorkTraits(Wait.CARD, Lane.WORKSPACE),
    # The Home tabs of everyone who opened theirs lately, and that of one person.
    "homes": WorkTraits(Wait.HOME, Lane.WORKSPACE),
    "home": WorkTraits(Wait.HOME, Lane.PERSON),
    # Which direct messages about a model are to be sent or edited, and one of them.
    "invitations": WorkTraits(Wait.HOME, Lane.SUBJECT),
    "invitation": WorkTraits(Wait.NONE, Lane.PERSON),
    "handovers": WorkTraits(Wait.HOME, Lane.SUBJECT),
    "handover": WorkTraits(Wait.NONE, Lane.PERSON),
    "proposals": WorkTraits(Wait.HOME, Lane.SUBJECT),
    "proposal": WorkTraits(Wait.NONE, Lane.PERSON),
    "claims": WorkTraits(Wait.HOME, Lane.SUBJECT),
    "claim": WorkTraits(Wait.NONE, Lane.PERSON),
    # The reminders of a model are planned; a person or thread is reminded; which messages that remind of a
    # model are to be edited, and one of them.
    "reminders": WorkTraits(Wait.REMINDERS, Lane.SUBJECT, patient=True),
    "due-reminder": WorkTraits(Wait.HOME),
    "sent-reminders": WorkTraits(Wait.HOME, Lane.SUBJECT, patient=True),
    "reminder": WorkTraits(Wait.NONE),
    # Open rounds of a model are closed at their deadline, and departed voters are released.
    "rounds": WorkTraits(Wait.HOME, Lane.SUBJECT),
    # Which models follow a change of the workspace's settings, and one that follows.
    "settings": WorkTraits(Wait.NONE, Lane.WORKSPACE),
    "inherit": WorkTraits(Wait.NONE, Lane.SUBJECT, patient=True),
    # The missing entries of the portfolio are computed; when its digest is due, and one digest.
    "portfolio": WorkTraits(Wait.NONE, Lane.WORKSPACE, patient=True),
    "digests": WorkTraits(Wait.NONE, Lane.WORKSPACE, patient=True),
    "digest": WorkTraits(Wait.NONE),
    # Which mitigations of a model get an issue in a tracker, and which issues are outdated; one of them; the
    # accounts of owners are looked up; what changed in a tracker is read.
    "issues": WorkTraits(Wait.ISSUES, Lane.SUBJECT),
    "issue": WorkTraits(Wait.NONE),
    "accounts": WorkTraits(Wait.NONE, Lane.SUBJECT, patient=True),
    "tracker": WorkTraits(Wait.TRACKER),
    # Whom to tell that a tracker was stopped, and one message about that.
    "tracker-notices": WorkTraits(Wait.NONE, Lane.SUBJECT),
    "tracker-notice": WorkTraits(Wait.NONE, Lane.PERSON),
}
"""The kinds of work; a test fails if one is missing."""

UPDATE: Final = "chat.update"
URGENT_UPDATE: Final = f"{UPDATE}/urgent"
"""The part of the calls of that method that is kept for cards for which people wait."""

OF_A_MODEL: Final[tuple[WorkKind, ...]] = ("model", "results", "summaries")
"""Work on the messages of a model in its channel."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Delays of each kind of work, and rate limits, in seconds.

    A channel is written to once per `channel_interval`; failed work is retried after `retry_seconds`;
    uploaded files are polled every `file_poll_seconds` until they appear. With `quiet_hours`, people are
    notified of others' actions only in their working hours.
    """

    card: Waits = Waits(quiet=0.15, longest=1.0)
    summary: Waits = Waits(quiet=8.0, longest=40.0)
    home: Waits = Waits(quiet=1.0, longest=5.0)
    issues: Waits = Waits(quiet=4.0, longest=20.0)
    """Long enough for a mitigation to be corrected: a new issue notifies people."""
    tracker: Waits = Waits(quiet=1.0, longest=10.0)
    """Time after a webhook, because a busy project sends many."""
    channel_interval: float = 1.2
    """Fifty calls a minute, Slack's limit for `chat.update` per workspace."""
    update: float = 2.0
    """Interval between two updates in a workspace after a burst of six: at most 36 a minute.

    For cards for which people wait, there are fourteen more: fifty a minute, as Slack allows.
    """
    retry_seconds: float = 2.0
    file_poll_seconds: float = 5.0
    quiet_hours: bool = True
    channel_read_seconds: float = EVERY_SECONDS
    """Interval between two reads of a channel's members."""
    idle_channel_read_seconds: float = 0.0
    """The same for a channel whose models have not changed for a week, if longer."""

    @property
    def rates(self) -> dict[str, Rate]:
        """Return the rate limits of the methods that Slack limits per workspace."""
        return {
            UPDATE: Rate(interval=self.update, burst=6),
            URGENT_UPDATE: Rate(interval=2.5 * self.update, burst=2),
        }

    def of(self, kind: WorkKind) -> Waits:
        """Return the waiting times of a kind of work."""
        waits = WORK[kind].waits
        match waits:
            case Wait.NONE:
                return NO_WAIT
            case Wait.CARD:
                return self.card
            case Wait.SUMMARY:
                return self.summary
            case Wait.HOME:
                return self.home
            case Wait.REMINDERS:
                return Waits(quiet=4 * self.home.quiet, longest=4 * self.home.longest)
            case Wait.ISSUES:
                return self.issues
            case Wait.TRACKER:
                return self.tracker

    @property
    def work(self) -> WorkPace:
        """Return the pace of the dispatcher."""
        return WorkPace(
            retry_seconds=self.retry_seconds,
            channel_interval=self.channel_interval,
        )


class WorkScheduler:
    """Schedules the work of one workspace; every method raises StoreUnavailable like the store."""

    def __init__(self, worker: Worker, tenant: str, pace: Pace) -> None:
        self._worker = worker
        self._tenant = tenant
        self._pace = pace
        self._share_of_long_waits = 1 - EARLIER_BY * crc32(tenant.encode()) / 2**32

    def schedule_model(self, stream: StreamId, *kinds: WorkKind, waits: bool = True) -> None:
        """Schedule work on a model after its quiet time; immediately without `waits`."""
        self._worker.touch(*(self.touch(kind, key_of(stream), waits=waits) for kind in kinds))

    def schedule_models(self, *streams: StreamId, kinds: tuple[WorkKind, ...]) -> None:
        """Schedule work on several models immediately."""
        self._worker.touch(
            *(self.touch(kind, key_of(stream), waits=False) for stream in streams for kind in kinds)
        )

    def schedule_caused(self, stream: StreamId, *kinds: WorkKind) -> None:
        """Schedule the work that new events of a model cause, after its quiet time."""
        model = key_of(stream)
        is_single = {kind: WORK[kind].lane is Lane.WORKSPACE for kind in kinds}
        self._worker.touch(*(self.touch(kind, "" if is_single[kind] else model) for kind in kinds))

    def schedule_gradually(self, kind: WorkKind, *streams: StreamId) -> None:
        """Schedule work on many models, a few each second."""
        self._worker.touch(
            *(
                replace(
                    self.touch(kind, key_of(stream), waits=False),
                    quiet=gradual_wait(number, _APART),
                    patient=True,
                )
                for number, stream in enumerate(streams)
            )
        )

    def schedule_workspace(self, kind: WorkKind, *, durable: bool = False) -> None:
        """Schedule work of which the workspace has one row, after its quiet time."""
        self._worker.touch(self.touch(kind, ""), durable=durable)

    def schedule_notices(self, tracker: TrackerId) -> None:
        """Schedule the notices that a tracker was stopped, or works again."""
        self._worker.touch(self.touch("tracker-notices", tracker), durable=True)

    def hurry(self, kind: WorkKind, subjects: Collection[str]) -> None:
        """Make work due now that waits for its turn at Slack, or for another try."""
        if self._worker.hurry(kind, subjects):
            self._worker.wake()

    def schedule_slot(self, record: DeliveryRecord) -> None:
        """Make a slot due, in the lane of its channel or person."""
        # The work on a model reconciles its card.
        kind = MODEL if record.kind == CARD else msgspec.convert(record.kind, WorkKind)
        if WORK[kind].lane is Lane.PERSON or (kind == REMINDER and not is_of_thread(record.slot)):
            self.schedule_message(record.slot)
        else:
            lane = lane_of(tracker_of(record)) if kind == ISSUE else record.place
            touch = self.touch(kind, record.subject, lane=lane, waits=False)
            self._worker.touch(touch, durable=not record.attempt)

    def schedule_message(self, slot: str) -> None:
        """Make a slot due that is shown to one person, in that person's lane."""
        # Not durable: the next process schedules at its start what this one has not sent.
        kind, _, subject = slot.partition("/")
        person = place_of_slot(slot) if kind == REMINDER else subject.rpartition("/")[2]
        self._worker.touch(Touch(item=Item(self._tenant, kind, subject), lane=f"person/{person}"))

    def touch(self, kind: WorkKind, subject: str, *, lane: str = "", waits: bool = True) -> Touch:
        """Return the touch of one row."""
        traits, waiting = WORK[kind], self._pace.of(kind)
        longest = waiting.longest
        if longest >= LONG_WAIT_SECONDS:
            longest *= self._share_of_long_waits
        own = {Lane.SUBJECT: f"{kind}/{subject}", Lane.WORKSPACE: kind}.get(traits.lane, "")
        return Touch(
            item=Item(self._tenant, kind, subject),
            lane=lane or own,
            quiet=waiting.quiet if waits else 0.0,
            longest=longest,
            patient=traits.patient,
        )
