"""States of OAuth: each permits an installation from the browser that began it, within ten minutes.

Nothing is stored about them, so that visits cost the database nothing. Slack's code can be exchanged once.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import msgspec

from bot.token_cipher import TokenCipher

LIFE: Final = timedelta(minutes=10)

_OWNER: Final = "installation"


class InstallStates(msgspec.Struct, frozen=True, eq=False):
    """States of installations under way, which every replica can open: signed, encrypted, and dated."""

    cipher: TokenCipher
    now: Callable[[], datetime]

    def new(self) -> tuple[str, str]:
        """Return a new state, and a secret for the browser: never one that the browser has chosen."""
        secret = secrets.token_urlsafe(16)
        state = self.cipher.encrypt(_digest(secret), use="state", owner=_OWNER, now=self.now()).decode()
        return state, secret

    def is_valid(self, state: str, secret: str) -> bool:
        """Return whether a state is ours, is recent, and belongs to the browser with this secret."""
        opened = self.cipher.decrypt_recent(state, use="state", owner=_OWNER, now=self.now(), within=LIFE)
        return opened is not None and secrets.compare_digest(opened, _digest(secret))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
