"""Work on everything that a channel shows of a model: the card, its thread, and the cleanup after erasure."""

from collections.abc import Callable, Mapping

from bot.commands.command_handler import NoSuchModel
from bot.delivery.reconciler import Reconciler
from bot.delivery.work_kinds import Done, Kind
from bot.slack.queries.model_reader import ModelReader
from bot.slack.slots.channel_suspensions import ChannelSuspensions
from bot.slack.slots.delivery_pace import Pace, WorkKind
from bot.slack.slots.erased_model_cleanup import ErasedModelCleanup
from bot.slack.slots.model_files import ModelFiles
from bot.slack.slots.thread_planner import ThreadPlanner
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store import StreamId
from bot.store.records import model_stream
from bot.store.repositories.cards import Cards, card_slot
from bot.store.repositories.deliveries import Deliveries
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey

_NOTIFY_AGAIN = 6
"""Interval between attempts to send a waiting suspension notice, in polls for files."""


class ChannelDeliveries:
    """Work that determines the slots of a model in its channel; the card is reconciled immediately."""

    def __init__(
        self,
        cards: Cards,
        deliveries: Deliveries,
        reader: ModelReader,
        thread: ThreadPlanner,
        files: ModelFiles,
        suspensions: ChannelSuspensions,
        cleanup: ErasedModelCleanup,
        reconciler: Reconciler,
        scheduler: WorkScheduler,
        *,
        pace: Pace,
    ) -> None:
        self._cards = cards
        self._deliveries = deliveries
        self._reader = reader
        self._thread = thread
        self._files = files
        self._suspensions = suspensions
        self._cleanup = cleanup
        self._reconciler = reconciler
        self._scheduler = scheduler
        self._pace = pace

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        of_models: Mapping[WorkKind, Callable[[StreamId, Claim], Done]] = {
            "card": self._show_card,
            "results": self._want_results,
            "summaries": self._want_summaries,
            "erased": self._clean_up,
        }
        suspended = Kind(
            name="resting",
            group="people",
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
            group="channels",
            waits=self._pace.of(name),
            run=work,
            lost=self._lost,
        )

    def _show_card(self, stream: StreamId, claim: Claim) -> Done:
        if claim.timed:
            # Changes over time also affect Home tabs.
            self._scheduler.schedule_workspace("homes")
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
        self._scheduler.schedule_model(stream, "card")

    def _notify_about_suspensions(self) -> Done:
        waits = self._suspensions.notify_waiting()
        return Done(again_after=_NOTIFY_AGAIN * self._pace.file_poll_seconds) if waits else Done()


def _stream_of(claim: Claim) -> StreamId:
    return model_stream(claim.item.tenant, ModelKey(claim.item.subject))
