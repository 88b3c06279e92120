"""The work that tells people by direct message what concerns them, and keeps true what it told."""

from datetime import datetime
from typing import ClassVar, Protocol

from bot.delivery.kinds import Done, Kind
from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import SlackApi
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.pace import Pace, Surface
from bot.slack.upkeep.metrics import Metrics
from bot.store import StreamId
from bot.store.records import of_model
from bot.store.repositories.directs import Direct, Directs
from bot.store.work_queue import Claim
from domain.elements import ModelKey


class Tidings(Protocol):
    """What people are told of, model by model."""

    surface: ClassVar[Surface]
    """What all these messages together are called."""

    def carried(self, one: Direct) -> Json:
        """What a message carries unseen, to be found by."""
        ...

    def tell(self, stream: StreamId, bringing: Bringing) -> datetime | None:
        """Bring every message about a model, and bring it up to date; raises Refused and Unreachable.

        Returns when time alone makes another look necessary.
        """
        ...


class DirectSurface:
    """The direct messages of some tidings, remembered in `directs`."""

    def __init__(
        self,
        tidings: Tidings,
        directs: Directs,
        api: SlackApi,
        *,
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._tidings = tidings
        self._directs = directs
        self._pace = pace
        self._bringing = Bringing(
            directs,
            api,
            surface=tidings.surface,
            metadata=tidings.carried,
            metrics=metrics,
        )

    def kinds(self) -> list[Kind]:
        """What there is to do: the messages about one model."""
        name = self._tidings.surface
        return [Kind(name=name, group="people", waits=self._pace.of(name), do=self._keep, lost=self._lost)]

    def take_back_late(self) -> None:
        """Delete messages that this process has posted as well, once the record tells of another's."""
        for stream in self._bringing.late():
            self._bringing.take_back(stream)

    def _lost(self, claim: Claim) -> None:
        self._directs.doubt(of_model(claim.item.tenant, ModelKey(claim.item.subject)))

    def owed(self) -> set[StreamId]:
        """The models with messages that were to be posted when the last process ended."""
        return self._directs.unclear() | self._directs.waiting()

    def _keep(self, claim: Claim) -> Done:
        stream = of_model(claim.item.tenant, ModelKey(claim.item.subject))
        self._bringing.take_back(stream)
        return Done(again=self._tidings.tell(stream, self._bringing))
