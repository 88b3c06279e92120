"""Installations of the app, with their authorization codes and tokens."""

import secrets
import threading
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import ApiError
from bot.sandbox.workspace.installed_app import BOT_USER_ID, UNINSTALLED, InstalledApp, Tokens
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.workspace_clock import WorkspaceClock
from bot.sandbox.workspace.workspace_state import Workspace

_KIND, _TOKENS, _REFUSING, _ORG_WIDE = "app", "tokens", "refusing", "org_wide"


def kept_tokens(kept: RecordStorage) -> Tokens:
    """Return the stored secrets of the app, or new ones."""
    tokens = kept.read(_KIND, _TOKENS, Tokens) or Tokens.fresh()
    kept.save(_KIND, _TOKENS, tokens)
    return tokens


def kept_app(kept: RecordStorage, described: InstalledApp, *, installed: bool) -> InstalledApp:
    """Return an app in its stored state; without one, it is installed or not as stated."""
    refusing = kept.read(_KIND, _REFUSING, str)
    if refusing is None:
        refusing = "" if installed else UNINSTALLED
        kept.save(_KIND, _REFUSING, refusing)
    tokens = kept.read(_KIND, _TOKENS, Tokens)
    return replace(
        described,
        # The app's own secrets are the same in each workspace.
        tokens=replace(described.tokens, bot=tokens.bot) if tokens else described.tokens,
        refusing=refusing or None,
        is_org_wide=kept.read(_KIND, _ORG_WIDE, bool) or False,
    )


def keep_app(workspace: Workspace, app: InstalledApp) -> None:
    """Change and store the state of the installation in a workspace."""
    workspace.app = app
    workspace.kept.save(_KIND, _TOKENS, app.tokens)
    workspace.kept.save(_KIND, _REFUSING, app.refusing or "")
    workspace.kept.save(_KIND, _ORG_WIDE, app.is_org_wide)
    workspace.notify_changed()


CODE_SECONDS = 10 * 60


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
        """Exchange a code; raises ApiError if it is unknown, used, expired or for another address."""
        with self._lock:
            if code in self._used:
                raise ApiError("code_already_used")
            grant = self._open.pop(code, None)
            if grant is not None:
                self._used.add(code)
        if grant is None or self._clock.now() - grant.at > CODE_SECONDS:
            raise ApiError("invalid_code")
        if redirect_uri is not None and redirect_uri != grant.redirect_uri:
            raise ApiError("bad_redirect_uri")
        return grant


TOKEN_SECONDS = 12 * 60 * 60
"""The lifetime of a token of an app with token rotation."""
REPLACED_SECONDS = 60.0
"""Seconds for which a token is accepted after a new one has replaced it.

Slack accepts it for a while but publishes no figure: here it is short, so that a bot cannot rely on it.
"""
REPLACED = "token_revoked"
EXPIRED = "token_expired"
_ISSUED = "token"


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
        self._known = kept.read_all(_ISSUED, IssuedToken)

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
        """Raise ApiError if a token has expired or was replaced."""
        now = self._clock.now()
        if known.replaced_at is not None and now - known.replaced_at > REPLACED_SECONDS:
            raise ApiError(REPLACED)
        if known.expires_at is not None and now >= known.expires_at:
            raise ApiError(EXPIRED)

    def refresh(self, refresh_token: str) -> IssuedToken:
        """Return a new token for a refresh token, which is then used up; raises ApiError."""
        with self._lock:
            pairs = self._known.values()
            old = next(
                (pair for pair in pairs if pair.refresh_token and pair.refresh_token == refresh_token), None
            )
            if old is None:
                raise ApiError("invalid_refresh_token")
            self._replace_all(old.place)
            return self._put(self._new_token(old.place, rotating=True))

    def exchange(self, token: str) -> IssuedToken:
        """Return an expiring token for one that does not expire, once; raises ApiError.

        The old token is accepted until the new one is refreshed for the first time.
        """
        with self._lock:
            old = self._known.get(token)
            if old is None or old.expires_at is not None:
                raise ApiError("invalid_token")
            if old.is_exchanged:
                raise ApiError("token_already_exchanged")
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
        self._kept.save(_ISSUED, issued.token, issued)
        return issued

    def _drop(self, issued: IssuedToken) -> None:
        del self._known[issued.token]
        self._kept.drop(_ISSUED, issued.token)


