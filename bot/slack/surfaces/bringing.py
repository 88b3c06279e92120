"""Brings each of some direct messages once, whatever dies in between, and keeps it true."""

from collections.abc import Callable

import structlog
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.error_codes import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.failure_classification import PERMANENT_CODES
from bot.slack.surfaces.card_surface import GONE, TOO_MUCH, digest_of
from bot.slack.surfaces.direct_history import written_to
from bot.slack.surfaces.pace import Surface
from bot.store import StreamId
from bot.store.repositories.directs import ATTEMPTED, Direct, Directs
from domain.kernel.elements import PersonId

Place = tuple[StreamId, str, PersonId]

Shown = Callable[[], Message | None]
"""What a message shows now; None where there is nothing to tell any more."""

log = structlog.get_logger()


class Bringing:
    """Brings the messages of one surface; `metadata` is what each carries unseen, to be found by.

    Its callers hold the work of the model: no other process that is alive brings the same messages. That a
    message may have been posted is noted before the call; the next process looks for it before it posts.
    A failure that is to be tried again is raised as Refused and Unreachable.
    """

    def __init__(
        self,
        directs: Directs,
        api: SlackApi,
        *,
        surface: Surface,
        metadata: Callable[[Direct], Json],
        metrics: Metrics,
    ) -> None:
        self._directs = directs
        self._api = api
        self._surface = surface
        self._metadata = metadata
        self._metrics = metrics
        self._late: dict[Place, tuple[str, str]] = {}

    def late(self) -> set[StreamId]:
        """The models with messages that were posted when another process may have posted them."""
        return {place[0] for place in list(self._late)}

    def begin(self, untold: Direct, shown: Shown) -> None:
        """Send a message that was never tried before."""
        attempt = replace(untold, digest=ATTEMPTED)
        if self._directs.claim(attempt):
            self._post(attempt, shown)

    def put_off(self, untold: Direct) -> None:
        """Note that a person is still to be told."""
        self._directs.claim(untold)

    def go_on(self, before: Direct, shown: Shown, *, gone: Message | None = None) -> None:
        """Send a message that waited or may have been sent before: then it is looked for first.

        One that is there though there is nothing to tell now shows that it is `gone`, if that is given.
        """
        if not before.digest:
            attempt = replace(before, digest=ATTEMPTED)
            self._directs.keep(attempt)
            self._post(attempt, shown)
            return
        log.info("looking for a message", surface=self._surface, stream=before.stream, person=before.person)
        try:
            direct = self._direct(before.person)
            ts = self._found(direct, before)
        except ApiRefused as refused:
            if _may_come_yet(refused):
                raise  # the message may be there
            self._give_up(before, refused)
            return
        if not ts:
            self._post(before, shown)
            return
        self._metrics.surface(self._surface, "found")
        there = replace(before, channel=direct, ts=ts, digest="")
        if self._directs.settle(before, there) and (message := shown() or gone) is not None:
            self.bring_up_to_date(there, message)

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
                except ApiRefused as refused:
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
            except ApiRefused as refused:
                if refused.code not in GONE | UNREACHABLE_PERSON_CODES | TOO_MUCH:
                    raise
                over = True  # somebody deleted it and does not want to be told; or it stays as it is
            self._metrics.surface(self._surface, "updated")
        if digest != before.digest or over:
            self._directs.keep(replace(before, digest=digest, over=over))

    def _found(self, direct: str, wanted: Direct) -> str:
        """The place of the message that carries this; empty where there is none."""
        carried = self._metadata(wanted)
        for told in written_to(self._api, direct):
            if told.get("metadata") == carried:
                return str(told["ts"])
        return ""

    def _direct(self, person: PersonId) -> str:
        return str(self._api.call("conversations.open", users=person)["channel"]["id"])

    def _post(self, attempt: Direct, shown: Shown) -> None:
        """Post what was noted as attempted, and note where it is."""
        message = shown()
        if message is None:
            self._directs.settle(attempt, replace(attempt, digest="", over=True))
            return
        try:
            direct = self._direct(attempt.person)
            ts = self._as_much_as_fits(direct, attempt, message)
        except ApiRefused as refused:
            if not _may_come_yet(refused):
                self._give_up(attempt, refused)
                return
            self._directs.release(attempt)
            raise
        except ApiUnreachable as fault:
            if fault.nothing_done:
                self._directs.release(attempt)
            raise
        self._metrics.surface(self._surface, "posted")
        # Noted before: where the work was taken over nothing can be settled.
        self._late[_place(attempt)] = (direct, ts)
        if self._directs.settle(attempt, replace(attempt, channel=direct, ts=ts, digest=digest_of(message))):
            del self._late[_place(attempt)]

    def _as_much_as_fits(self, direct: str, attempt: Direct, message: Message) -> str:
        try:
            return self._posted(direct, attempt, message)
        except ApiRefused as refused:
            if refused.code not in TOO_MUCH:
                raise
            log.error("Slack does not take the blocks of a message", surface=self._surface, code=refused.code)
        return self._posted(direct, attempt, Message(text=message.text, blocks=[]))

    def _posted(self, direct: str, attempt: Direct, message: Message) -> str:
        posted = self._api.call(
            "chat.postMessage",
            channel=direct,
            text=message.text,
            blocks=message.blocks or None,
            metadata=self._metadata(attempt),
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    def _give_up(self, claimed: Direct, refused: ApiRefused) -> None:
        if refused.code not in UNREACHABLE_PERSON_CODES:
            log.error("Slack does not take a message", surface=self._surface, code=refused.code)
        log.warning("not told", surface=self._surface, person=claimed.person, code=refused.code)
        self._directs.settle(claimed, replace(claimed, digest="", over=True))


def _may_come_yet(refused: ApiRefused) -> bool:
    """Whether Slack may take the same message later; else it would keep all the others waiting for ever."""
    return refused.code == "ratelimited" or refused.code in PERMANENT_CODES


def _place(one: Direct) -> Place:
    return one.stream, one.about, one.person
