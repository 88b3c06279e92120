"""Writes files into the threads of cards: handed over, noted down, then shown; and takes them away again."""

from collections.abc import Callable, Generator, Hashable, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
import structlog

from bot.metrics import Metrics
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.escaping import clip, one_line, plain_line
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.queries.ballot_charts import ALT_TEXT, TITLE
from bot.slack.surfaces.card_surface import gone_already
from bot.slack.surfaces.resting import OF_THE_CARD, OF_THE_CHANNEL, Rests
from bot.store import StreamId
from bot.store.repositories.cards import Card
from bot.store.repositories.uploads import Upload, Uploads
from domain.kernel.elements import ChannelId
from domain.register import ThreatRegister

log = structlog.get_logger()

MOST_TRIES = 5
"""Of a file that does not get through; then words say so, and nobody waits for it for ever."""

_SLOWER = "ratelimited"
_FOR_GOOD = {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
NO_FAULT_OF_THE_FILE = {_SLOWER, *_FOR_GOOD}
"""What Slack says that is no fault of the file: to wait, or that the bot may do nothing any more."""

_GONE = {"file_not_found", "file_deleted"}

APPEARS_SECONDS = 60.0
"""Within which a file that Slack took is to be seen in the conversation."""

MOST_SHARED = 2
"""How often a file is shared that does not appear: the second time without its words for screen readers."""

NEVER_SHOWN = "accepted, but never shown"

_IMAGES = (".png", ".jpg", ".jpeg", ".gif")

_CANNOT_LOOK = {"missing_scope", "unknown_method", "method_deprecated"}
"""What Slack says where it cannot be seen whether a file appeared: then it is believed."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be shown: its name, its content, the title above it, and what it shows in words."""

    name: str
    content: bytes
    title: str
    words: str


class FileWriter:
    """Shows and deletes the files of one surface.

    `wrote` is told before something is written in a channel; `now` is the clock.
    """

    def __init__(
        self,
        surface: str,
        api: SlackApi,
        rests: Rests,
        uploads: Uploads,
        *,
        now: Callable[[], datetime],
        wrote: Callable[[StreamId, ChannelId], None],
        metrics: Metrics,
    ) -> None:
        self._surface = surface
        self._api = api
        self._rests = rests
        self._uploads = uploads
        self._now = now
        self._wrote = wrote
        self._metrics = metrics
        self._tries: dict[Hashable, int] = {}

    def attempt(
        self,
        card: Card,
        register: ThreatRegister,
        wish: Hashable,
        show: Callable[[], None],
        *,
        give_up: Callable[[str], None],
    ) -> None:
        """Try to show something: the card rests where nothing can be shown, and `give_up` is told a code.

        Raises Refused and Unreachable where `wish`, the same for each try, is to be tried again.
        """
        try:
            show()
        except ApiRefused as refused:
            if refused.code in NO_FAULT_OF_THE_FILE:
                raise
            if refused.code in OF_THE_CHANNEL or refused.code in OF_THE_CARD:
                self._rests.refused(card, register, refused.code)
            else:
                self._give_up(card, refused.code, give_up)
        except ApiUnreachable as fault:
            tries = self._tries[wish] = self._tries.get(wish, 0) + 1
            if tries < MOST_TRIES:
                raise
            self._give_up(card, fault.code, give_up)
        self._tries.pop(wish, None)

    def show(
        self,
        card: Card,
        thread: str | None,
        files: Sequence[File],
        comment: str,
        *,
        about: str,
        note: Callable[[tuple[str, ...]], None],
        take_back: Callable[[], None],
    ) -> None:
        """Show files in one message; `note` writes down their ids first, `take_back` that nothing was shown.

        `about` names what they show, until `confirm` has seen them. Raises Refused and Unreachable; after
        both nothing was shown.
        """
        before = self._uploads.find(card.stream, about)
        again = before is not None and not before.files
        ids = tuple(
            self._api.upload(name=one.name, content=one.content, alt_text="" if again else _alt_text(one))
            for one in files
        )
        # Noted down before: rather not at all than twice, where it is unknown whether Slack took it.
        note(ids)
        tries = before.tries + 1 if before and again else 1
        self._uploads.keep(
            Upload(
                stream=card.stream,
                surface=self._surface,
                about=about,
                files=ids,
                at=self._now(),
                tries=tries,
            )
        )

        def nothing_shown() -> None:
            take_back()
            if before and again:
                self._uploads.keep(before)
            else:
                self._uploads.forget(card.stream, about)

        self._wrote(card.stream, card.channel)
        with self._at_most_once(card, nothing_shown, doubt="unknown whether a file is shown"):
            self._api.call(
                "files.completeUploadExternal",
                files=[
                    {"id": id, "title": plain_line(one.title, TITLE)}
                    for id, one in zip(ids, files, strict=True)
                ],
                channel_id=card.channel,
                thread_ts=thread,
                initial_comment=comment,
            )
            self._metrics.surface(self._surface, "posted")

    def is_seen(self, stream: StreamId) -> bool:
        """Whether no file of a model is still looked for."""
        return not any(one.files for one in self._uploads.of(stream))

    def awaits(self, stream: StreamId, about: str) -> bool:
        """Whether it is not known yet whether the files about something are shown."""
        known = self._uploads.find(stream, about)
        return known is not None and bool(known.files)

    def confirm(self, stream: StreamId, *, lost: Callable[[str, tuple[str, ...], bool], None]) -> None:
        """Look whether files of a model appeared; raises Refused and Unreachable to be tried again.

        Of those that did not in time, `lost` is told what they are about, their ids, and whether they are to
        be shared once more.
        """
        for one in self._uploads.of(stream):
            if not one.files:
                continue
            if all(self._is_shown(file) for file in one.files):
                self._uploads.forget(stream, one.about)
            elif (self._now() - one.at).total_seconds() > APPEARS_SECONDS:
                again = one.tries < MOST_SHARED
                log.warning("file never shown", surface=self._surface, stream=stream, tries=one.tries)
                self._metrics.surface(self._surface, "never_shown")
                self.delete(*one.files)
                if again:
                    self._uploads.keep(msgspec.structs.replace(one, files=()))
                else:
                    self._uploads.forget(stream, one.about)
                lost(one.about, one.files, again)

    def _is_shown(self, file: str) -> bool:
        """Whether people see a file, or it was deleted since; raises Refused and Unreachable."""
        try:
            told = self._api.call("files.info", file=file)["file"]
        except ApiRefused as refused:
            if refused.code in _CANNOT_LOOK:
                log.warning("cannot see whether files appear", code=refused.code)
                return True
            if refused.code == "file_deleted":
                return True
            if refused.code in _GONE:
                return False
            raise
        return _is_shared(told)

    def say(self, card: Card, message: Message) -> str | None:
        """Say in the thread what no file can tell; gives its place, or None where Slack does not take it."""
        try:
            return self._post(card, message)
        except (ApiRefused, ApiUnreachable) as fault:
            log.warning(
                "word about a file not said", surface=self._surface, stream=card.stream, code=fault.code
            )
            return None

    def tell(
        self,
        card: Card,
        message: Message,
        *,
        note: Callable[[str], None],
        take_back: Callable[[], None],
    ) -> None:
        """Tell in the thread what a file says, once; `note` writes down its place, empty before it is known.

        Raises Refused and Unreachable; after both nothing was told.
        """
        note("")  # rather not at all than twice, where it is unknown whether Slack took it
        with self._at_most_once(card, take_back, doubt="unknown whether it is told"):
            note(self._post(card, message))

    def unsay(self, channel: ChannelId, ts: str) -> None:
        """Take away what was told; raises Refused and Unreachable to be tried again."""
        with gone_already():
            self._api.call("chat.delete", channel=channel, ts=ts)

    def delete(self, *files: str) -> None:
        """Take files away; raises Refused and Unreachable to be tried again."""
        for file in files:
            delete_file(self._api, file)
        if files:
            self._metrics.surface(self._surface, "deleted")

    def _post(self, card: Card, message: Message) -> str:
        self._wrote(card.stream, card.channel)
        posted = self._api.call(
            "chat.postMessage",
            channel=card.channel,
            thread_ts=card.ts,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    @contextmanager
    def _at_most_once(self, card: Card, take_back: Callable[[], None], *, doubt: str) -> Generator[None]:
        """Take back what was noted down before, where Slack did nothing; where that is unknown, leave it."""
        try:
            yield
        except ApiUnreachable as fault:
            if fault.nothing_done:
                take_back()
                raise
            log.warning(doubt, surface=self._surface, stream=card.stream, fault=fault.code)
        except ApiRefused:
            take_back()
            raise

    def _give_up(self, card: Card, code: str, give_up: Callable[[str], None]) -> None:
        log.warning("file not shown", surface=self._surface, stream=card.stream, code=code)
        self._metrics.surface(self._surface, "given_up")
        give_up(code)


def _is_shared(file: Json) -> bool:
    """Whether a file stands in some conversation, as Slack tells it in more than one place."""
    shares: Json = file.get("shares") or {}
    return any((*shares.values(), *(file.get(kind) for kind in ("channels", "groups", "ims"))))


def _alt_text(one: File) -> str:
    """What an image shows, for who cannot see it; other files may not have one, or Slack never shows them."""
    return clip(one_line(one.words), ALT_TEXT) if one.name.lower().endswith(_IMAGES) else ""


def delete_file(api: SlackApi, file: str) -> None:
    """Take a file away, if it is there and ours; raises Refused and Unreachable to be tried again."""
    try:
        api.call("files.delete", file=file)
    except ApiRefused as refused:
        if refused.code in NO_FAULT_OF_THE_FILE:
            raise
        if refused.code not in _GONE:
            log.warning("file not deleted", code=refused.code)
