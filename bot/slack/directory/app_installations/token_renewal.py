"""Renewal of tokens that expire, at half of their life."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.work_kinds import Done, Failure
from bot.settings import Settings
from bot.slack.directory.app_installations.slack_oauth import GrantedTokens, SlackOAuth
from bot.slack.directory.app_installations.stored_installations import refresh_token, with_tokens
from bot.slack.protocol.web_api_client import ApiRefused
from bot.store.repositories.installations import InstallationRecord, Installations
from bot.store.work_queue import Claim
from bot.token_cipher import TokenCipher

_TRIES: Final = 3

log = structlog.get_logger()


class TokenRenewal(msgspec.Struct, frozen=True, eq=False):
    """Renewal of the tokens of an installation, as claimed work: Slack accepts a refresh token once.

    `check` raises Overtaken if another process has taken over the claim; `refused` is called where Slack does
    not accept a refresh token.
    """

    settings: Settings
    installations: Installations
    cipher: TokenCipher
    now: Callable[[], datetime]
    check: Callable[[], None]
    refused: Callable[[InstallationRecord], None]
    _lock: threading.Lock = msgspec.field(default_factory=threading.Lock)
    _unsaved: dict[str, tuple[InstallationRecord, InstallationRecord]] = {}

    def renew(self, claim: Claim) -> Done | Failure:
        """Replace the tokens of an installation at half of their life."""
        self._save_unsaved(claim.item.subject)
        record = self.installations.find(claim.item.subject)
        if record is None or record.state != "installed" or record.expires_at is None:
            return Done()
        if self.now() < (due := half_life(record)):
            return Done(again_at=due)
        refresh = refresh_token(self.cipher, record)
        self.check()
        try:
            granted = SlackOAuth(self.settings).refresh(refresh)
        except ApiRefused as refused:
            return self._refusal(record, refused)
        renewed = self.with_granted(record, granted)
        with self._lock:
            self._unsaved[record.name] = record, renewed
        self._save_unsaved(record.name)
        return Done(again_at=half_life(renewed))

    def with_granted(self, record: InstallationRecord, granted: GrantedTokens) -> InstallationRecord:
        """Return an installation with the tokens that Slack has granted now."""
        now = self.now()
        expires_at = None if granted.expires_in is None else now + timedelta(seconds=granted.expires_in)
        tokens = granted.token, granted.refresh_token
        return with_tokens(
            self.cipher, replace(record, token_at=now, expires_at=expires_at), *tokens, now=now
        )

    def save_unsaved(self) -> None:
        """Record tokens that Slack has granted while the database could not be written; call it often."""
        with self._lock:
            names = list(self._unsaved)
        for name in names:
            self._save_unsaved(name)

    def _refusal(self, record: InstallationRecord, refused: ApiRefused) -> Done | Failure:
        if refused.retry_after or refused.code == "ratelimited":
            raise refused
        latest = self.installations.find(record.name)
        if latest is None or latest.token != record.token:
            return Done(again_after=0.0)  # installed again meanwhile
        log.error(
            "a token cannot be renewed; ask an administrator of the workspace to install the app again at "
            "/slack/install before the token expires",
            workspace=record.tenant,
            expires=str(record.expires_at),
            why=refused.code,
        )
        self.refused(record)
        return Failure(reason=refused.code)

    def _save_unsaved(self, name: str) -> None:
        """Record the tokens that Slack has granted; those of an earlier try of this process come first.

        They are kept until then, because Slack accepts the refresh token only once.
        """
        with self._lock:
            unsaved = self._unsaved.get(name)
        if unsaved is None:
            return
        held, renewed = unsaved
        for _ in range(_TRIES):
            if self.installations.replace_tokens(held, renewed):
                break
            there = self.installations.find(name)
            if there is None or there.installed_at != held.installed_at:
                break  # a newer installation has its own tokens
            if there.token_at != held.token_at:
                break  # another process has renewed them since
            held = there  # only encrypted again
        with self._lock:
            self._unsaved.pop(name, None)


def half_life(record: InstallationRecord) -> datetime:
    """Return when the tokens of an installation are renewed: at half of their life.

    A process that ends between Slack's answer and its record loses the refresh token. The old token is then
    valid for as long again, in which the app can be installed again.
    """
    expires_at = record.expires_at or record.token_at
    return record.token_at + (expires_at - record.token_at) / 2
