"""Loading of models: as they are now, as they were, their events, and where they are shown."""

from contextlib import AbstractContextManager
from datetime import date
from typing import Final

import msgspec

from bot.formats import ExportSource
from bot.picture.ballots_chart import count_ballots, describe_ballots, draw_ballots
from bot.picture.charts import Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.diagram import Diagram, build_diagram
from bot.report.report_source import ReportChanges, ReportSource
from bot.slack.protocol.escaping import clip, one_line, plain_line
from bot.slack.queries.services import Services
from bot.slack.screens.page_data import Days
from bot.slack.ui.messages.round_messages import RoundResult, ThreatResult
from bot.store import StreamId, codec
from bot.store.records import StreamState
from domain.changes import difference, review_summary
from domain.events import Erased, RecordedEvent, RoundClosed, ThreatModelClosed
from domain.history import as_of, at_version, timeline
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundEndCause
from domain.model import ThreatModel
from domain.register import ThreatRegister
from domain.threat_trend import open_threats
from domain.voting.scores import in_order_of_scores, ranked_threats, scores_of_round, sealed_in_round


def load_round_result(stream: str, model: ThreatModel, closed: RoundClosed) -> RoundResult | None:
    """Return the result of a round; None if its opening was erased."""
    one = model.rounds.get(closed.round)
    if one is None:
        return None
    first = model.rounds.get(one.revote_of) if one.revote_of else one
    # The result of a second vote has its own message.
    scores = scores_of_round(model, first, one if one.revote_of else None) if first else {}
    ranked = ranked_threats(model)
    ranks = {place.threat.id: place.rank for place in ranked if place.rank}
    sealed = sealed_in_round(model, first) if first else {}
    # Where the first result stands, no ballot of the second vote counts.
    counted = one.asks if closed.cause is RoundEndCause.MEDIANS else ()
    ids = [ask.threat for ask in counted] or closed.threats
    threats = [model.threats[id] for id in ids if id in model.threats]
    voted = {person for round_, _, person in model.ballots if round_ == one.id}
    again = next((other for other in model.open_rounds() if other.revote_of == one.id), None)
    return RoundResult(
        stream=stream,
        model=model.name,
        key=model.key,
        round=one,
        by=closed.by,
        voted=len(voted),
        invited=len(one.voters),
        results=[
            ThreatResult(
                threat=threat,
                score=scores.get(threat.id),
                rank=ranks.get(threat.id),
                of=len(ranks),
                sealed=sealed.get(threat.id),
            )
            for threat in in_order_of_scores(threats, scores)
        ],
        again=again.id if again else None,
        revoted=_revoted(model, closed),
    )


def _revoted(model: ThreatModel, closed: RoundClosed) -> tuple[ThreatId, ...]:
    """Return the threats of a round with a second vote, open or counted."""
    return tuple(
        ask.threat
        for round in model.rounds.values()
        if round.revote_of == closed.round
        and not (round.ending and round.ending.cause is RoundEndCause.MEDIANS)
        for ask in round.asks
    )


ALT_TEXT: Final = 1_000
"""Maximum length of Slack's alt text, in characters."""
TITLE: Final = 100
MAX_CHARTS: Final = 8
"""Maximum number of charts of a round, which follow one another in its thread."""


class BallotChart(msgspec.Struct, frozen=True, kw_only=True):
    """Chart of one threat: SVG, title and alt text."""

    threat: str
    title: str
    svg: str
    alt_text: str


def ballot_charts(revealed: RoundResult) -> tuple[BallotChart, ...]:
    """Return a chart for each scored threat; of many, those of contested and of the worst ones."""
    drawn: list[BallotChart] = []
    scored = [result for result in revealed.results if result.score is not None]
    contested = [one for one in scored if one.score and one.score.tally.contested]
    chosen = {one.threat.id for one in [*contested, *scored][:MAX_CHARTS]}
    for one in scored:
        if one.score is None or one.threat.id not in chosen:
            continue
        place = f"rank {one.rank} of {one.of}" if one.rank else ""
        counted = count_ballots(one.threat, one.score, place)
        drawn.append(
            BallotChart(
                threat=one.threat.id,
                title=plain_line(f"{one.threat.id} · {one.threat.title}", TITLE),
                svg=draw_ballots(counted),
                alt_text=clip(one_line(describe_ballots(counted)), ALT_TEXT),
            )
        )
    return tuple(drawn)


