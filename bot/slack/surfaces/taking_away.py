"""Takes away what is shown of a model whose words were erased."""

from collections.abc import Callable

import structlog

from bot.metrics import Metrics
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.surfaces.file_writing import delete_file
from bot.store import StreamId
from bot.store.repositories.cards import CARD, Cards
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.diagrams import Diagrams
from bot.store.repositories.exports import Exports, Ordered
from bot.store.repositories.pictures import Pictures, Shown
from bot.store.repositories.uploads import Uploads
from domain.kernel.elements import ChannelId

log = structlog.get_logger()


class TakingAway:
    """Deletes at each look one message; `again` asks for another look, `touch` for one at a slot.

    `take_away` does that to an export, `delete` to a diagram.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        pictures: Pictures,
        diagrams: Diagrams,
        exports: Exports,
        uploads: Uploads,
        api: SlackApi,
        *,
        take_away: Callable[[Ordered], None],
        delete: Callable[[ChannelId, str], None],
        again: Callable[[StreamId], None],
        touch: Callable[[DeliveryRecord], None],
        metrics: Metrics,
    ) -> None:
        self._deliveries = deliveries
        self._cards = Cards(deliveries)
        self._pictures = pictures
        self._diagrams = diagrams
        self._exports = exports
        self._uploads = uploads
        self._take_away = take_away
        self._delete = delete
        self._api = api
        self._again = again
        self._touch = touch
        self._metrics = metrics

    def keep(self, stream: StreamId) -> bool:
        """Delete files, then messages; the card goes last. Whether nothing of the model is left to delete.

        Raises Refused and Unreachable to be tried again.
        """
        card = self._cards.find(stream)
        if card is None:
            return True
        for shown in self._pictures.of(stream)[:1]:
            self._hide(shown)
            self._again(stream)
            return True
        for file in self._exports.of(stream)[:1]:
            self._take_away(file)
            self._again(stream)
            return True
        diagram = self._diagrams.find(stream)
        if diagram is not None:
            for shown in (diagram.shown, diagram.old):
                self._delete(card.channel, shown)
            self._diagrams.forget(stream)
            self._again(stream)
            return True
        self._uploads.forget_all(stream)
        for one in self._deliveries.of_model(stream):
            self._touch(one)
        return False

    def _hide(self, shown: Shown) -> None:
        for file in shown.files:
            delete_file(self._api, file)
        self._metrics.surface("erased", "deleted")
        self._pictures.forget(shown)

    def is_last(self, stream: StreamId) -> bool:
        """Whether nothing but the card is left of what is shown of a model in its channel."""
        card = self._cards.find(stream)
        files = (self._pictures.of(stream), self._exports.of(stream))
        if card is None or any(files) or self._diagrams.find(stream) is not None:
            return card is None
        messages = [one for one in self._deliveries.of_model(stream) if one.place == card.channel]
        return [one.kind for one in messages] == [CARD]
