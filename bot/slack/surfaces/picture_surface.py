"""Shows how the ballots of a closed round lie, in its thread, once its result was told there in words."""

import hashlib
from collections.abc import Callable, Sequence

import structlog
from msgspec.structs import replace

from bot.picture.png import png
from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.reading.drawings import Drawing
from bot.slack.surfaces.cards import Card, Cards
from bot.slack.surfaces.looks import Looks
from bot.slack.surfaces.pictures import Owed, Pictures, Shown
from bot.slack.surfaces.resting import Rests
from bot.slack.upkeep.metrics import Metrics
from bot.store import StreamId
from domain.elements import ChannelId

log = structlog.get_logger()

MOST_TRIES = 5
"""Of an upload that does not get through; the result stands in words, so nobody waits for it for ever."""

SLOWER = "ratelimited"
FOR_GOOD = {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
"""What Slack says that is no fault of the picture: to wait, or that the bot may do nothing any more."""


class PictureSurface:
    """Posts the pictures of at most one round at each look; `again` asks for another look.

    What Slack refuses is given up and logged once: words tell the same.
    """

    def __init__(
        self,
        cards: Cards,
        pictures: Pictures,
        api: SlackApi,
        rests: Rests,
        looks: Looks,
        *,
        wrote: Callable[[StreamId, ChannelId], None],
        again: Callable[[StreamId], None],
        metrics: Metrics,
    ) -> None:
        self._cards = cards
        self._pictures = pictures
        self._api = api
        self._rests = rests
        self._looks = looks
        self._wrote = wrote
        self._again = again
        self._metrics = metrics
        self._tries: dict[tuple[StreamId, int], int] = {}

    def keep(self, stream: StreamId) -> None:
        """Show what is owed, hide what was erased; raises Refused and Unreachable to be tried again."""
        self._hide_erased(stream)
        card, owed = self._cards.find(stream), self._pictures.owed(stream)
        if card is None or not owed:
            return
        card = self._rests.awake(card, self._looks.register(stream))
        if card is None:
            return
        self._show(card, owed[0])
        if len(owed) > 1:
            self._again(stream)

    def _show(self, card: Card, owed: Owed) -> None:
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
        try:
            files = self._uploaded(drawn)
            self._share(card, owed, replace(shown, files=files), drawn)
        except Refused as refused:
            if refused.code in {SLOWER, *FOR_GOOD}:
                raise
            self._give_up(shown, refused.code)
        except Unreachable as fault:
            tries = self._tries[card.stream, owed.version] = (
                self._tries.get((card.stream, owed.version), 0) + 1
            )
            if tries < MOST_TRIES:
                raise
            self._give_up(shown, fault.code)

    def _uploaded(self, drawn: Sequence[Drawing]) -> tuple[str, ...]:
        return tuple(
            self._api.upload(name=f"{one.threat}.png", content=png(one.svg), alt_text=one.words)
            for one in drawn
        )

    def _share(self, card: Card, owed: Owed, shown: Shown, drawn: Sequence[Drawing]) -> None:
        # Noted down before: rather not at all than twice, where it is unknown whether Slack took it.
        self._pictures.keep(shown)
        self._wrote(card.stream, card.channel)
        titles = [{"id": id, "title": one.title} for id, one in zip(shown.files, drawn, strict=True)]
        try:
            self._api.call(
                "files.completeUploadExternal",
                files=titles,
                channel_id=card.channel,
                thread_ts=owed.thread,
                initial_comment=COMMENT,
            )
        except Unreachable as fault:
            if fault.nothing_done:
                self._pictures.forget(shown)
                raise
            log.warning("unknown whether a picture is shown", stream=card.stream, fault=fault.code)
        except Refused:
            self._pictures.forget(shown)
            raise
        else:
            self._metrics.surface("picture", "posted")

    def _give_up(self, shown: Shown, code: str) -> None:
        log.warning("picture not shown", stream=shown.stream, code=code)
        self._metrics.surface("picture", "given_up")
        self._pictures.keep(shown)

    def _hide_erased(self, stream: StreamId) -> None:
        """Delete the pictures that show words which were erased since."""
        erasures = self._looks.state(stream).erasures
        for shown in self._pictures.of(stream):
            if not shown.files or shown.erasures == erasures:
                continue
            if _digest(self._looks.drawings(stream, shown.version)) == shown.words:
                self._pictures.keep(replace(shown, erasures=erasures))
                continue
            for file in shown.files:
                delete_file(self._api, file)
            self._metrics.surface("picture", "deleted")
            self._pictures.keep(replace(shown, files=(), erasures=erasures))


def delete_file(api: SlackApi, file: str) -> None:
    """Take a file away, if it is there and ours; raises Refused and Unreachable to be tried again."""
    try:
        api.call("files.delete", file=file)
    except Refused as refused:
        if refused.code in {SLOWER, *FOR_GOOD}:
            raise
        if refused.code not in ("file_not_found", "file_deleted"):
            log.warning("picture not deleted", code=refused.code)


COMMENT = "How the ballots lie, threat by threat. The numbers above say the same in words."


def _digest(drawn: Sequence[Drawing]) -> str:
    """What people wrote in some drawings, in 64 characters."""
    return hashlib.sha256("\n".join(one.title for one in drawn).encode()).hexdigest()
