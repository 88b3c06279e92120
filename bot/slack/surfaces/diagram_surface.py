"""Shows a model's diagram in its thread, once somebody asked for it: drawn anew at each change of phase."""

from collections.abc import Callable

import structlog
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.picture.diagram import Diagram, NotLaidOut, diagram_png, headline, in_words, laid_out
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.surfaces.card_surface import gone_already
from bot.slack.surfaces.file_writing import NEVER_SHOWN, File, FileWriter
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.resting import Rests
from bot.slack.ui.messages.files.diagram_messages import diagram_comment, flows_message
from bot.store import StreamId
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.diagrams import Diagrams, Kept
from domain.kernel.elements import ChannelId
from domain.register import ThreatRegister

log = structlog.get_logger()


class DiagramSurface:
    """Posts at each look at most one diagram and deletes the one before; `again` asks for another look.

    Where nothing can be drawn, or Slack does not take a file, the thread is told the flows in words.
    """

    def __init__(
        self,
        cards: Cards,
        diagrams: Diagrams,
        api: SlackApi,
        writer: FileWriter,
        rests: Rests,
        looks: Looks,
        *,
        again: Callable[[StreamId], None],
        metrics: Metrics,
    ) -> None:
        self._cards = cards
        self._diagrams = diagrams
        self._api = api
        self._writer = writer
        self._rests = rests
        self._looks = looks
        self._again = again
        self._metrics = metrics

    def is_seen(self, stream: StreamId) -> bool:
        """Whether a diagram that Slack has accepted was seen in the thread, or given up."""
        return self._writer.is_seen(stream)

    def keep(self, stream: StreamId) -> None:
        """Show what is due and hide what is over; raises Refused and Unreachable to be tried again."""
        known, kept = self._diagrams.find(stream), self._cards.find(stream)
        if known is None or kept is None:
            return
        register, card = self._looks.register(stream), kept
        known = self._without_erased_words(known, card)
        self._writer.confirm(
            stream, lost=lambda _, files, again: self._lost(kept, register, files, again=again)
        )
        known = self._diagrams.find(stream) or known
        if not _due(known, register.phase):
            self._delete_old(known, card)
            return
        card = self._rests.awake(card, register)
        if card is None or card.ts is None:
            return  # what cannot be shown now is due again once it can
        diagram = self._looks.diagram(register)
        now = replace(known, answered=known.asked, phase=register.phase, old=known.shown or known.old)
        self._writer.attempt(
            card,
            register,
            stream,
            lambda: self._show(card, known, now, diagram),
            give_up=lambda code: self._tell(
                card, now, diagram, f"Slack does not take the picture of the diagram ({code})."
            ),
        )
        self._again(stream)

    def _lost(self, card: Card, register: ThreatRegister, files: tuple[str, ...], *, again: bool) -> None:
        """A picture was never shown: it is drawn once more, or its flows are told in words."""
        known = self._diagrams.find(card.stream)
        if known is None or known.shown not in files or card.ts is None:
            return
        if again:
            self._diagrams.keep(replace(known, shown="", phase=""))
        else:
            why = f"Slack does not show the picture of the diagram ({NEVER_SHOWN})."
            self._tell(card, known, self._looks.diagram(register), why)

    def _show(self, card: Card, before: Kept, now: Kept, diagram: Diagram) -> None:
        try:
            picture = diagram_png(laid_out(diagram))
        except NotLaidOut as why:
            log.warning("diagram told in words", stream=card.stream, why=str(why))
            self._tell(card, now, diagram, str(why))
            return
        file = File(
            name=f"{diagram.key}.png", content=picture, title=headline(diagram), words=in_words(diagram)
        )
        self._writer.show(
            card,
            card.ts,
            [file],
            diagram_comment(diagram),
            about="diagram",
            note=lambda ids: self._diagrams.keep(replace(now, shown=ids[0])),
            take_back=lambda: self._diagrams.keep(before),
        )

    def _tell(self, card: Card, now: Kept, diagram: Diagram, why: str) -> None:
        """Tell the flows in words; where Slack does not take that either, nobody is told."""
        self._diagrams.keep(replace(now, shown=""))
        place = self._writer.say(card, flows_message(diagram, why))
        if place:
            self._diagrams.keep(replace(now, shown=place))

    def _without_erased_words(self, one: Kept, card: Card) -> Kept:
        """Take away a diagram that may show words which were erased since; it is drawn anew without them."""
        erasures = self._looks.state(one.stream).erasures
        if one.erasures == erasures:
            return one
        for shown in (one.shown, one.old):
            self.delete(card.channel, shown)
        phase = "" if one.shown else one.phase
        anew = replace(one, shown="", old="", phase=phase, erasures=erasures)
        self._diagrams.keep(anew)
        return anew

    def _delete_old(self, one: Kept, card: Card) -> None:
        if one.old:
            self.delete(card.channel, one.old)
            self._diagrams.keep(replace(one, old=""))

    def delete(self, channel: ChannelId, shown: str) -> None:
        """Take away a file, or a message, which has a dot in its place; raises Refused and Unreachable."""
        if "." in shown:
            with gone_already():
                self._api.call("chat.delete", channel=channel, ts=shown)
            self._metrics.surface("diagram", "deleted")
        elif shown:
            self._writer.delete(shown)


def _due(one: Kept, phase: str) -> bool:
    """Whether somebody waits for a diagram, or the model it shows has moved on."""
    return one.asked != one.answered or one.phase != phase
