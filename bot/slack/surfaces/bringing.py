"""Brings each of some direct messages once, whatever dies in between, and keeps it true."""

import time
from collections.abc import Callable
from uuid import uuid4

import msgspec
import structlog
from msgspec.structs import replace

from bot.slack.asking.requests import Json
from bot.slack.connection.slack_api import Refused, SlackApi, Unreachable
from bot.slack.kit.blocks import Message
from bot.slack.kit.codes import NOT_TO_THEM
from bot.slack.surfaces.agenda import Surface
from bot.slack.surfaces.card_surface import GONE, TOO_MUCH, digest_of
from bot.slack.surfaces.direct_history import written_to
from bot.slack.surfaces.tending import ENDS
from bot.slack.upkeep.metrics import Metrics
from bot.store import StreamId
from bot.store.repositories.directs import Direct, Directs
from domain.elements import PersonId

Place = tuple[StreamId, str, PersonId]

Shown = Callable[[], Message | None]
"""What a message shows now; None where there is nothing to tell any more."""

log = structlog.get_logger()


class _Watched(msgspec.Struct, frozen=True, kw_only=True):
    """For how many seconds a claim was seen to stand, and when it was last seen."""

    mark: str
    seconds: float
    at: float


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
        self._watched: dict[Place, _Watched] = {}
        self._late: dict[Place, tuple[str, str]] = {}

    @property
    def late(self) -> set[StreamId]:
        """The models with messages that were posted when another process may have posted them."""
        return {stream for stream, _, _ in self._late}

    def begin(self, unclaimed: Direct, shown: Shown) -> None:
        """Tell somebody, unless another process does."""
        began, claimed = time.monotonic(), replace(unclaimed, digest=_mark())
        # Noted down before: where it is unknown whether Slack took it, it is looked for before another try.
        if not self._directs.claim(claimed):
            return
        try:
            self._post(self._direct(claimed.person), claimed, shown, began)
        except Refused as refused:
            if _may_come_yet(refused):
                # Not forgotten: others have passed it over because it was claimed, and will not look again.
                self._directs.release(claimed)
                raise
            self._give_up(claimed, refused)
        except Unreachable as fault:
            if fault.nothing_done:
                self._directs.release(claimed)
            raise

    def put_off(self, unclaimed: Direct) -> None:
        """Note that a person is still to be told, by whichever process comes first when it is time."""
        self._directs.claim(unclaimed)

    def go_on(self, before: Direct, shown: Shown, *, gone: Message | None = None) -> None:
        """End what was claimed, by this process or one that died: find the message, or post it after all.

        One that is there though nothing is to be told any more shows that it is `gone`, if that is given.
        """
        nobody_is = not before.digest
        if not nobody_is and not self._left_alone(before):
            return
        began, mine = time.monotonic(), replace(before, digest=_mark())
        if not self._directs.take_over(before, mine.digest):
            return  # another process was faster
        self._watched.pop(_place(before), None)
        log.info("took over a message", surface=self._surface, stream=mine.stream, person=mine.person)
        try:
            direct = self._direct(mine.person)
            if ts := None if nobody_is else self._found(direct, mine):
                self._metrics.surface(self._surface, "found")
                there = replace(mine, channel=direct, ts=ts, digest="")
                if self._directs.settle(mine, there) and (message := shown() or gone) is not None:
                    self.bring_up_to_date(there, message)
            else:
                self._post(direct, mine, shown, began)
        except Refused as refused:
            if not _may_come_yet(refused):
                self._give_up(mine, refused)
                return
            if nobody_is:
                self._directs.release(mine)
            raise  # else the claim stands: the message may be there

    def take_back(self, stream: StreamId) -> None:
        """Delete what this process has posted as well, where the record tells of another's message."""
        noted = self._directs.of(stream)
        for place, (channel, ts) in list(self._late.items()):
            one = noted.get(place[1:]) if place[0] == stream else None
            if one is None or not (one.ts or one.over):
                continue  # it may be found yet
            if one.ts != ts:
                log.warning("took back a message that was posted twice", surface=self._surface)
                try:
                    self._api.call("chat.delete", channel=channel, ts=ts)
                except Refused as refused:
                    if _may_come_yet(refused):
                        raise
            del self._late[place]

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

        Whoever claims something posts it within half of that time, or not at all; and that is the most which
        the watch goes on by from one look to the next, for what it was stopped for the others may have been.
        """
        now = time.monotonic()
        before = self._watched.get(_place(claimed))
        seconds = 0.0
        if before is not None and before.mark == claimed.digest:
            seconds = before.seconds + min(now - before.at, self._lease / 2)
        self._watched[_place(claimed)] = _Watched(mark=claimed.digest, seconds=seconds, at=now)
        return before is not None and before.mark == claimed.digest and seconds >= self._lease

    def _found(self, direct: str, wanted: Direct) -> str:
        """The place of the message that carries this; empty where there is none."""
        carried = self._metadata(wanted)
        for told in written_to(self._api, direct):
            if told.get("metadata") == carried:
                return str(told["ts"])
        return ""

    def _direct(self, person: PersonId) -> str:
        return str(self._api.call("conversations.open", users=person)["channel"]["id"])

    def _post(self, direct: str, claimed: Direct, shown: Shown, began: float) -> None:
        if time.monotonic() - began > self._lease / 4:
            # Slack was slow: the others' lease begins anew, unless one of them was faster.
            began, renewed = time.monotonic(), replace(claimed, digest=_mark())
            if not self._directs.take_over(claimed, renewed.digest):
                return
            claimed = renewed
        message = shown()
        if message is None:
            self._directs.settle(claimed, replace(claimed, over=True))
            return

        def mine() -> bool:
            # The time last: to ask the database may take long.
            return self._directs.is_held(claimed) and time.monotonic() - began <= self._lease / 2

        try:
            ts = self._posted(direct, claimed, message, mine)
        except Refused as refused:
            if refused.code not in TOO_MUCH:
                raise
            log.error("Slack does not take the blocks of a message", surface=self._surface, code=refused.code)
            ts = self._posted(direct, claimed, Message(text=message.text, blocks=[]), mine)
        if not ts:
            return  # too slow: another process has taken this over, or is about to
        self._metrics.surface(self._surface, "posted")
        there = replace(claimed, channel=direct, ts=ts, digest=digest_of(message))
        if not self._directs.settle(claimed, there):
            self._late[_place(claimed)] = (direct, ts)

    def _posted(self, direct: str, claimed: Direct, message: Message, mine: Callable[[], bool]) -> str:
        """The moment of the message; empty where it is not this process's to post any more."""
        if not mine():
            return ""
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
        if refused.code not in NOT_TO_THEM:
            log.error("Slack does not take a message", surface=self._surface, code=refused.code)
        log.warning("not told", surface=self._surface, person=claimed.person, code=refused.code)
        self._directs.settle(claimed, replace(claimed, over=True))


def _may_come_yet(refused: Refused) -> bool:
    """Whether Slack may take the same message later; else it would keep all the others waiting for ever."""
    return refused.code == "ratelimited" or refused.code in ENDS


def _place(one: Direct) -> Place:
    return one.stream, one.about, one.person


def _mark() -> str:
    """What tells a claim from every other one."""
    return uuid4().hex
