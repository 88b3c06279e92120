"""Reads what was said in a sitting, and in which model it began."""

from bot.slack.queries.model_reader import ModelReader
from bot.slack.screens.work_sessions import WorkSession, undone_versions, work_session
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.thread_messages import sitting_of, version_of
from domain.model import EMPTY, ThreatModel, replay

_REMEMBERED = 64


class WorkSessionReader:
    """Reads sittings; the models in which those of now began are remembered."""

    def __init__(self, looks: ModelReader) -> None:
        self._looks = looks
        self._befores: dict[StreamId, tuple[int, int, ThreatModel]] = {}

    def read(self, record: DeliveryRecord) -> WorkSession:
        """Return what the message of a slot tells."""
        return self.of(record.stream, version_of(record), sitting_of(record).last)

    def of(self, stream: StreamId, first: int, last: int) -> WorkSession:
        """Return what was said from one version to another."""
        events = list(enumerate(self._looks.events(stream, first - 1), start=first))
        return work_session(
            events, self._before(stream, first), last=last, taken_back=undone_versions(events)
        )

    def _before(self, stream: StreamId, first: int) -> ThreatModel:
        """The model in which a sitting began, without what was erased since."""
        erasures = self._looks.state(stream).erasures
        found = self._befores.get(stream)
        if found is None or found[:2] != (first, erasures):
            past = self._looks.events(stream, 0)[: first - 1]
            found = first, erasures, replay(past, EMPTY)
            if len(self._befores) >= _REMEMBERED:
                self._befores.clear()
            self._befores[stream] = found
        return found[2]
