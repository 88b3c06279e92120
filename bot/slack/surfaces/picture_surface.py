"""Shows how the ballots of a closed round lie, in its thread, once its result was told there in words."""

import hashlib
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bot.picture.png import png
from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.queries.ballot_charts import BallotChart
from bot.slack.surfaces.file_writing import File, FileWriter
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.resting import Rests
from bot.store import StreamId
from bot.store.repositories.cards import Card, Cards
from bot.store.repositories.pictures import Owed, Pictures, Shown
from domain.register import ThreatRegister


class PictureSurface:
    """Posts the pictures of at most one round at each look; `again` asks for another look.

    What Slack refuses is given up and logged once: words tell the same.
    """

    def __init__(
        self,
        cards: Cards,
        pictures: Pictures,
        writer: FileWriter,
        rests: Rests,
        looks: Looks,
        *,
        again: Callable[[StreamId], None],
    ) -> None:
        self._cards = cards
        self._pictures = pictures
        self._writer = writer
        self._rests = rests
        self._looks = looks
        self._again = again

    def keep(self, stream: StreamId) -> None:
        """Show what is owed, hide what was erased; raises Refused and Unreachable to be tried again."""
        self._hide_erased(stream)
        self._writer.confirm(stream, lost=lambda about, _, again: self._lost(stream, about, again=again))
        card, owed = self._cards.find(stream), self._pictures.owed(stream)
        if card is None or not owed:
            return
        register = self._looks.register(stream)
        card = self._rests.awake(card, register)
        if card is None:
            return
        self._show(card, register, owed[0])
        if len(owed) > 1:
            self._again(stream)

    def is_seen(self, stream: StreamId) -> bool:
        """Whether every picture of a model that Slack has accepted was seen in its thread, or given up."""
        return self._writer.is_seen(stream)

    def _lost(self, stream: StreamId, about: str, *, again: bool) -> None:
        """Pictures were never shown: they are posted once more, or the thread is told so in words."""
        shown = next((one for one in self._pictures.of(stream) if str(one.version) == about), None)
        if shown is None:
            return
        if again:
            self._pictures.forget(shown)
            return
        self._pictures.keep(replace(shown, files=()))
        card = self._cards.find(stream)
        if card is not None and card.ts is not None:
            self._writer.say(card, not_shown())

    def _show(self, card: Card, register: ThreatRegister, owed: Owed) -> None:
        drawn = self._looks.drawings(card.stream, owed.version)
        shown = Shown(
            stream=card.stream,
            version=owed.version,
            words=_digest(drawn),
            erasures=self._looks.state(card.stream).erasures,
        )
        if not drawn:
            self._pictures.keep(shown)
            return
        self._writer.attempt(
            card,
            register,
            (card.stream, owed.version),
            lambda: self._writer.show(
                card,
                owed.thread,
                [_file(one) for one in drawn],
                COMMENT,
                about=str(owed.version),
                note=lambda ids: self._pictures.keep(replace(shown, files=ids)),
                take_back=lambda: self._pictures.forget(shown),
            ),
            give_up=lambda _: self._pictures.keep(shown),
        )

    def _hide_erased(self, stream: StreamId) -> None:
        """Delete the pictures that show words which were erased since."""
        erasures = self._looks.state(stream).erasures
        for shown in self._pictures.of(stream):
            if not shown.files or shown.erasures == erasures:
                continue
            if _digest(self._looks.drawings(stream, shown.version)) == shown.words:
                self._pictures.keep(replace(shown, erasures=erasures))
                continue
            self._writer.delete(*shown.files)
            self._pictures.keep(replace(shown, files=(), erasures=erasures))


def not_shown() -> Message:
    """Slack shows no pictures of a round, and what tells the same."""
    said = "Slack accepted the picture of the votes, but never showed it. The result above has all numbers."
    return message(said, [section(said)])


COMMENT = "How the ballots lie, threat by threat. The numbers above say the same in words."


def _file(one: BallotChart) -> File:
    return File(name=f"{one.threat}.png", content=png(one.svg), title=one.title, words=one.words)


def _digest(drawn: Sequence[BallotChart]) -> str:
    """What people wrote in some drawings, in 64 characters."""
    return hashlib.sha256("\n".join(one.title for one in drawn).encode()).hexdigest()
