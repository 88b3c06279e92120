"""Tokens of the app in Slack's Web API: issued, expiring, refreshed, refused."""

import secrets
import threading

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.workspace_clock import WorkspaceClock

TOKEN_SECONDS = 12 * 60 * 60
"""The lifetime of a token of an app with token rotation."""
REPLACED_SECONDS = 60.0
"""Seconds for which a token is accepted after a new one has replaced it.

Slack accepts it for a while but publishes no figure: here it is short, so that a bot cannot rely on it.
"""
REPLACED = "token_revoked"
EXPIRED = "token_expired"
_KIND = "token"


class TokenRefused(Exception):
    """Error: a token is refused; the text is Slack's error code."""


class IssuedToken(Struct, frozen=True, kw_only=True):
    """One token for a workspace, or for an organization as a whole."""

    token: str
    place: str
    """The ID of the workspace or of the organization."""
    expires_at: float | None = None
    """Seconds since 1970; None for a token that does not expire."""
    refresh_token: str = ""
    """Valid once; empty for a token that does not expire, or after its use."""
    replaced_at: float | None = None
    is_exchanged: bool = False
    """Whether a pair of expiring and refresh token was issued for it."""


class IssuedTokens:
    """All accepted tokens, with their expiration by the sandbox's clock."""

    def __init__(self, clock: WorkspaceClock, kept: RecordStorage) -> None:
        self._clock = clock
        self._kept = kept
        self._lock = threading.Lock()
        self._known = kept.read_all(_KIND, IssuedToken)

    def accept(self, place: str, token: str) -> None:
        """Accept a token that does not expire, unless it is already known."""
        with self._lock:
            if token and token not in self._known:
                self._put(IssuedToken(token=token, place=place))

    def issue(self, place: str, *, rotating: bool) -> IssuedToken:
        """Return a new token, which expires if the app uses token rotation; earlier ones are replaced."""
        with self._lock:
            self._replace_all(place)
            return self._put(self._new_token(place, rotating=rotating))

    def lookup(self, token: str) -> IssuedToken | None:
        """Return a token that was issued, accepted or not; None if there is none."""
        with self._lock:
            return self._known.get(token)

    def check(self, known: IssuedToken) -> None:
        """Raise TokenRefused if a token has expired or was replaced."""
        now = self._clock.now()
        if known.replaced_at is not None and now - known.replaced_at > REPLACED_SECONDS:
            raise TokenRefused(REPLACED)
        if known.expires_at is not None and now >= known.expires_at:
            raise TokenRefused(EXPIRED)

    def refresh(self, refresh_token: str) -> IssuedToken:
        """Return a new token for a refresh token, which is then used up; raises TokenRefused."""
        with self._lock:
            pairs = self._known.values()
            old = next(
                (one for one in pairs if one.refresh_token and one.refresh_token == refresh_token), None
            )
            if old is None:
                raise TokenRefused("invalid_refresh_token")
            self._replace_all(old.place)
            return self._put(self._new_token(old.place, rotating=True))

    def exchange(self, token: str) -> IssuedToken:
        """Return an expiring token for one that does not expire, once; raises TokenRefused.

        The old token is accepted until the new one is refreshed for the first time.
        """
        with self._lock:
            old = self._known.get(token)
            if old is None or old.expires_at is not None:
                raise TokenRefused("invalid_token")
            if old.is_exchanged:
                raise TokenRefused("token_already_exchanged")
            self._put(replace(old, is_exchanged=True))
            return self._put(self._new_token(old.place, rotating=True))

    def end_refreshing(self, place: str) -> None:
        """Refuse every refresh token of a place from now on."""
        with self._lock:
            for one in [one for one in self._known.values() if one.place == place]:
                self._put(replace(one, refresh_token=""))

    def forget(self, place: str) -> None:
        """Refuse every token of a place from now on."""
        with self._lock:
            for one in [one for one in self._known.values() if one.place == place]:
                self._drop(one)

    def _replace_all(self, place: str) -> None:
        now = self._clock.now()
        for one in [one for one in self._known.values() if one.place == place]:
            if one.replaced_at is None:
                self._put(replace(one, replaced_at=now, refresh_token=""))
            elif now - one.replaced_at > TOKEN_SECONDS:
                # Expired anyway: a workspace may run for weeks.
                self._drop(one)

    def _new_token(self, place: str, *, rotating: bool) -> IssuedToken:
        token = f"xoxb-{secrets.randbelow(10**11):011d}-{secrets.token_hex(12)}"
        if not rotating:
            return IssuedToken(token=token, place=place)
        return IssuedToken(
            token=f"xoxe.xoxb-1-{secrets.token_urlsafe(48)}",
            place=place,
            expires_at=self._clock.now() + TOKEN_SECONDS,
            refresh_token=f"xoxe-1-{secrets.token_urlsafe(48)}",
        )

    def _put(self, issued: IssuedToken) -> IssuedToken:
        self._known[issued.token] = issued
        self._kept.save(_KIND, issued.token, issued)
        return issued

    def _drop(self, issued: IssuedToken) -> None:
        del self._known[issued.token]
        self._kept.drop(_KIND, issued.token)
