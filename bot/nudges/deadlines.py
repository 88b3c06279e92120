"""Rounds whose time is over: closed, or given more time, in the name of the system."""

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.nudges.apart import apart
from bot.store import CommandKey, EventStore, StreamId
from bot.workshop import NoSuchModel, Workshop
from domain.rejections import Rejected
from domain.voting import rounds_due

log = structlog.get_logger()


class Deadlines:
    """Looks in one workspace; any number of replicas may, and each deadline is acted on once."""

    def __init__(
        self, workshop: Workshop, store: EventStore, *, tenant: str, now: Callable[[], datetime]
    ) -> None:
        self._workshop = workshop
        self._store = store
        self._tenant = tenant
        self._now = now

    def tick(self) -> None:
        """Act on every deadline that has passed; raises StoreUnavailable."""
        now = self._now()
        for one in self._store.streams(self._tenant, due_by=now):
            with apart("a deadline cannot be acted on", of=one.stream):
                self._act(one.stream, now)

    def _act(self, stream: StreamId, now: datetime) -> None:
        try:
            model = self._workshop.model(stream)
            for command in rounds_due(model, now):
                # The same in every replica: whoever comes second gets the first one's answer.
                deadline = model.rounds[command.round].deadline.isoformat()
                key = CommandKey(f"deadline:{stream}:{command.round}:{deadline}")
                self._workshop.execute(command, stream=stream, key=key)
        except (Rejected, NoSuchModel) as overtaken:
            log.info("a deadline needed nothing any more", stream=stream, why=str(overtaken))
