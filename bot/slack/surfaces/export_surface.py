"""Posts the files that people asked for into the thread of the model that they are of."""

from collections.abc import Callable

from msgspec.structs import replace

from bot.slack.surfaces.canvas_writing import CanvasWriter
from bot.slack.surfaces.file_writing import NEVER_SHOWN, File, FileWriter
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.offers import offer_of
from bot.slack.surfaces.resting import Rests
from bot.store import StreamId
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.exports import CANVAS, Exports, Ordered
from domain.register import ThreatRegister


class ExportSurface:
    """Posts at each look at most one file; `again` asks for another look.

    A file is made in the moment in which it is posted. Once words of the model were erased, every file that
    was made before is taken away: it may hold them.
    """

    def __init__(
        self,
        cards: Cards,
        exports: Exports,
        writer: FileWriter,
        canvas: CanvasWriter,
        rests: Rests,
        looks: Looks,
        *,
        again: Callable[[StreamId], None],
    ) -> None:
        self._cards = cards
        self._exports = exports
        self._writer = writer
        self._canvas = canvas
        self._rests = rests
        self._looks = looks
        self._again = again

    def is_seen(self, stream: StreamId) -> bool:
        """Whether every file of a model that Slack has accepted was seen in its thread, or given up."""
        return self._writer.is_seen(stream)

    def keep(self, stream: StreamId) -> None:
        """Post what is due and hide what was erased; raises Refused and Unreachable to be tried again."""
        for one in self._exports.of(stream):
            if self._is_of_erased(one):
                self.take_away(one)
        self._writer.confirm(stream, lost=lambda key, _, again: self._lost(stream, key, again=again))
        due = self._due(stream)
        card = self._cards.find(stream)
        if not due or card is None:
            return
        known = self._looks.register(stream)
        card = self._rests.awake(card, known)
        if card is None or card.ts is None:
            return  # what cannot be shown now is due again once it can
        self._write(card, known, due[0])
        if self._due(stream):
            self._again(stream)

    def take_away(self, one: Ordered) -> None:
        """Delete a file with what is told about it, or a canvas; raises Refused and Unreachable."""
        if one.word == CANVAS:
            self._canvas.delete(one)
        elif one.file:
            self._writer.delete(one.file)
        card = self._cards.find(one.stream)
        if one.message and card is not None:
            self._writer.unsay(card.channel, one.message)
        self._exports.forget(one)

    def _due(self, stream: StreamId) -> list[Ordered]:
        """What is to be shown or told; nothing is told of a file before it was seen."""
        every = [one for one in self._exports.of(stream) if not one.over]
        return [one for one in every if not self._writer.awaits(stream, one.key)]

    def _lost(self, stream: StreamId, key: str, *, again: bool) -> None:
        """A file was never shown: it is posted once more, or the thread is told so in words."""
        one = next((one for one in self._exports.of(stream) if one.key == key), None)
        if one is None:
            return
        if again:
            self._exports.keep(replace(one, file="", over=False))
            return
        card = self._cards.find(stream)
        if card is not None and card.ts is not None:
            self._give_up(card, self._looks.register(stream), replace(one, file=""), NEVER_SHOWN)

    def _write(self, card: Card, known: ThreatRegister, one: Ordered) -> None:
        self._writer.attempt(
            card,
            known,
            one.key,
            lambda: self._tell(card, known, one) if one.file else self._show(card, known, one),
            give_up=lambda code: self._give_up(card, known, one, code),
        )

    def _show(self, card: Card, known: ThreatRegister, one: Ordered) -> None:
        offer = offer_of(one.word)
        erasures = self._looks.state(one.stream).erasures
        made = offer.make(self._looks, known)
        file = File(name=made.name, content=made.content, title=made.name, words=made.alt)

        def note(ids: tuple[str, ...]) -> None:
            self._exports.keep(replace(one, file=ids[0], over=offer.tell is None, erasures=erasures))

        self._writer.show(
            card,
            card.ts,
            [file],
            made.comment,
            about=one.key,
            note=note,
            take_back=lambda: self._exports.keep(one),
        )

    def _tell(self, card: Card, known: ThreatRegister, one: Ordered) -> None:
        """Tell below a file what matters in it, in a message that can be taken away with the words in it."""
        offer = offer_of(one.word)
        canvas = self._canvas.write(card, known) if offer.has_canvas else ""
        message = offer.tell(self._looks, known, canvas) if offer.tell else None
        if message is None:
            self._exports.keep(replace(one, over=True))
            return
        self._writer.tell(
            card,
            message,
            note=lambda place: self._exports.keep(replace(one, message=place, over=True)),
            take_back=lambda: self._exports.keep(one),
        )

    def _give_up(self, card: Card, known: ThreatRegister, one: Ordered, code: str) -> None:
        if one.file:  # it is shown, and only what is told about it is not
            self._exports.keep(replace(one, over=True))
            return
        self._exports.forget(one)
        self._writer.say(card, offer_of(one.word).instead(known, code))

    def _is_of_erased(self, one: Ordered) -> bool:
        return bool(one.file) and one.erasures != self._looks.state(one.stream).erasures
