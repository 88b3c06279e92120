"""Slack's OAuth v2: states, and the exchange of a code or of a refresh token for the token of a bot."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec

from bot.settings import Secret, Settings
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiUnreachable, SlackApi
from bot.token_cipher import TokenCipher

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9]{1,64}\Z")]


class GrantedTokens(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens as Slack granted them: for a workspace, or for an organization (`team` is empty then).

    `expires_in` is a number of seconds, if the tokens expire. `place` is the name of the workspace or
    organization, as its people chose it.
    """

    app: str
    enterprise: str
    team: str
    place: str
    bot_user: str
    scopes: str
    token: Secret
    refresh_token: Secret
    expires_in: int | None = None


class SlackOAuth:
    """The app's way to Slack's OAuth; the calls are made only once, because codes can be used once."""

    def __init__(self, settings: Settings) -> None:
        self._client_id = settings.client_id
        self._client_secret = settings.client_secret
        self._api = SlackApi(token="", base_url=settings.api_url, patient=False)

    def exchange(self, code: str) -> GrantedTokens:
        """Return the tokens for an authorization code; raises ApiRefused and ApiUnreachable."""
        return self._granted(code=code)

    def refresh(self, refresh_token: Secret) -> GrantedTokens:
        """Return new tokens for a refresh token, which is then used up.

        Raises ApiRefused and ApiUnreachable.
        """
        return self._granted(grant_type="refresh_token", refresh_token=refresh_token.reveal())

    def revoke(self, token: Secret) -> None:
        """Give back a token, which is never accepted again; raises ApiRefused and ApiUnreachable."""
        api = SlackApi(token=token.reveal(), base_url=self._api.base_url, patient=False)
        api.call("auth.revoke")

    def _granted(self, **grant: str) -> GrantedTokens:
        answer = self._api.call(
            "oauth.v2.access",
            client_id=self._client_id,
            client_secret=self._client_secret.reveal(),
            **grant,
        )
        return _read(answer)


def authorize_url(api_url: str) -> str:
    """Return the URL at which people permit the installation."""
    return f"{_site(api_url)}oauth/v2/authorize"


def app_url(api_url: str, app: str, team: str) -> str:
    """Return the URL that opens the app in Slack, in a workspace if `team` is not empty."""
    return f"{_site(api_url)}app_redirect?app={app}" + (f"&team={team}" if team else "")


def _site(api_url: str) -> str:
    return api_url.removesuffix("api/")


class _Place(msgspec.Struct):
    id: _Id
    name: str | None = ""


class _Answer(msgspec.Struct):
    """The relevant fields of `oauth.v2.access`."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    token_type: Literal["bot"]
    bot_user_id: _Id
    app_id: _Id
    scope: str = ""
    team: _Place | None = None
    enterprise: _Place | None = None
    is_enterprise_install: bool = False
    refresh_token: str = ""
    expires_in: int | None = None


def _read(answer: Json) -> GrantedTokens:
    try:
        told = msgspec.convert(answer, _Answer)
    except msgspec.ValidationError as fault:
        raise ApiUnreachable(f"unexpected answer of oauth.v2.access: {fault}") from None
    place = told.enterprise if told.is_enterprise_install else told.team
    if place is None:
        raise ApiUnreachable("unexpected answer of oauth.v2.access: no workspace and no organization")
    return GrantedTokens(
        app=told.app_id,
        enterprise=told.enterprise.id if told.enterprise else "",
        team="" if told.is_enterprise_install else place.id,
        place=place.name or place.id,
        bot_user=told.bot_user_id,
        scopes=told.scope,
        token=Secret(told.access_token),
        refresh_token=Secret(told.refresh_token),
        expires_in=told.expires_in,
    )


LIFE: Final = timedelta(minutes=10)
"""Time in which an installation that was begun must be finished."""

_OWNER: Final = "installation"


class InstallStates(msgspec.Struct, frozen=True, eq=False):
    """States of installations under way, which every replica can open: signed, encrypted, and dated.

    Each permits an installation from the browser that began it. Nothing is stored about them, so that visits
    cost the database nothing. Slack's code can be exchanged once.
    """

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
