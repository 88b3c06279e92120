"""The work that tells people by direct message what concerns them, and keeps true what it told."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Protocol

import msgspec

from bot.delivery.kinds import NO_WAIT, Done, Kind
from bot.metrics import Metrics
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.surfaces.bringing import Bringing
from bot.slack.surfaces.pace import Pace, Surface
from bot.store import StreamId, key_of
from bot.store.records import of_model
from bot.store.repositories.directs import Direct, Directs
from bot.store.work_queue import Claim
from domain.kernel.elements import ModelKey, PersonId


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """The messages about a model that are to be posted or edited, and when to look again."""

    messages: tuple[Direct, ...] = ()
    again: datetime | None = None


class Tidings(Protocol):
    """What people are told of, model by model."""

    surface: ClassVar[Surface]
    """What all these messages together are called."""
    message: ClassVar[Surface]
    """What one of them is called."""

    def carried(self, one: Direct) -> Json:
        """What a message carries unseen, to be found by."""
        ...

    def plan(self, stream: StreamId) -> Planned:
        """Note which messages about a model are to be sent, and find those that are to be edited."""
        ...

    def keep(self, one: Direct, bringing: Bringing) -> None:
        """Bring one message, or bring it up to date; raises Refused and Unreachable."""
        ...


class DirectSurface:
    """The direct messages of some tidings, remembered in `directs`.

    What is to be sent about a model is planned without a call to Slack; each message is a piece of work of
    its own, in the lane of its person. `touch` makes it due.
    """

    def __init__(
        self,
        tidings: Tidings,
        directs: Directs,
        api: SlackApi,
        *,
        touch: Callable[[Surface, Direct], None],
        metrics: Metrics,
        pace: Pace,
    ) -> None:
        self._tidings = tidings
        self._directs = directs
        self._touch = touch
        self._pace = pace
        self._bringing = Bringing(
            directs, api, surface=tidings.surface, metadata=tidings.carried, metrics=metrics
        )

    def kinds(self) -> list[Kind]:
        """What there is to do: plan the messages about one model, and each of them."""
        plan, message = self._tidings.surface, self._tidings.message
        return [
            Kind(name=plan, group="people", waits=self._pace.of(plan), do=self._plan),
            Kind(name=message, group="people", waits=NO_WAIT, do=self._keep, lost=self._lost),
        ]

    def take_back_late(self) -> None:
        """Delete messages that this process has posted as well, once the record tells of another's."""
        for stream in self._bringing.late():
            self._bringing.take_back(stream)

    def owed(self) -> set[StreamId]:
        """The models with messages that were to be posted when the last process ended."""
        return self._directs.unclear() | self._directs.waiting()

    def _plan(self, claim: Claim) -> Done:
        planned = self._tidings.plan(_stream_of(claim, claim.item.subject))
        for one in planned.messages:
            self._touch(self._tidings.message, one)
        return Done(again=planned.again)

    def _keep(self, claim: Claim) -> Done:
        one = self._message_of(claim)
        if one is not None and not one.over:
            self._tidings.keep(one, self._bringing)
        return Done()

    def _lost(self, claim: Claim) -> None:
        one = self._message_of(claim)
        if one is not None:
            self._directs.doubt(one.stream)

    def _message_of(self, claim: Claim) -> Direct | None:
        model, _, of = claim.item.subject.partition("/")
        about, _, person = of.rpartition("/")
        return self._directs.of(_stream_of(claim, model)).get((about, PersonId(person)))


def subject_of(one: Direct) -> str:
    """The subject of the work on a message: model, what it is about, person."""
    return f"{key_of(one.stream)}/{one.about}/{one.person}"


def _stream_of(claim: Claim, model: str) -> StreamId:
    return of_model(claim.item.tenant, ModelKey(model))
