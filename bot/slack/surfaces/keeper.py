"""Keeps what a channel sees of its models true: each model's card, and what is told in its thread."""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from bot.slack.connection.slack_api import SlackApi
from bot.slack.surfaces.agenda import Job, Pace, Surface
from bot.slack.surfaces.canvas_writing import CanvasWriter
from bot.slack.surfaces.card_surface import CardSurface
from bot.slack.surfaces.changing import Changing
from bot.slack.surfaces.diagram_surface import DiagramSurface
from bot.slack.surfaces.export_surface import ExportSurface
from bot.slack.surfaces.file_writing import FileWriter
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.picture_surface import PictureSurface
from bot.slack.surfaces.resting import Rested, Rests
from bot.slack.surfaces.taking_away import TakingAway
from bot.slack.surfaces.tending import Tender
from bot.slack.surfaces.thread_surface import ThreadSurface
from bot.slack.surfaces.thread_writing import ThreadWriter
from bot.slack.upkeep.metrics import Metrics
from bot.store import StreamId, tenant_of
from bot.store.repositories.cards import Cards
from bot.store.repositories.diagrams import Diagrams
from bot.store.repositories.exports import Exports
from bot.store.repositories.pictures import Pictures
from bot.store.repositories.summaries import Summaries
from bot.store.repositories.uploads import Uploads
from bot.workshop import NoSuchModel
from domain.elements import ChannelId


