"""Directory of the workspaces that have installed the app, with their encrypted tokens."""

import threading
from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from bot.settings import Secret
from bot.slack.protocol.installation import Installation, InstalledWorkspace, listed_scopes
from bot.store.repositories.installations import InstallationRecord, Installations
from bot.token_cipher import TokenCipher, TokenUnreadable
from domain.kernel.elements import PersonId


def bot_token(cipher: TokenCipher, record: InstallationRecord) -> Secret:
    """Return the bot token of an installation; raises TokenUnreadable."""
    return Secret(cipher.decrypt(record.token, use="bot", owner=record.name, key=record.key_id))


def refresh_token(cipher: TokenCipher, record: InstallationRecord) -> Secret:
    """Return the refresh token of an installation, empty if its token does not expire.

    Raises TokenUnreadable.
    """
    if not record.refresh_token:
        return Secret("")
    text = cipher.decrypt(record.refresh_token, use="refresh", owner=record.name, key=record.key_id)
    return Secret(text)


def with_tokens(
    cipher: TokenCipher, record: InstallationRecord, bot: Secret, refresh: Secret, *, now: datetime
) -> InstallationRecord:
    """Return an installation with these tokens, encrypted with the newest key."""
    token = cipher.encrypt(bot.reveal(), use="bot", owner=record.name, now=now)
    renewing = cipher.encrypt(refresh.reveal(), use="refresh", owner=record.name, now=now) if refresh else b""
    return msgspec.structs.replace(record, token=token, refresh_token=renewing, key_id=cipher.newest)


_REMEMBERED = 5_000
"""Decrypted tokens that are kept in memory."""

log = structlog.get_logger()


class StoredInstallations(msgspec.Struct, frozen=True, eq=False):
    """Directory of the installations in the store; each look-up sees the last change of any process."""

    installations: Installations
    cipher: TokenCipher
    now: Callable[[], datetime]
    _lock: threading.Lock = msgspec.field(default_factory=threading.Lock)
    _tokens: dict[tuple[str, bytes], Secret | None] = {}

    def find(self, enterprise: str, team: str) -> InstalledWorkspace | None:
        """Return a workspace by its organization and its ID, either of which may be empty.

        A workspace of an organization is recorded when it is first asked for, so ask only for verified
        requests. A workspace whose token cannot be read is not found; the log says why.
        """
        if team and team != enterprise:
            return self._workspace(enterprise, team)
        workspaces = self.installations.workspaces_of(enterprise) if enterprise else []
        teams = {workspace.team for workspace in workspaces}
        return self._workspace(enterprise, teams.pop()) if len(teams) == 1 else None

    def tenants(self) -> list[str]:
        """Return the IDs of the workspaces in which the app is installed at the moment, sorted."""
        return self.installations.installed()

    def _workspace(self, enterprise: str, team: str) -> InstalledWorkspace | None:
        records = self.installations.of_tenant(team)
        own = _preferred([record for record in records if record.key_id])
        if own is not None and own.state == "installed":
            return self._installed(own, own)
        enterprise = enterprise or next((record.enterprise for record in records if record.enterprise), "")
        whole = _preferred(self.installations.of_tenant(enterprise)) if enterprise else None
        if whole is None or whole.state != "installed":
            held = own or whole
            return None if held is None else self._installed(part_of(held, team, now=self.now()), held)
        part = next((record for record in records if record.app == whole.app and not record.key_id), None)
        if part is None:
            part = part_of(whole, team, now=self.now())
            record_part(self.installations, part)
        return self._installed(part, whole)

    def _installed(
        self, workspace: InstallationRecord, token_of: InstallationRecord
    ) -> InstalledWorkspace | None:
        """Return a workspace with a token; the state is that of either, where it is not installed."""
        token = self._token(token_of)
        if token is None:
            return None
        return InstalledWorkspace(
            installation=Installation(
                team=workspace.team,
                url=workspace.url or token_of.url,
                bot_user=PersonId(token_of.bot_user),
                bot_name=token_of.bot_name,
                bot_id=token_of.bot_id,
                enterprise=workspace.enterprise,
                app=token_of.app,
                scopes=listed_scopes(token_of.scopes),
            ),
            token=token,
            state=workspace.state if token_of.state == "installed" else token_of.state,
            installed_at=token_of.installed_at,
            org_wide=not token_of.team,
        )

    def _token(self, record: InstallationRecord) -> Secret | None:
        key = (record.name, record.token)
        with self._lock:
            if key in self._tokens:
                return self._tokens[key]
        try:
            token = bot_token(self.cipher, record)
        except TokenUnreadable as fault:
            log.error("a workspace cannot be served", workspace=record.tenant, why=str(fault))
            token = None
        with self._lock:
            if len(self._tokens) >= _REMEMBERED:
                self._tokens.clear()
            self._tokens[key] = token
        return token


def _preferred(records: list[InstallationRecord]) -> InstallationRecord | None:
    """Return the newest record that is installed, otherwise the newest."""
    return next((one for one in records if one.state == "installed"), records[0] if records else None)


def part_of(whole: InstallationRecord, team: str, *, now: datetime) -> InstallationRecord:
    """Return the record of a workspace that uses the installation of its organization."""
    return InstallationRecord(
        app=whole.app, enterprise=whole.enterprise, team=team, token_at=now, installed_at=now
    )


def record_part(installations: Installations, part: InstallationRecord) -> None:
    """Record a workspace of an organization, also in place of an installation of its own that has ended."""
    if installations.add_missing(part):
        return
    there = installations.find(part.name)
    if there is not None and there.key_id and there.state != "installed":
        installations.save(part)
