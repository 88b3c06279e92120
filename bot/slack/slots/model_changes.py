"""Work on a changed model: its new events select the projectors to run."""

from collections.abc import Callable
from typing import Final

import msgspec

from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.slack.projectors.event_table import Projector, caused_by
from bot.slack.queries.model_reader import ModelReader
from bot.slack.slots.delivery_pace import WorkKind
from bot.slack.slots.work_scheduler import WorkScheduler
from bot.store.records import model_stream
from bot.store.repositories.deliveries import Deliveries
from bot.store.repositories.projections import Projections
from bot.store.work_queue import MODEL, Claim
from domain.kernel.elements import ModelKey

CHANGES: Final = "changes"
"""Name of the checkpoint."""


class ModelChanges:
    """Schedules the work caused by events since the last checkpoint; makes no calls.

    `throttle` lets the next changes of the model rest for as long as a write into a channel. `has_trackers`
    returns whether a tracker is connected to the workspace; `finds_accounts` says whether the accounts of
    owners are looked up there.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        projections: Projections,
        reader: ModelReader,
        scheduler: WorkScheduler,
        *,
        throttle: Callable[[], None],
        has_trackers: Callable[[], bool],
        finds_accounts: bool = False,
    ) -> None:
        self._deliveries = deliveries
        self._projections = projections
        self._reader = reader
        self._scheduler = scheduler
        self._throttle = throttle
        self._has_trackers = has_trackers
        self._finds_accounts = finds_accounts

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        return [Kind(name=MODEL, group="changes", waits=NO_WAIT, run=self._project)]

    def _project(self, claim: Claim) -> Done:
        self._throttle()
        stream = model_stream(claim.item.tenant, ModelKey(claim.item.subject))
        now, seen = self._reader.state(stream), self._projections.find(CHANGES, stream)
        if seen is None or seen.erasures != now.erasures:
            caused = tuple(Projector)
        else:
            # There may be no new events: the work before this may have read those that made it due.
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
        return Done()
