"""Work on a model: what its new events cause, and what its channel shows of it."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bot.commands.command_handler import NoSuchModel
from bot.delivery.reconciler import Reconciler
from bot.delivery.work_kinds import Done, Kind
from bot.slack.projectors.event_table import Projector, caused_by
from bot.slack.queries.model_reader import ModelReader
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.slack.slots.erased_model_cleanup import ErasedModelCleanup
from bot.slack.slots.model_files import ModelFiles
from bot.slack.slots.thread_planner import ThreadPlanner
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store import StreamId, UnitOfWork
from bot.store.records import model_stream
from bot.store.repositories.cards import card_slot
from bot.store.work_queue import MODEL, Claim
from domain.kernel.elements import ModelKey

CHANGES: Final = "changes"
"""Name of the checkpoint."""

_NOTIFY_AGAIN = 6
"""Interval between attempts to send a waiting suspension notice, in polls for files."""


class ModelChanges:
    """Schedules the work caused by events since the last checkpoint.

    `has_trackers` returns whether a tracker is connected to the workspace; `finds_accounts` says whether the
    accounts of owners are looked up there.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        reader: ModelReader,
        scheduler: WorkScheduler,
        *,
        has_trackers: Callable[[], bool],
        finds_accounts: bool = False,
    ) -> None:
        self._deliveries = unit.deliveries
        self._projections = unit.projections
        self._reader = reader
        self._scheduler = scheduler
        self._has_trackers = has_trackers
        self._finds_accounts = finds_accounts

    def schedule_caused(self, stream: StreamId) -> None:
        """Schedule the work that the new events of a model cause; everything after an erasure."""
        now, seen = self._reader.state(stream), self._projections.find(CHANGES, stream)
        if seen == now:
            return
        if seen is None or seen.erasures != now.erasures:
            caused = tuple(Projector)
        else:
            changeable = self._deliveries.changeable_kinds(stream)
            caused = caused_by(self._reader.events(stream, seen.version), changeable)
        if Projector.ISSUES in caused and not self._has_trackers():
            caused = tuple(one for one in caused if one is not Projector.ISSUES)
        kinds = [msgspec.convert(one.value, WorkKind) for one in caused]
        if Projector.ISSUES in caused and self._finds_accounts:
            kinds.append("accounts")
        # In this order: after a crash in between, the same events cause the same work once more.
        self._scheduler.schedule_caused(stream, *kinds)
        self._projections.save(CHANGES, stream, now, durable=False)


class ModelWork:
    """Work on models: a changed one causes other work by its new events, and its card is reconciled.

    `throttle` lets the channel rest afterwards, as after a write into it.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        changes: ModelChanges,
        reader: ModelReader,
        thread: ThreadPlanner,
        files: ModelFiles,
        suspensions: ChannelSuspensions,
        cleanup: ErasedModelCleanup,
        reconciler: Reconciler,
        scheduler: WorkScheduler,
        *,
        pace: Pace,
        throttle: Callable[[], None],
    ) -> None:
        self._cards = unit.cards
        self._deliveries = unit.deliveries
        self._changes = changes
        self._reader = reader
        self._thread = thread
        self._files = files
        self._suspensions = suspensions
        self._cleanup = cleanup
        self._reconciler = reconciler
        self._scheduler = scheduler
        self._pace = pace
        self._throttle = throttle

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        of_models: Mapping[WorkKind, Callable[[StreamId, Claim], Done]] = {
            MODEL: self._follow,
            "results": self._want_results,
            "summaries": self._want_summaries,
            "erased": self._clean_up,
        }
        suspended = Kind(
            name="resting",
            waits=self._pace.of("resting"),
            run=lambda _: self._notify_about_suspensions(),
        )
        return [*(self._kind(name, do) for name, do in of_models.items()), suspended]

    def _kind(self, name: WorkKind, do: Callable[[StreamId, Claim], Done]) -> Kind:
        """Return a kind of work on models; an erased model is cleaned up instead."""

        def work(claim: Claim) -> Done:
            stream = _stream_of(claim)
            try:
                # A later change makes the work due again, so one reading of the model is enough for it.
                with self._reader.reading_once():
                    return do(stream, claim)
            except NoSuchModel:
                self._scheduler.schedule_model(stream, "erased")
                return Done()

        return Kind(
            name=name,
            waits=self._pace.of(name),
            run=work,
            lost=self._lost,
        )

    def _follow(self, stream: StreamId, claim: Claim) -> Done:
        """Schedule what the new events of a model cause, and show its card as it is now."""
        self._throttle()
        if claim.timed:
            # Changes over time also affect Home tabs.
            self._scheduler.schedule_workspace("homes")
        self._changes.schedule_caused(stream)
        try:
            record = self._cards.request(stream, self._reader.register(stream).channel)
        except NoSuchModel:
            done = self._reconciler.reconcile(card_slot(stream))
            if self._cards.find(stream):
                self._scheduler.schedule_model(stream, "erased")
            return done
        done = self._reconciler.reconcile_record(record)
        slots = self._deliveries.of_model(stream)
        self._thread.catch_up(stream, slots)
        self._files.project(stream, slots)
        return done

    def _want_results(self, stream: StreamId, _: Claim) -> Done:
        self._thread.request_results(stream, self._deliveries.of_model(stream))
        return Done()

    def _want_summaries(self, stream: StreamId, _: Claim) -> Done:
        self._thread.request_summaries(stream)
        self._files.project(stream, self._deliveries.of_model(stream))
        return Done()

    def _clean_up(self, stream: StreamId, _: Claim) -> Done:
        return Done() if self._cleanup.clean_up(stream) else Done(again_after=self._pace.file_poll_seconds)

    def _lost(self, claim: Claim) -> None:
        stream = _stream_of(claim)
        self._cards.mark_unknown(stream)
        self._scheduler.schedule_model(stream, MODEL)

    def _notify_about_suspensions(self) -> Done:
        waits = self._suspensions.notify_waiting()
        return Done(again_after=_NOTIFY_AGAIN * self._pace.file_poll_seconds) if waits else Done()


def _stream_of(claim: Claim) -> StreamId:
    return model_stream(claim.item.tenant, ModelKey(claim.item.subject))
