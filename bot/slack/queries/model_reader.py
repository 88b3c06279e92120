"""What surfaces are made of: models as they are now, what was said in them, and where they live."""

from datetime import date, datetime

import msgspec

from bot.formats import ExportSource
from bot.picture.charts import Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.diagram import Diagram, build_diagram
from bot.report.report_source import ReportChanges, ReportSource
from bot.slack.protocol.block_builders import Message
from bot.slack.queries.ballot_charts import BallotChart, ballot_charts
from bot.slack.queries.round_result import load_round_result
from bot.slack.queries.services import Services
from bot.slack.screens.report_days import Days
from bot.slack.ui.messages.card.card_message import card_message
from bot.slack.ui.messages.card.short_card import short_card
from bot.slack.ui.messages.round_result_message import round_result_message
from bot.store import StreamId
from bot.store.codec import Codec
from bot.store.records import StreamState
from bot.store.repositories.workspace_directory import Channel
from domain.changes import difference
from domain.events import Erased, RecordedEvent, RoundClosed
from domain.history import as_of, timeline
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister
from domain.trend import open_threats


class CardContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's card should show now; `shorter` where Slack does not take all of it."""

    register: ThreatRegister
    message: Message
    shorter: Message


class ModelReader:
    """Looks at the models of one workspace; raises NoSuchModel for those that are not there (any more)."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def tenant(self) -> str:
        """The workspace."""
        return self._services.installation.team

    def now(self) -> datetime:
        """The moment it is."""
        return self._services.now()

    @property
    def naming(self) -> Naming:
        """What people are called."""
        return self._services.naming

    def card(self, stream: StreamId) -> CardContent:
        """What a model's card should show."""
        register = self.register(stream)
        message = card_message(stream, register, self.naming)
        return CardContent(register=register, message=message, shorter=short_card(stream, register))

    def register(self, stream: StreamId) -> ThreatRegister:
        """Everything known of a model now."""
        return self._services.register(stream)

    def result(self, stream: StreamId, closed: RoundClosed) -> Message | None:
        """What a closed round led to; None where that is not known any more."""
        result = load_round_result(stream, self._services.command_handler.model(stream), closed)
        return round_result_message(result, self.naming) if result else None

    def drawings(self, stream: StreamId, version: int) -> tuple[BallotChart, ...]:
        """The pictures that belong to an event: those of a round that it ended, or none."""
        event = next(self._services.store.events(stream, version - 1, version), None)
        if not isinstance(event, RoundClosed):
            return ()
        result = load_round_result(stream, self._services.command_handler.model(stream), event)
        return ballot_charts(result) if result else ()

    def diagram(self, register: ThreatRegister) -> Diagram:
        """The diagram of a model, of the day on which something was said last, where its facilitator is."""
        return build_diagram(register, self._day(register))

    def source(self, register: ThreatRegister) -> ExportSource:
        """What files of a model are made from, as of that day."""
        past = list(self._services.store.events(self._stream(register), until=register.version))
        return ExportSource(register=register, day=self._day(register), events=past, write=Codec().encode)

    def chart(self, register: ThreatRegister, word: str) -> Chart:
        """A chart of a model, with days as its facilitator has them."""
        match word:
            case "scores":
                return draw_ranking(register)
            case "coverage":
                return draw_coverage(register)
            case _:
                past = list(self._services.store.events(self._stream(register), until=register.version))
                zone = self._services.zone(register.facilitator).rules
                return draw_trend(register, open_threats(past, zone, self.now(), self._services.zones()))

    def report_source(self, register: ThreatRegister, days: Days = Days()) -> ReportSource:  # noqa: B008  (it never changes)
        """What a report of a model is made from, as it is or was; with days as its facilitator has them."""
        zone = self._services.zone(register.facilitator)
        past = list(self._services.store.events(self._stream(register), until=register.version))
        of, is_past = self.now(), False
        if days.as_of is not None and (end := zone.end_of(days.as_of)) < of:
            model = as_of(past, end)
            of, is_past, register = (
                end,
                model.version < register.version,
                self._services.register_of(model, end),
            )
            past = past[: model.version]
        changed = None
        if days.since is not None:
            end = zone.end_of(days.since)
            then = self._services.register_of(as_of(past, end), end)
            changed = ReportChanges(moment=end, changes=difference(then, register, past))
        return ReportSource(
            register=register,
            history=timeline(past),
            naming=self.naming,
            of=of,
            day_of=zone.day_of,
            past=is_past,
            since=changed,
        )

    def canvas_address(self, canvas: str) -> str:
        """Where people find a canvas."""
        place = self._services.installation
        return f"{place.url.rstrip('/')}/docs/{place.team}/{canvas}"

    def events(self, stream: StreamId, after: int) -> list[RecordedEvent]:
        """What was said in a model after a version, in order."""
        return list(self._services.store.events(stream, after))

    def starter(self, stream: StreamId) -> PersonId:
        """Who began a model; nobody where that was erased."""
        first = next(self._services.store.events(stream, until=1), None)
        return PersonId("") if first is None or isinstance(first, Erased) else first.by

    def state(self, stream: StreamId) -> StreamState:
        """How far a model goes, and how often something in it was erased."""
        return self._services.store.state(stream) or StreamState(version=0, erasures=0)

    def versions(self) -> dict[StreamId, int]:
        """The models there are, and their versions."""
        return {one.stream: one.version for one in self._services.store.streams(self.tenant)}

    def channel(self, channel: ChannelId) -> Channel | None:
        """What the directory has of a channel."""
        return self._services.directory.channel(channel)

    def _day(self, register: ThreatRegister) -> date:
        last = next(
            self._services.store.events(self._stream(register), register.version - 1, register.version), None
        )
        at = self.now() if last is None or isinstance(last, Erased) else last.at
        return self._services.zone(register.facilitator).day_of(at)

    def _stream(self, register: ThreatRegister) -> StreamId:
        return StreamId(f"{self.tenant}/{register.key}")