class InstalledPlaces:
    """Workspaces of the sandbox, and the tokens with which the app may act in them."""

    def __init__(self, tokens: IssuedTokens) -> None:
        self.tokens = tokens
        self._workspaces: dict[str, Workspace] = {}

    def add(self, workspace: Workspace) -> None:
        """Add a workspace, with the token of its installation if the app is installed there."""
        self._workspaces[workspace.team.id] = workspace
        if workspace.app.refusing != UNINSTALLED:
            self.tokens.accept(workspace.place, workspace.app.tokens.bot)

    @property
    def app(self) -> InstalledApp:
        """The app as its manifest describes it."""
        return self.workspaces[0].app

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """All workspaces, in their order."""
        return tuple(self._workspaces.values())

    @property
    def organization(self) -> str | None:
        """The ID of the organization in which the app can be installed as a whole, if there is one."""
        known = {workspace.behavior.enterprise for workspace in self.workspaces} - {None}
        return next(iter(known), None) if self.app.is_org_ready else None

    def notify_changed(self) -> None:
        """Notify the listeners of all workspaces of a change."""
        for workspace in self.workspaces:
            workspace.notify_changed()

    def members(self, place: str) -> tuple[Workspace, ...]:
        """Return the workspace with an ID, or the workspaces of the organization with that ID."""
        return tuple(one for one in self.workspaces if place in (one.team.id, one.behavior.enterprise))

    def check(self, token: str) -> tuple[IssuedToken, tuple[Workspace, ...]]:
        """Return an accepted token and the workspaces for which it is valid; raises ApiError."""
        issued = self.tokens.lookup(token)
        if issued is None:
            raise ApiError("invalid_auth")
        valid = self._holders(issued.place)
        refusals = [one.app.refusing for one in valid if one.app.refusing is not None]
        if not valid or refusals:
            raise ApiError(refusals[0] if refusals else UNINSTALLED)
        self.tokens.check(issued)
        return issued, valid

    def is_covered(self, place: str) -> bool:
        """Return whether the app is already installed in the whole organization of a workspace."""
        return any(one.team.id == place != one.place and one.app.installed for one in self.workspaces)

    def install(self, place: str) -> IssuedToken:
        """Install the app in a workspace or an organization; return its token.

        An installed app without token rotation keeps its token, as in Slack.
        """
        members = self.members(place)
        app = members[0].app
        current = self.tokens.lookup(app.tokens.bot) if self._is_current(members, place) else None
        if current is not None and not app.is_rotating:
            return current
        for member in members:
            if member.app.refusing is not None or member.place != place:
                self.tokens.forget(member.place)
        issued = self.tokens.issue(place, rotating=app.is_rotating)
        for member in members:
            wide = place != member.team.id
            keep_app(member, replace(member.app, refusing=None, is_org_wide=wide))
        self.apply(issued)
        return issued

    def apply(self, issued: IssuedToken) -> None:
        """Make a new token the current one of its workspaces."""
        for holder in self._holders(issued.place):
            keep_app(holder, replace(holder.app, tokens=replace(holder.app.tokens, bot=issued.token)))

    def uninstall(self, place: str) -> None:
        """Uninstall the app from a workspace or an organization: it leaves every channel."""
        for member in self.members(place):
            for channel in member.channels:
                member.leave(channel.id, BOT_USER_ID)
            self.refuse(member, UNINSTALLED)
        self.tokens.end_refreshing(place)

    def refuse(self, workspace: Workspace, code: str | None) -> None:
        """Refuse the bot's token in a workspace with one of Slack's codes; accept it again with None."""
        keep_app(workspace, replace(workspace.app, refusing=code))

    def _holders(self, place: str) -> tuple[Workspace, ...]:
        """Return the workspaces in which the app is, or was, installed with the token of a place."""
        return tuple(member for member in self.members(place) if member.place == place)

    def _is_current(self, members: Sequence[Workspace], place: str) -> bool:
        return all(member.app.refusing is None and member.place == place for member in members)
