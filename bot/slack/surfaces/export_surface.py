"""Posts the files that people asked for into the thread of the model that they are of."""

from collections.abc import Callable

import structlog
from msgspec.structs import replace

from bot.formats import FORMATS, file_name
from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.kit.text import plain
from bot.slack.reading.drawings import TITLE
from bot.slack.surfaces.cards import Card, Cards
from bot.slack.surfaces.exports import Exports, Ordered
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.picture_surface import FOR_GOOD, MOST_TRIES, SLOWER, delete_file
from bot.slack.surfaces.resting import OF_THE_CARD, OF_THE_CHANNEL, Rests
from bot.slack.upkeep.metrics import Metrics
from bot.slack.views.exports import export_words, not_taken
from bot.store import CommandKey, StreamId
from domain.elements import ChannelId
from domain.register import ThreatRegister

log = structlog.get_logger()


class ExportSurface:
    """Posts at each look at most one file; `again` asks for another look.

    A file is made in the moment in which it is posted. Once words of the model were erased, every file that
    was made before is taken away: it may hold them.
    """

    def __init__(
        self,
        cards: Cards,
        exports: Exports,
        api: SlackApi,
        rests: Rests,
        looks: Looks,
        *,
        wrote: Callable[[StreamId, ChannelId], None],
        again: Callable[[StreamId], None],
        metrics: Metrics,
    ) -> None:
        self._cards = cards
        self._exports = exports
        self._api = api
        self._rests = rests
        self._looks = looks
        self._wrote = wrote
        self._again = again
        self._metrics = metrics
        self._tries: dict[tuple[StreamId, CommandKey], int] = {}

    def owing(self) -> set[StreamId]:
        """The models of which a file is to be posted or to be taken away."""
        every = self._exports.all()
        if not every:
            return set()
        there = self._looks.versions()
        resting = {card.stream for card in self._cards.all() if card.resting}
        return {
            one.stream
            for one in every
            if one.stream in there and one.stream not in resting and (not one.over or self._is_of_erased(one))
        }

    def keep(self, stream: StreamId) -> None:
        """Post what is due and hide what was erased; raises Refused and Unreachable to be tried again."""
        for one in self._exports.of(stream):
            if one.over and self._is_of_erased(one):
                self.take_away(one)
        due = [one for one in self._exports.of(stream) if not one.over]
        card = self._cards.find(stream)
        if not due or card is None:
            return
        known = self._looks.register(stream)
        card = self._rests.awake(card, known)
        if card is None or card.ts is None:
            return  # what cannot be shown now is due again once it can
        self._try(card, known, due[0])
        if len(due) > 1:
            self._again(stream)

    def take_away(self, one: Ordered) -> None:
        """Delete a file; raises Refused and Unreachable."""
        if one.file:
            delete_file(self._api, one.file)
            self._metrics.surface("export", "deleted")
        self._exports.forget(one)

    def _try(self, card: Card, known: ThreatRegister, one: Ordered) -> None:
        try:
            self._post(card, known, one)
        except Refused as refused:
            if refused.code in {SLOWER, *FOR_GOOD}:
                raise
            if refused.code in OF_THE_CHANNEL or refused.code in OF_THE_CARD:
                self._rests.refused(card, known, refused.code)
            else:
                self._give_up(card, known, one, refused.code)
        except Unreachable as fault:
            tries = self._tries[one.stream, one.key] = self._tries.get((one.stream, one.key), 0) + 1
            if tries < MOST_TRIES:
                raise
            self._give_up(card, known, one, fault.code)
        self._tries.pop((one.stream, one.key), None)

    def _post(self, card: Card, known: ThreatRegister, one: Ordered) -> None:
        chosen = FORMATS[one.word]
        erasures = self._looks.state(one.stream).erasures
        content = chosen.write(self._looks.source(known))
        name = file_name(known.key, chosen)
        words = export_words(known, chosen)
        file = self._api.upload(name=name, content=content, alt_text=words)
        # Noted down before: rather not at all than twice, where it is unknown whether Slack took it.
        self._exports.keep(replace(one, file=file, over=True, erasures=erasures))
        self._wrote(card.stream, card.channel)
        try:
            self._api.call(
                "files.completeUploadExternal",
                files=[{"id": file, "title": plain(name, TITLE)}],
                channel_id=card.channel,
                thread_ts=card.ts,
                initial_comment=words,
            )
        except Unreachable as fault:
            if fault.nothing_done:
                self._exports.keep(one)
                raise
            log.warning("unknown whether a file is shown", stream=card.stream, fault=fault.code)
        except Refused:
            self._exports.keep(one)
            raise
        else:
            self._metrics.surface("export", "posted")

    def _give_up(self, card: Card, known: ThreatRegister, one: Ordered, code: str) -> None:
        log.warning("file not shown", stream=card.stream, word=one.word, code=code)
        self._metrics.surface("export", "given_up")
        self._exports.forget(one)
        self._wrote(card.stream, card.channel)
        said = not_taken(known, FORMATS[one.word], code)
        try:
            self._api.call(
                "chat.postMessage",
                channel=card.channel,
                thread_ts=card.ts,
                text=said.text,
                blocks=said.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (Refused, Unreachable) as fault:
            log.warning("word about a file not said", stream=card.stream, code=fault.code)

    def _is_of_erased(self, one: Ordered) -> bool:
        return bool(one.file) and one.erasures != self._looks.state(one.stream).erasures
