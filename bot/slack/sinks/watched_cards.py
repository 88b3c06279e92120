"""Cards that people watch: a press on one pays for its updates, and what changed most is shown first.

Slack limits `chat.update` in a workspace, however many processes call it. The response URL of a press may
replace the pressed message as well, five times within thirty minutes, outside of that limit.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http.client import HTTPException
from typing import Final

import msgspec
import structlog
from slack_sdk.webhook import WebhookClient

from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import CALL_SECONDS, ApiUnreachable, SlackApi
from bot.slack.sinks.posted_messages import ChannelMessages
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.work_queue import MODEL
from domain.kernel.elements import ModelKey

USES: Final = 4
"""Updates of a card by one response URL; the fifth is left to the answer that the press may get."""

URL_SECONDS: Final = 29 * 60.0
"""Time for which a response URL is used, a minute less than Slack accepts it."""

WATCHED_SECONDS: Final = 10.0
"""Time after a press for which the card is updated before others, also without a response URL."""

RECENT_SECONDS: Final = 60.0
"""Time after a press for which work on the card that another process put off is taken over."""

LOOK_SECONDS: Final = 1.0
"""Seconds between two searches for such work."""

MAX_PRESSED: Final = 500
"""Pressed cards of one workspace whose response URLs are kept."""

log = structlog.get_logger()


class _Press(msgspec.Struct):
    ts: str
    url: str
    at: float
    uses: int = USES


class WatchedCards:
    """The presses on the cards of one workspace that this process received.

    Their response URLs are neither stored nor logged. `check` raises if the work that updates a card was
    taken over by another process.
    """

    def __init__(
        self, *, check: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.check = check
        self._clock = clock
        self._lock = threading.Lock()
        self._presses: OrderedDict[ModelKey, _Press] = OrderedDict()
        self._headlines: dict[ModelKey, str] = {}
        self._urgent: set[str] = set()
        self._look_again = 0.0

    def press(self, key: ModelKey, ts: str, url: str) -> None:
        """Note a press on the message of a model at the top of a channel."""
        with self._lock:
            self._presses[key] = _Press(ts=ts, url=url, at=self._clock())
            self._presses.move_to_end(key)
            self._look_again = 0.0
            while len(self._presses) > MAX_PRESSED:
                self._presses.popitem(last=False)

    def paid(self) -> set[ModelKey]:
        """Return the models whose cards were pressed lately and can be updated outside of the limit.

        Without another press there are none until a second later: work that fails is not repeated at once.
        """
        now = self._clock()
        with self._lock:
            if now < self._look_again:
                return set()
            self._look_again = now + LOOK_SECONDS
            recent = {key: press for key, press in self._presses.items() if press.at > now - RECENT_SECONDS}
            return {key for key, press in recent.items() if self._is_usable(press)}

    def take(self, key: ModelKey, ts: str) -> str:
        """Return a response URL that replaces a card, which counts as used; empty without one."""
        with self._lock:
            press = self._presses.get(key)
            if press is None or press.ts != ts or not self._is_usable(press):
                return ""
            press.uses -= 1
            return press.url

    def spend(self, key: ModelKey) -> None:
        """Use the response URL of a card no longer: Slack refused it."""
        with self._lock:
            if (press := self._presses.get(key)) is not None:
                press.uses = 0

    def prioritize(self, key: ModelKey, headline: str) -> None:
        """Note what a card is about to show, so that its update comes first if people wait for it."""
        with self._lock:
            press = self._presses.get(key)
            is_watched = press is not None and self._clock() - press.at < WATCHED_SECONDS
            if is_watched or self._headlines.get(key) != headline:
                self._urgent.add(f"{MODEL}/{key}")
            else:
                self._urgent.discard(f"{MODEL}/{key}")

    def show(self, key: ModelKey, headline: str) -> None:
        """Note what a card shows."""
        with self._lock:
            self._headlines[key] = headline
            self._urgent.discard(f"{MODEL}/{key}")

    def is_urgent(self, work: str) -> bool:
        """Return whether some work updates a card for which people wait."""
        return work in self._urgent

    def _is_usable(self, press: _Press) -> bool:
        return bool(press.url) and press.uses > 0 and self._clock() - press.at < URL_SECONDS


class CardMessages(ChannelMessages):
    """Cards, which are replaced by the response URL of a press on them if there is one."""

    def __init__(self, api: SlackApi, watched: WatchedCards, *, writes: Callable[[], None]) -> None:
        super().__init__(api, writes=writes)
        self._watched = watched

    def edit(self, record: DeliveryRecord, message: Message) -> None:
        """Replace the content of a card."""
        key, headline = ModelKey(record.subject), _NUMBERS.sub("", message.text)
        url = self._watched.take(key, record.external_id)
        if not (url and self._replaced(key, url, message)):
            self._watched.prioritize(key, headline)
            super().edit(record, message)
        self._watched.show(key, headline)

    def _replaced(self, key: ModelKey, url: str, message: Message) -> bool:
        """Replace a pressed card; return False if Slack refused that, so that the method is called."""
        self._watched.check()
        try:
            answer = WebhookClient(url, timeout=CALL_SECONDS, retry_handlers=[]).send(
                text=message.text, blocks=message.blocks, replace_original=True
            )
        except (OSError, HTTPException) as fault:
            self._watched.spend(key)
            raise ApiUnreachable(type(fault).__name__) from fault
        if answer.status_code == 200 and '"ok":false' not in answer.body.replace(" ", ""):
            return True
        log.info("response URL refused", model=key, status=answer.status_code)
        self._watched.spend(key)
        return False


_NUMBERS: Final = re.compile(r"\d+")
"""What changes in a card's summary while its phase and next step stay."""
