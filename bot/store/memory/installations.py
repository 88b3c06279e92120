"""Installations of the Slack app in memory."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.installations import InstallationRecord, InstallationState

_TABLE = "installations"


class _UsedState(msgspec.Struct, frozen=True, kw_only=True):
    nonce: str
    until: datetime


class MemoryInstallations:
    """Installations in memory."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._used = Table(database, "", "used install states", _UsedState)

    def save(self, installed: InstallationRecord) -> None:
        """Record a new installation in place of an earlier one of the same workspace or organization."""
        with self._database.writing():
            earlier = self.find(installed.name)
            if earlier is not None:
                installed = replace(
                    installed,
                    bot_id=installed.bot_id or earlier.bot_id,
                    bot_name=installed.bot_name or earlier.bot_name,
                    url=installed.url or earlier.url,
                )
            rows = self._rows(installed.tenant)
            for one in rows.all():
                if one.app == installed.app and one.enterprise != installed.enterprise:
                    rows.delete(one.name)
            rows.put(installed, installed.name)

    def add_missing(self, workspace: InstallationRecord) -> bool:
        """Record a workspace of an organization, unless it has a record; return whether it was added."""
        return self._rows(workspace.tenant).add(workspace, workspace.name)

    def find(self, name: str) -> InstallationRecord | None:
        """Return the installation with a name."""
        _, enterprise, team = name.split("/")
        return self._rows(team or enterprise).get(name)

    def of_tenant(self, tenant: str) -> list[InstallationRecord]:
        """Return the records of a workspace, or of an organization as a whole, newest first."""
        found = sorted(self._rows(tenant).all(), key=lambda one: one.app)
        return sorted(found, key=lambda one: one.installed_at, reverse=True)

    def workspaces_of(self, enterprise: str) -> list[InstallationRecord]:
        """Return the records of the workspaces of an organization, by ID."""
        found = [one for one in self.all() if one.enterprise == enterprise and one.team]
        return sorted(found, key=lambda one: (one.team, one.app))

    def all(self) -> list[InstallationRecord]:
        """Return every installation, by name."""
        tenants = [tenant for tenant, table in self._database.tables() if table == _TABLE]
        found = [one for tenant in tenants for one in self._rows(tenant).all()]
        return sorted(found, key=lambda one: (one.app, one.enterprise, one.team))

    def installed(self) -> list[str]:
        """Return the IDs of the workspaces in which the app is installed, sorted."""
        there = [one for one in self.all() if one.state == "installed"]
        whole = {(one.app, one.enterprise) for one in there if not one.team}
        return sorted({
            one.tenant for one in there if one.team and (one.key_id or (one.app, one.enterprise) in whole)
        })  # fmt: skip

    def ended(self) -> set[str]:
        """Return the IDs of the workspaces that installed the app, and no longer have it."""
        return {one.tenant for one in self.all() if one.team}.difference(self.installed())

    def replace_tokens(self, held: InstallationRecord, renewed: InstallationRecord) -> bool:
        """Replace the tokens of an installation, with their key and their times."""
        return self._change(
            held,
            token=renewed.token,
            refresh_token=renewed.refresh_token,
            key_id=renewed.key_id,
            token_at=renewed.token_at,
            expires_at=renewed.expires_at,
        )

    def describe(self, held: InstallationRecord, described: InstallationRecord) -> bool:
        """Replace the details of an installation: the bot's ID and name, and the URL of the workspace."""
        return self._change(held, bot_id=described.bot_id, bot_name=described.bot_name, url=described.url)

    def change_state(self, held: InstallationRecord, state: InstallationState) -> bool:
        """Change the state of an installation."""
        return self._change(held, state=state)

    def keys(self) -> Mapping[str, int]:
        """Return how many installations are encrypted with each key."""
        return dict(sorted(Counter(one.key_id for one in self.all() if one.key_id).items()))

    def encrypted_otherwise(self, key_id: str, limit: int) -> list[InstallationRecord]:
        """Return up to `limit` installations whose tokens are encrypted with another key."""
        return [one for one in self.all() if one.key_id not in ("", key_id)][:limit]

    def use_once(self, nonce: str, *, until: datetime, now: datetime) -> bool:
        """Record the use of a one-time value; return False if any process has used it before."""
        with self._database.writing():
            for one in self._used.all():
                if one.until < now:
                    self._used.delete(one.nonce)
            return self._used.add(_UsedState(nonce=nonce, until=until), nonce)

    def _change(self, held: InstallationRecord, **changes: object) -> bool:
        with self._database.writing():
            there = self.find(held.name)
            if there is None or _identity(there) != _identity(held):
                return False
            self._rows(held.tenant).put(replace(there, **changes), held.name)
            return True

    def _rows(self, tenant: str) -> Table[InstallationRecord]:
        return Table(self._database, tenant, _TABLE, InstallationRecord)


def _identity(one: InstallationRecord) -> tuple[bytes, bytes, datetime]:
    return one.token, one.refresh_token, one.installed_at