class ModelReader(Services, frozen=True, kw_only=True):
    """Services that also load what messages and files show; raises NoSuchModel for models that are gone."""

    def reading_once(self) -> AbstractContextManager[None]:
        """Return a block in which this thread asks the store once which version a model has."""
        return self.command_handler.reading_once()

    def round_result(self, stream: StreamId, closed: RoundClosed) -> RoundResult | None:
        """Return the result of a closed round; None if it is no longer known."""
        return load_round_result(stream, self.command_handler.model(stream), closed)

    def review_summary(self, stream: StreamId, version: int) -> str:
        """Return what has changed from the last closing to that at a version; empty for the first one."""
        events = self.events(stream, 0)[:version]
        closed = [(at, event) for at, event in enumerate(events, 1) if isinstance(event, ThreatModelClosed)]
        if len(closed) == 1:
            return ""
        (first, earlier), (last, _) = closed[-2:]
        before, after = (self.register_of(at_version(events, one), earlier.at) for one in (first, last))
        day = self.zone(after.facilitator).day_of(earlier.at)
        return f"Since {short_day(day)}: {review_summary(before, after)}"

    def ballot_charts(self, stream: StreamId, version: int) -> tuple[BallotChart, ...]:
        """Return the charts of the round that an event closed, or none."""
        event = next(self.store.events(stream, version - 1, version), None)
        result = self.round_result(stream, event) if isinstance(event, RoundClosed) else None
        return ballot_charts(result) if result else ()

    def diagram(self, register: ThreatRegister) -> Diagram:
        """Return the diagram of a model, dated by its last event in the time zone of its facilitator."""
        return build_diagram(register, self._day(register))

    def source(self, register: ThreatRegister) -> ExportSource:
        """Return the source of exports of a model, dated in the same way."""
        return ExportSource(
            register=register,
            day=self._day(register),
            events=self._past(register),
            write=codec.encode,
            seal=lambda content: self.store.export_seal(self.installation.team, content),
        )

    def stream_of(self, register: ThreatRegister) -> StreamId:
        """Return the stream of a model."""
        return StreamId(f"{self.installation.team}/{register.key}")

    def charts(self, register: ThreatRegister, word: str) -> tuple[Chart, ...]:
        """Return the pages of a chart of a model, with days in the time zone of its facilitator."""
        if word == "scores":
            return (draw_ranking(register),)
        if word == "coverage":
            return draw_coverage(register)
        zone = self.zone(register.facilitator).rules
        return (draw_trend(register, open_threats(self._past(register), zone, self.now(), self.zones())),)

    def report_source(self, register: ThreatRegister, days: Days = Days()) -> ReportSource:  # noqa: B008  (it never changes)
        """Return the source of a report of a model as it is or was, with days as in its charts."""
        zone = self.zone(register.facilitator)
        past = self._past(register)
        of, is_past = self.now(), False
        if days.as_of is not None and (end := zone.end_of(days.as_of)) < of:
            model = as_of(past, end)
            of, is_past = end, model.version < register.version
            register, past = self.register_of(model, end), past[: model.version]
        changed = None
        if days.since is not None:
            end = zone.end_of(days.since)
            then = self.register_of(as_of(past, end), end)
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
        place = self.installation
        return f"{place.url.rstrip('/')}/docs/{place.team}/{canvas}"

    def events(self, stream: StreamId, after: int) -> list[RecordedEvent]:
        """Return the events of a model after a version, in order."""
        return list(self.store.events(stream, after))

    def starter(self, stream: StreamId) -> PersonId:
        """Return who started a model; empty if that was erased."""
        first = next(self.store.events(stream, until=1), None)
        return PersonId("") if first is None or isinstance(first, Erased) else first.by

    def state(self, stream: StreamId) -> StreamState:
        """Return the version of a model, and how often something in it was erased."""
        return self.command_handler.state(stream) or StreamState(version=0, erasures=0)

    def versions(self) -> dict[StreamId, int]:
        """Return every model and its version."""
        return {stream.stream: stream.version for stream in self.store.streams(self.installation.team)}

    def _past(self, register: ThreatRegister) -> list[RecordedEvent]:
        return list(self.store.events(self.stream_of(register), until=register.version))

    def _day(self, register: ThreatRegister) -> date:
        version = register.version
        last = next(self.store.events(self.stream_of(register), version - 1, version), None)
        at = self.now() if last is None or isinstance(last, Erased) else last.at
        return self.zone(register.facilitator).day_of(at)
