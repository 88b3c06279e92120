"""One thread that tells people by direct message what concerns them, and keeps true what it told."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import SlackApi
from bot.slack.surfaces.agenda import Job, Pace, Surface
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.tending import Tender
from bot.slack.upkeep.metrics import Metrics
from bot.store import StreamId
from bot.store.repositories.directs import Direct, Directs


class Tidings(Protocol):
    """What people are told of, model by model."""

    surface: ClassVar[Surface]
    """What all these messages together are called."""

    def carried(self, one: Direct) -> Json:
        """What a message carries unseen, to be found by."""
        ...

    def to_look_at(self) -> set[StreamId]:
        """The models in which there is something to tell that nobody told of."""
        ...

    def tell(self, stream: StreamId, bringing: Bringing) -> None:
        """Bring every message about a model, and bring it up to date; raises Refused and Unreachable."""
        ...


class DirectSurface:
    """The direct messages of some tidings, remembered in `directs`."""

    def __init__(
        self,
        tidings: Tidings,
        directs: Directs,
        api: SlackApi,
        *,
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        pace = pace or Pace()
        self._tidings = tidings
        self._bringing = Bringing(
            directs,
            api,
            surface=tidings.surface,
            metadata=tidings.carried,
            lease=pace.nudges.lease,
            metrics=metrics,
        )
        self._tender = Tender(
            tidings.surface,
            pace,
            keep=self._keep,
            notice=self._notice,
            silence=silence,
            metrics=metrics,
        )

    def start(self) -> None:
        """Begin with whoever was not told yet."""
        self._tender.start()

    def stop(self) -> None:
        """Tell nobody any more; the next start goes on where this ended."""
        self._tender.agenda.end()

    def touch(self, stream: StreamId) -> None:
        """Something was said in a model."""
        self._tender.agenda.touch(Job(self._tidings.surface, stream))

    def _notice(self) -> None:
        for stream in self._tidings.to_look_at() | self._bringing.late:
            self._tender.agenda.touch(Job(self._tidings.surface, stream), at_once=True)

    def _keep(self, job: Job) -> None:
        stream = StreamId(job.of)
        self._bringing.take_back(stream)
        self._tidings.tell(stream, self._bringing)
