"""Brings each of some direct messages once, whatever dies in between, and keeps it true."""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from msgspec.structs import replace

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.kit.blocks import Message
from bot.slack.kit.codes import NOT_TO_THEM
from bot.slack.surfaces.agenda import Surface
from bot.slack.surfaces.card_surface import GONE, TOO_MUCH, digest_of
from bot.slack.surfaces.direct_history import written_to
from bot.slack.surfaces.directs import Direct, Directs
from bot.slack.upkeep.metrics import Metrics
from bot.store import StreamId
from domain.elements import PersonId

Place = tuple[StreamId, str, PersonId]

Shown = Callable[[], Message | None]
"""What a message shows now; None where there is nothing to tell any more."""

log = structlog.get_logger()


class Bringing:
    """Brings the messages of one surface; `metadata` is what each carries unseen, to be found by.

    What is to be tried again is raised as Refused and Unreachable.
    """

    def __init__(
        self,
        directs: Directs,
        api: SlackApi,
        *,
        surface: Surface,
        metadata: Callable[[Direct], Json],
        lease: float,
        metrics: Metrics,
    ) -> None:
        self._directs = directs
        self._api = api
        self._surface = surface
        self._metadata = metadata
        self._lease = lease
        self._metrics = metrics
        self._watched: dict[Place, tuple[str, float]] = {}

    def begin(self, unclaimed: Direct, shown: Shown) -> None:
        """Tell somebody, unless another process does."""
        claimed = replace(unclaimed, digest=_mark())
        # Noted down before: where it is unknown whether Slack took it, it is looked for before another try.
        if not self._directs.claim(claimed):
            return
        try:
            self._post(self._direct(claimed.person), claimed, shown)
        except Refused as refused:
            if refused.code in NOT_TO_THEM:
                self._give_up(claimed, refused)
                return
            self._directs.forget(claimed)
            raise
        except Unreachable as fault:
            if fault.nothing_done:
                self._directs.forget(claimed)
            raise

    def go_on(self, before: Direct, shown: Shown, *, gone: Message | None = None) -> None:
        """End what was claimed, by this process or one that died: find the message, or post it after all.

        One that is there though nothing is to be told any more shows that it is `gone`, if that is given.
        """
        if not self._left_alone(before):
            return
        mine = replace(before, digest=_mark())
        if not self._directs.take_over(before, mine.digest):
            return  # another process was faster
        log.info("took over a message", surface=self._surface, stream=mine.stream, person=mine.person)
        try:
            direct = self._direct(mine.person)
            if ts := self._found(direct, mine):
                self._metrics.surface(self._surface, "found")
                there = replace(mine, channel=direct, ts=ts, digest="")
                self._directs.keep(there)
                if (message := shown() or gone) is not None:
                    self.bring_up_to_date(there, message)
            else:
                self._post(direct, mine, shown)
        except Refused as refused:
            if refused.code not in NOT_TO_THEM:
                raise  # the claim stands: the message may be there
            self._give_up(mine, refused)

    def bring_up_to_date(self, before: Direct, shown: Message, *, over: bool = False) -> None:
        """Edit a message that should show something else; with `over` for the last time."""
        digest = digest_of(shown)
        if digest != before.digest:
            try:
                self._api.call(
                    "chat.update",
                    channel=before.channel,
                    ts=before.ts,
                    text=shown.text,
                    blocks=shown.blocks,
                )
            except Refused as refused:
                if refused.code not in GONE | NOT_TO_THEM | TOO_MUCH:
                    raise
                over = True  # somebody deleted it and does not want to be told; or it stays as it is
            self._metrics.surface(self._surface, "updated")
        if digest != before.digest or over:
            self._directs.keep(replace(before, digest=digest, over=over))

    def _left_alone(self, claimed: Direct) -> bool:
        """Whether a claim has been standing for so long, by this process's own watch, that nobody is at it.

        Whoever claims something posts it within the two calls that this takes, or not at all.
        """
        place = (claimed.stream, claimed.about, claimed.person)
        mark, since = self._watched.get(place, ("", 0.0))
        if place not in self._watched or mark != claimed.digest:
            self._watched[place] = (claimed.digest, time.monotonic())
            return False
        return time.monotonic() - since >= self._lease

    def _found(self, direct: str, wanted: Direct) -> str:
        """The place of the message that carries this; empty where there is none."""
        carried = self._metadata(wanted)
        for told in written_to(self._api, direct):
            if told.get("metadata") == carried:
                return str(told["ts"])
        return ""

    def _direct(self, person: PersonId) -> str:
        return str(self._api.call("conversations.open", users=person)["channel"]["id"])

    def _post(self, direct: str, claimed: Direct, shown: Shown) -> None:
        message = shown()
        if message is None:
            self._directs.keep(replace(claimed, over=True))
            return
        try:
            ts = self._posted(direct, claimed, message)
        except Refused as refused:
            if refused.code not in TOO_MUCH:
                raise
            log.error("Slack does not take the blocks of a message", surface=self._surface, code=refused.code)
            ts = self._posted(direct, claimed, Message(text=message.text, blocks=[]))
        self._metrics.surface(self._surface, "posted")
        self._directs.keep(replace(claimed, channel=direct, ts=ts, digest=digest_of(message)))

    def _posted(self, direct: str, claimed: Direct, message: Message) -> str:
        posted = self._api.call(
            "chat.postMessage",
            channel=direct,
            text=message.text,
            blocks=message.blocks or None,
            metadata=self._metadata(claimed),
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    def _give_up(self, claimed: Direct, refused: Refused) -> None:
        log.warning("not told", surface=self._surface, person=claimed.person, code=refused.code)
        self._directs.keep(replace(claimed, over=True))


def _mark() -> str:
    """What tells a claim from every other one."""
    return uuid4().hex
