"""States of OAuth: each permits one installation, from the browser that began it, within ten minutes."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from bot.store.repositories.installations import Installations
from bot.token_cipher import TokenCipher

LIFE: Final = timedelta(minutes=10)

StateCheck = Literal["valid", "expired", "used"]

_OWNER: Final = "installation"


class _State(msgspec.Struct, frozen=True, kw_only=True):
    nonce: str
    browser: str


class InstallStates:
    """States of installations under way, known to every replica; a state is signed and encrypted."""

    def __init__(
        self, cipher: TokenCipher, installations: Installations, *, now: Callable[[], datetime]
    ) -> None:
        self._cipher = cipher
        self._installations = installations
        self._now = now

    def new(self, browser: str) -> str:
        """Return a new state for a browser, which is identified by a cookie."""
        state = msgspec.json.encode(_State(nonce=secrets.token_urlsafe(16), browser=browser)).decode()
        return self._cipher.encrypt(state, use="state", owner=_OWNER, now=self._now()).decode()

    def use(self, text: str, browser: str) -> StateCheck:
        """Use up a state; raises StoreUnavailable.

        One that is not ours, or began in another browser, counts as expired.
        """
        now = self._now()
        opened = self._cipher.decrypt_recent(text, use="state", owner=_OWNER, now=now, within=LIFE)
        if opened is None:
            return "expired"
        state = msgspec.json.decode(opened, type=_State)
        if not browser or not secrets.compare_digest(state.browser.encode(), browser.encode()):
            return "expired"
        # Remembered for twice as long: the clocks of two replicas may differ.
        unused = self._installations.use_once(state.nonce, until=now + 2 * LIFE, now=now)
        return "valid" if unused else "used"


def new_browser() -> str:
    """Return an identity for a browser without a cookie."""
    return secrets.token_urlsafe(16)
