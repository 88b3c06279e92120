"""OAuth authorization codes, exchanged for a token."""

import secrets
import threading

from msgspec import Struct

from bot.sandbox.workspace.workspace_clock import WorkspaceClock

CODE_SECONDS = 10 * 60


class OAuthCodeRefused(Exception):
    """Error: a code is refused; the text is Slack's error code."""


class OAuthCode(Struct, frozen=True, kw_only=True):
    """Permission granted by a user, with its redirect URI."""

    place: str
    """The ID of the workspace, or of the organization as a whole."""
    person: str
    redirect_uri: str
    at: float


class OAuthCodes:
    """Authorization codes, each redeemable once within ten minutes."""

    def __init__(self, clock: WorkspaceClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, OAuthCode] = {}
        self._used: set[str] = set()

    def issue(self, place: str, person: str, redirect_uri: str) -> str:
        """Return a new code for a workspace or an organization."""
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        with self._lock:
            self._open[code] = OAuthCode(
                place=place, person=person, redirect_uri=redirect_uri, at=self._clock.now()
            )
        return code

    def redeem(self, code: str, redirect_uri: str | None) -> OAuthCode:
        """Exchange a code; raises OAuthCodeRefused if it is unknown, used, expired or for another address."""
        with self._lock:
            if code in self._used:
                raise OAuthCodeRefused("code_already_used")
            grant = self._open.pop(code, None)
            if grant is not None:
                self._used.add(code)
        if grant is None or self._clock.now() - grant.at > CODE_SECONDS:
            raise OAuthCodeRefused("invalid_code")
        if redirect_uri is not None and redirect_uri != grant.redirect_uri:
            raise OAuthCodeRefused("bad_redirect_uri")
        return grant
