"""Authentication of access tokens: each request is checked against the directory, as a press is."""

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.commands.personal_tokens import recognize_token
from bot.mcp_server.call_refusals import Caller, Unavailable
from bot.slack.directory.member_directory import Directory, Membership
from bot.store import Store, StoreError

log = structlog.get_logger()


class TokenAuthenticator:
    """Finds the caller with an access token; `is_installed` tells whether a workspace still has the app."""

    def __init__(
        self, store: Store, *, is_installed: Callable[[str], bool], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._is_installed = is_installed
        self._now = now

    def authenticate(self, text: str) -> Caller | None:
        """Return the caller with a token; None if it is not accepted. Raises Unavailable."""
        try:
            return self._caller(text)
        except StoreError as fault:
            log.warning("an access token was not checked", fault=type(fault).__name__)
            raise Unavailable from None

    def _caller(self, text: str) -> Caller | None:
        found = recognize_token(self._store, text)
        if found is None:
            return None
        token = found.record
        account = Directory(self._store.unit(found.tenant)).account(token.person)
        why = ""
        if not token.active(self._now()):
            why = "revoked" if token.revoked_at is not None else "expired"
        elif not self._is_installed(found.tenant):
            why = "uninstalled"
        elif account is not Membership.MEMBER:
            why = account.name.lower()
        if why:
            log.info("an access token was refused", workspace=found.tenant, token=token.id, why=why)
            return None
        return Caller(tenant=found.tenant, person=token.person, token=token.id, scopes=found.scopes)
