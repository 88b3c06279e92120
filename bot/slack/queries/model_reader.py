"""Loading of models: as they are now, as they were, their events, and where they are shown."""

from contextlib import AbstractContextManager
from datetime import date, datetime

from bot.formats import ExportSource
from bot.picture.charts import Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.diagram import Diagram, build_diagram
from bot.report.report_source import ReportChanges, ReportSource
from bot.slack.queries.ballot_charts import BallotChart, ballot_charts
from bot.slack.queries.round_result import load_round_result
from bot.slack.queries.services import Services
from bot.slack.screens.report_days import Days
from bot.slack.ui.messages.round_result_message import RoundResult
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
from domain.threat_trend import open_threats


class ModelReader:
    """Loads the models of one workspace; raises NoSuchModel for those that do not exist (any longer)."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def reading_once(self) -> AbstractContextManager[None]:
        """Return a block in which this thread asks the store once which version a model has."""
        return self._services.command_handler.reading_once()

    @property
    def tenant(self) -> str:
        """Return the workspace."""
        return self._services.installation.team

    def now(self) -> datetime:
        """Return the present moment."""
        return self._services.now()

    @property
    def naming(self) -> Naming:
        """Return the names of people."""
        return self._services.naming

    def register(self, stream: StreamId) -> ThreatRegister:
        """Return the register of a model now."""
        return self._services.register(stream)

    def round_result(self, stream: StreamId, closed: RoundClosed) -> RoundResult | None:
        """Return the result of a closed round; None if it is no longer known."""
        return load_round_result(stream, self._services.command_handler.model(stream), closed)

    def ballot_charts(self, stream: StreamId, version: int) -> tuple[BallotChart, ...]:
        """Return the charts of the round that an event closed, or none."""
        event = next(self._services.store.events(stream, version - 1, version), None)
        result = self.round_result(stream, event) if isinstance(event, RoundClosed) else None
        return ballot_charts(result) if result else ()

    def diagram(self, register: ThreatRegister) -> Diagram:
        """Return the diagram of a model, dated by its last event in the time zone of its facilitator."""
        return build_diagram(register, self._day(register))

    def source(self, register: ThreatRegister) -> ExportSource:
        """Return the source of exports of a model, dated in the same way."""
        past = list(self._services.store.events(self.stream_of(register), until=register.version))
        return ExportSource(
            register=register,
            day=self._day(register),
            events=past,
            write=Codec().encode,
            seal=lambda content: self._services.store.export_seal(self.tenant, content),
        )

    def stream_of(self, register: ThreatRegister) -> StreamId:
        """Return the stream of a model."""
        return StreamId(f"{self.tenant}/{register.key}")

    def charts(self, register: ThreatRegister, word: str) -> tuple[Chart, ...]:
        """Return the pages of a chart of a model, with days in the time zone of its facilitator."""
        match word:
            case "scores":
                return (draw_ranking(register),)
            case "coverage":
                return draw_coverage(register)
            case _:
                past = list(self._services.store.events(self.stream_of(register), until=register.version))
                zone = self._services.zone(register.facilitator).rules
                return (draw_trend(register, open_threats(past, zone, self.now(), self._services.zones())),)

    def report_source(self, register: ThreatRegister, days: Days = Days()) -> ReportSource:  # noqa: B008  (it never changes)
        """Return the source of a report of a model as it is or was, with days as in its charts."""
        zone = self._services.zone(register.facilitator)
        past = list(self._services.store.events(self.stream_of(register), until=register.version))
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
            as_of=of,
            day_of=zone.day_of,
            past=is_past,
            since=changed,
        )

    def canvas_address(self, canvas: str) -> str:
        """Return the URL of a canvas."""
        place = self._services.installation
        return f"{place.url.rstrip('/')}/docs/{place.team}/{canvas}"

    def events(self, stream: StreamId, after: int) -> list[RecordedEvent]:
        """Return the events of a model after a version, in order."""
        return list(self._services.store.events(stream, after))

    def starter(self, stream: StreamId) -> PersonId:
        """Return who started a model; empty if that was erased."""
        first = next(self._services.store.events(stream, until=1), None)
        return PersonId("") if first is None or isinstance(first, Erased) else first.by

    def state(self, stream: StreamId) -> StreamState:
        """Return the version of a model, and how often something in it was erased."""
        return self._services.command_handler.state(stream) or StreamState(version=0, erasures=0)

    def versions(self) -> dict[StreamId, int]:
        """Return every model and its version."""
        return {one.stream: one.version for one in self._services.store.streams(self.tenant)}

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the directory's record of a channel."""
        return self._services.directory.channel(channel)

    def _day(self, register: ThreatRegister) -> date:
        last = next(
            self._services.store.events(self.stream_of(register), register.version - 1, register.version),
            None,
        )
        at = self.now() if last is None or isinstance(last, Erased) else last.at
        return self._services.zone(register.facilitator).day_of(at)