class Keeper:
    """One thread that posts and updates; anybody may tell it that a model or a channel changed.

    `learn` lets the directory know what Slack said of a channel in a refusal; `rested` is told once when
    cards cannot be shown, `turned` when time alone has changed a model, `silence` when Slack lets the bot do
    nothing any more.
    """

    def __init__(
        self,
        cards: Cards,
        summaries: Summaries,
        pictures: Pictures,
        diagrams: Diagrams,
        exports: Exports,
        uploads: Callable[[str], Uploads],
        api: SlackApi,
        looks: Looks,
        *,
        learn: Callable[[ChannelId, str], None],
        rested: Callable[[Sequence[Rested], str], Sequence[Rested]],
        turned: Callable[[], None],
        silence: Callable[[str], None],
        metrics: Metrics,
        pace: Pace | None = None,
    ) -> None:
        self._cards = cards
        self._summaries = summaries
        self._pictures = pictures
        self._diagrams = diagrams
        self._exports = exports
        self._looks = looks
        self._changing = Changing()
        self._turned = turned
        self._tender = Tender(
            "cards", pace or Pace(), keep=self._keep, notice=self._notice, silence=silence, metrics=metrics
        )
        self._agenda = self._tender.agenda
        wrote = self._agenda.wrote
        self._rests = Rests(
            cards, look=looks.register, channel=looks.channel, learn=learn, tell=rested, metrics=metrics
        )
        self._card = CardSurface(cards, api, self._rests, looks, wrote=wrote, metrics=metrics)
        self._thread = ThreadSurface(
            cards,
            summaries,
            ThreadWriter(api, wrote=wrote, metrics=metrics),
            self._rests,
            looks,
            again=lambda stream: self._touch("summary", stream, at_once=True),
            more=lambda stream: self._touch("reveal", stream, at_once=True),
            anew=self._show_anew,
        )

        def files(surface: str) -> FileWriter:
            kept = uploads(surface)
            return FileWriter(surface, api, self._rests, kept, now=looks.now, wrote=wrote, metrics=metrics)

        self._picture = PictureSurface(
            cards,
            pictures,
            files("picture"),
            self._rests,
            looks,
            again=lambda stream: self._touch("picture", stream, at_once=True),
        )
        self._diagram = DiagramSurface(
            cards,
            diagrams,
            api,
            files("diagram"),
            self._rests,
            looks,
            again=lambda stream: self._touch("diagram", stream, at_once=True),
            metrics=metrics,
        )
        self._export = ExportSurface(
            cards,
            exports,
            files("export"),
            CanvasWriter(exports, api, looks, metrics=metrics),
            self._rests,
            looks,
            again=lambda stream: self._touch("export", stream, at_once=True),
        )
        self._away = TakingAway(
            cards,
            summaries,
            pictures,
            diagrams,
            exports,
            uploads(""),
            api,
            take_away=self._export.take_away,
            delete=self._diagram.delete,
            wrote=wrote,
            again=lambda stream: self._touch("erased", stream, at_once=True),
            metrics=metrics,
        )

    def start(self) -> None:
        """Begin with everything that is not as it should be."""
        self._tender.start()

    def stop(self, seconds: float) -> None:
        """Bring up to date the cards that are due, then stop; give up after so many seconds."""
        self._tender.stop(seconds)

    def pause(self) -> None:
        """Show nothing any more: Slack would refuse everything."""
        self._agenda.end()

    def touch(self, stream: StreamId) -> None:
        """A model may have changed; its card is looked at soon, its thread when people pause."""
        self._touch("card", stream)
        self._touch("reveal", stream)
        self._touch("summary", stream)

    def draw(self, stream: StreamId) -> None:
        """Somebody asked for a model's diagram."""
        self._touch("diagram", stream)

    def export(self, stream: StreamId) -> None:
        """Somebody asked for a file of a model."""
        self._touch("export", stream)

    def touch_all(self) -> None:
        """Something that any card may show has changed, such as what somebody is called."""
        for card in self._cards.all():
            self._touch("card", card.stream)

    def wake(self, channel: ChannelId) -> None:
        """The bot may write in a channel (again): show its cards."""
        self._touch_each(self._rests.wake(channel))

    def rest(self, channel: ChannelId, why: str) -> None:
        """The bot may not write in a channel any more: its cards stay as they are."""
        self._rests.rest(channel, why)

    def look_again(self, channel: ChannelId) -> None:
        """The directory has read a channel anew: what nobody told of shows there."""
        self._touch_each(self._rests.look_again(channel))

    def is_orphan(self, stream: StreamId, ts: str) -> bool:
        """Whether a message that looks like a card is not the model's card, left behind by a crash."""
        card = self._cards.find(stream)
        return card is not None and card.ts is not None and card.ts != ts

    def _keep(self, job: Job) -> None:
        stream = StreamId(job.of)
        try:
            match job.surface:
                case "card":
                    changes_at = self._card.keep(stream)
                    if self._changing.learn(stream, changes_at, self._looks.now()):
                        self._turned()
                    if self._untold(stream):
                        self._touch("reveal", stream)
                        self._touch("summary", stream)
                    if self._diagrams.find(stream):
                        self._touch("diagram", stream)
                case "reveal":
                    self._thread.reveal(stream)
                    self._touch_pictures(stream)
                case "picture":
                    self._picture.keep(stream)
                case "diagram":
                    self._diagram.keep(stream)
                case "export":
                    self._export.keep(stream)
                case "summary":
                    self._thread.keep(stream)
                    self._touch_pictures(stream)
                case "erased":
                    self._away.keep(stream)
                case "home" | "invitations" | "handovers" | "nudges":
                    pass  # those are kept elsewhere
        except NoSuchModel:
            self._touch("erased", stream)

    def _notice(self) -> None:
        """Find the models whose card or thread shows another version, as after a restart, or too much."""
        shown = {card.stream: card for card in self._cards.all()}
        versions = self._looks.versions()
        for stream, version in versions.items():
            card = shown.pop(stream, None)
            if card is None:
                self._touch("card", stream, at_once=True)
            elif not card.resting:
                told, now = self._summaries.told(stream), self._looks.state(stream)
                if card.version != version or told.erasures != now.erasures:
                    self._touch("card", stream, at_once=True)
                if card.ts and told != now:
                    self._touch("reveal", stream, at_once=True)
                    self._touch("summary", stream, at_once=True)
                    if told.erasures != now.erasures:
                        self._touch("picture", stream, at_once=True)
        self._notice_time(versions)
        self._rests.tell_waiting()
        for stream in self._picture.owing():
            self._touch("picture", stream, at_once=True)
        for stream in self._diagram.owing():
            self._touch("diagram", stream, at_once=True)
        for stream in self._export.owing():
            self._touch("export", stream, at_once=True)
        for stream in shown:
            if tenant_of(stream) == self._looks.tenant:
                self._touch("erased", stream, at_once=True)

    def _notice_time(self, streams: Iterable[StreamId]) -> None:
        """Look at what time alone has changed, and at what nobody has looked at since the start."""
        due = self._changing.due(self._looks.now())
        for stream in (*due, *self._changing.unseen(streams)):
            self._touch("card", stream, at_once=True)

    def _touch_pictures(self, stream: StreamId) -> None:
        if self._pictures.owed(stream):
            self._touch("picture", stream)

    def _untold(self, stream: StreamId) -> bool:
        card = self._cards.find(stream)
        return card is not None and not card.resting and self._summaries.told(stream).version < card.version

    def _show_anew(self, stream: StreamId) -> None:
        """Slack does not find the card of a thread: whether it is there shows when it is edited."""
        card = self._cards.find(stream)
        if card is not None:
            self._cards.keep(replace(card, digest=None))
            self._touch("card", stream)

    def _touch(self, surface: Surface, stream: StreamId, *, at_once: bool = False) -> None:
        self._agenda.touch(Job(surface, stream), at_once=at_once)

    def _touch_each(self, streams: Sequence[StreamId]) -> None:
        for stream in streams:
            self._touch("card", stream, at_once=True)
