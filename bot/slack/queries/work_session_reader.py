"""Loading of work sessions: their events, and the model before them."""

from bot.slack.queries.model_reader import ModelReader
from bot.slack.screens.work_sessions import WorkSession, undone_versions, work_session
from bot.store import StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.thread_messages import session_of, version_of
from domain.model import ThreatModel
from domain.replay import EMPTY, replay

_REMEMBERED = 64


class WorkSessionReader:
    """Loads work sessions; the models before the recent ones are cached."""

    def __init__(self, reader: ModelReader) -> None:
        self._reader = reader
        self._models_before: dict[StreamId, tuple[int, int, ThreatModel]] = {}

    def read(self, record: DeliveryRecord) -> WorkSession:
        """Return the session of a slot."""
        return self.of(record.stream, version_of(record), session_of(record).last)

    def of(self, stream: StreamId, first: int, last: int) -> WorkSession:
        """Return the session from one version to another."""
        events = list(enumerate(self._reader.events(stream, first - 1), start=first))
        return work_session(
            events, self._before(stream, first), last=last, taken_back=undone_versions(events)
        )

    def _before(self, stream: StreamId, first: int) -> ThreatModel:
        """Return the model before a session, without text erased since."""
        erasures = self._reader.state(stream).erasures
        found = self._models_before.get(stream)
        if found is None or found[:2] != (first, erasures):
            past = self._reader.events(stream, 0)[: first - 1]
            found = first, erasures, replay(past, EMPTY)
            if len(self._models_before) >= _REMEMBERED:
                self._models_before.clear()
            self._models_before[stream] = found
        return found[2]
