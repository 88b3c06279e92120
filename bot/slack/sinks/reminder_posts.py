"""Brings nudges to people by direct message, and finds them there again by their keys."""

from collections.abc import Callable, Sequence

import msgspec
import structlog

from bot.metrics import Metrics
from bot.nudges.courier import Found, Letter, Nothing, NotNow, NotTaken, Posted, Unclear
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.error_codes import UNREACHABLE_PERSON_CODES
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.direct_history import written_to
from bot.slack.sinks.failure_classification import PERMANENT_CODES
from bot.slack.sinks.outcomes import TOO_MUCH
from bot.store.repositories.cards import Card
from domain.kernel.elements import ModelKey, PersonId
from domain.nudge_deliveries import THREAD, NudgeKey, SkipReason

EVENT_TYPE = "threatmodel_nudge"
"""What the metadata of such a message is called; its payload has the keys of the nudges in it."""

AGAIN_SECONDS = 10.0
"""After which a call that did nothing is tried again."""

REST_SECONDS = 600.0
"""After which a thread that cannot be written to is tried again."""

_OF_THE_CHANNEL = {"is_archived", "not_in_channel", "channel_not_found", "is_inactive", "thread_not_found"}

log = structlog.get_logger()


class SlackCourier:
    """`compose` makes the message of a letter; `card` says where a model's thread is.

    `api` checks before each call that the work is still this process's; `writes` is called before a post.
    """

    def __init__(
        self,
        api: SlackApi,
        *,
        compose: Callable[[Letter], Message],
        card: Callable[[ModelKey], Card | None],
        silence: Callable[[str], None],
        writes: Callable[[], None],
        metrics: Metrics,
    ) -> None:
        self._api = api
        self._compose = compose
        self._card = card
        self._silence = silence
        self._writes = writes
        self._metrics = metrics
        self._direct: dict[PersonId, str] = {}

    def where(self, to: PersonId, place: str) -> str | NotTaken | NotNow:
        """The conversation to which a place leads."""
        if to == THREAD:
            card = self._card_of(place)
            return card.channel if card else NotNow(why=SkipReason.NOT_REACHED, seconds=REST_SECONDS)
        if to not in self._direct:
            try:
                opened = self._api.call("conversations.open", users=to)
            except ApiRefused as refused:
                return self._refused(refused, to)
            except ApiUnreachable:
                return NotNow(why=SkipReason.NOT_REACHED, seconds=AGAIN_SECONDS)
            self._direct[to] = str(opened["channel"]["id"])
        return self._direct[to]

    def post(self, channel: str, place: str, letter: Letter) -> Posted | NotTaken | NotNow | Unclear:
        """Post a message that carries the keys of its nudges."""
        shown = self._compose(letter)
        try:
            try:
                ts = self._posted(channel, place, letter, shown)
            except ApiRefused as refused:
                if refused.code not in TOO_MUCH:
                    raise
                # A reminder without its buttons is better than none: the rest is on the Home tab.
                log.error("Slack does not take the blocks of a nudge", code=refused.code)
                words = f"{shown.text}. All of it is on my Home tab."
                ts = self._posted(channel, place, letter, Message(text=words, blocks=[]))
        except ApiRefused as refused:
            self._metrics.surface("nudge", "refused")
            return self._refused(refused, letter.to)
        except ApiUnreachable as fault:
            self._metrics.surface("nudge", "unclear")
            if fault.nothing_done:
                return NotNow(why=SkipReason.NOT_REACHED, seconds=AGAIN_SECONDS)
            return Unclear(code=fault.code)
        self._metrics.surface("nudge", "posted")
        return Posted(channel=channel, ts=ts)

    def find(self, channel: str, place: str, keys: Sequence[NudgeKey]) -> Found | Nothing | NotTaken | NotNow:
        """Look for a message that carries one of these keys; a thread cannot be read, so nothing is in it."""
        if place.startswith(f"{THREAD}/"):
            return Nothing()
        wanted = set(keys)
        try:
            for told in written_to(self._api, channel):
                carried = _keys(told)
                if carried & wanted:
                    self._metrics.surface("nudge", "found")
                    return Found(channel=channel, ts=str(told["ts"]), keys=frozenset(carried & wanted))
        except ApiRefused as refused:
            return self._refused(refused, PersonId(place))
        except ApiUnreachable:
            return NotNow(why=SkipReason.NOT_REACHED, seconds=AGAIN_SECONDS)
        return Nothing()

    def take_back(self, channel: str, ts: str) -> bool:
        """Delete a message; whether it is gone, or cannot be deleted at all."""
        try:
            self._api.call("chat.delete", channel=channel, ts=ts)
        except ApiRefused as refused:
            return refused.code != "ratelimited"
        except ApiUnreachable:
            return False
        self._metrics.surface("nudge", "taken back")
        return True

    def _posted(self, channel: str, place: str, letter: Letter, shown: Message) -> str:
        card = self._card_of(place) if letter.to == THREAD else None
        keys = [one.key for one in letter.nudges]
        self._writes()
        posted = self._api.call(
            "chat.postMessage",
            channel=channel,
            thread_ts=card.ts if card else None,
            text=shown.text,
            blocks=shown.blocks or None,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"keys": keys}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(posted["ts"])

    def _refused(self, refused: ApiRefused, to: PersonId) -> NotTaken | NotNow:
        if refused.code == "ratelimited":
            return NotNow(why=SkipReason.SLOW_DOWN, seconds=refused.retry_after or AGAIN_SECONDS)
        if refused.code in PERMANENT_CODES:
            # It stands until the permission is there again; nothing about this person is wrong.
            self._silence(refused.code)
            return NotNow(why=SkipReason.NOT_REACHED, seconds=REST_SECONDS)
        if to == THREAD and refused.code in _OF_THE_CHANNEL:
            return NotNow(why=SkipReason.NOT_REACHED, seconds=REST_SECONDS)
        if refused.code not in UNREACHABLE_PERSON_CODES:
            log.error("Slack does not take the message of a nudge", code=refused.code, detail=refused.detail)
        self._direct.pop(to, None)
        return NotTaken(code=refused.code)

    def _card_of(self, place: str) -> Card | None:
        card = self._card(ModelKey(place.partition("/")[2]))
        return card if card is not None and card.ts else None


class _Payload(msgspec.Struct):
    keys: list[NudgeKey] = []


class _Metadata(msgspec.Struct):
    event_type: str = ""
    event_payload: _Payload = msgspec.field(default_factory=_Payload)


def _keys(told: Json) -> set[NudgeKey]:
    try:
        metadata = msgspec.convert(told.get("metadata") or {}, _Metadata)
    except msgspec.ValidationError:
        return set()  # somebody else's
    return set(metadata.event_payload.keys) if metadata.event_type == EVENT_TYPE else set()
