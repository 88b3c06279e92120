"""Takes away what is shown of a model whose words were erased."""

from collections.abc import Callable, Iterator

import structlog

from bot.metrics import Metrics
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.surfaces.card_surface import gone_already
from bot.slack.surfaces.file_writing import delete_file
from bot.store import StreamId
from bot.store.repositories.cards import Cards
from bot.store.repositories.diagrams import Diagrams
from bot.store.repositories.exports import Exports, Ordered
from bot.store.repositories.pictures import Pictures, Shown
from bot.store.repositories.summaries import Summaries
from bot.store.repositories.uploads import Uploads
from domain.elements import ChannelId

log = structlog.get_logger()


class TakingAway:
    """Deletes at each look one message; `again` asks for another look, `card` for one at the card.

    `take_away` does that to an export, `delete` to a diagram.
    """

    def __init__(
        self,
        cards: Cards,
        summaries: Summaries,
        pictures: Pictures,
        diagrams: Diagrams,
        exports: Exports,
        uploads: Uploads,
        api: SlackApi,
        *,
        take_away: Callable[[Ordered], None],
        delete: Callable[[ChannelId, str], None],
        wrote: Callable[[StreamId, ChannelId], None],
        again: Callable[[StreamId], None],
        card: Callable[[StreamId], None],
        metrics: Metrics,
    ) -> None:
        self._cards = cards
        self._summaries = summaries
        self._pictures = pictures
        self._diagrams = diagrams
        self._exports = exports
        self._uploads = uploads
        self._take_away = take_away
        self._delete = delete
        self._api = api
        self._wrote = wrote
        self._again = again
        self._card = card
        self._metrics = metrics

    def keep(self, stream: StreamId) -> None:
        """Delete pictures, messages, then the card; raises Refused and Unreachable to be tried again."""
        card = self._cards.find(stream)
        if card is None:
            return
        for shown in self._pictures.of(stream)[:1]:
            self._hide(shown)
            self._again(stream)
            return
        for file in self._exports.of(stream)[:1]:
            self._take_away(file)
            self._again(stream)
            return
        diagram = self._diagrams.find(stream)
        if diagram is not None:
            for shown in (diagram.shown, diagram.old):
                self._delete(card.channel, shown)
            self._diagrams.forget(stream)
            self._again(stream)
            return
        self._uploads.forget_all(stream)
        found = next(self._left(stream), None)
        if found is None:
            self._card(stream)
            return
        forget, ts = found
        if ts:
            self._wrote(stream, card.channel)
            with gone_already():
                self._api.call("chat.delete", channel=card.channel, ts=ts)
            self._metrics.surface("erased", "deleted")
        forget()
        self._again(stream)

    def _hide(self, shown: Shown) -> None:
        for file in shown.files:
            delete_file(self._api, file)
        self._metrics.surface("erased", "deleted")
        self._pictures.forget(shown)

    def is_last(self, stream: StreamId) -> bool:
        """Whether nothing but the card is left of what is shown of a model."""
        others = (self._pictures.of(stream), self._exports.of(stream), self._summaries.all(stream))
        return not any(others) and self._diagrams.find(stream) is None

    def _left(self, stream: StreamId) -> Iterator[tuple[Callable[[], None], str | None]]:
        """The messages that are still there, with how to forget each."""
        for one, closing in self._summaries.all(stream):
            yield lambda one=one, closing=closing: self._summaries.forget(one, closing=closing), one.ts
