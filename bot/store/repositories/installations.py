"""Installations of the Slack app: one for each workspace, or for an organization and its workspaces."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from bot.store.sql.database import SqlDatabase
from bot.store.timestamps import format_timestamp, parse_timestamp

InstallationState = Literal["installed", "revoked", "uninstalled"]
"""`installed` while Slack accepts the token; the other states name the event by which it ended."""


class InstallationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Installation of an app in a workspace, or in an organization (`team` is empty then).

    The tokens are encrypted with the key `key_id`. A workspace of an organization in which the app is
    installed as a whole has none of its own. A token that expires was granted at `token_at`.
    """

    app: str
    enterprise: str = ""
    team: str = ""
    bot_user: str = ""
    bot_id: str = ""
    bot_name: str = ""
    url: str = ""
    scopes: str = ""
    """Granted scopes, separated by commas."""
    token: bytes = b""
    refresh_token: bytes = b""
    key_id: str = ""
    token_at: datetime
    expires_at: datetime | None = None
    installed_at: datetime
    state: InstallationState = "installed"

    @property
    def tenant(self) -> str:
        """The workspace, or the organization."""
        return self.team or self.enterprise

    @property
    def name(self) -> str:
        """Identity of the installation, as one text."""
        return f"{self.app}/{self.enterprise}/{self.team}"


_FIELDS = """
    app, enterprise, team, bot_user, bot_id, bot_name, url, scopes, token, refresh_token, key_id, token_at,
    expires_at, installed_at, state
"""
_INTO = f"""
    INTO installations (tenant, {_FIELDS})
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
"""
_SAVE = f"""
    INSERT {_INTO} ON CONFLICT (tenant, app, enterprise, team) DO UPDATE SET
        bot_user = excluded.bot_user, scopes = excluded.scopes, token = excluded.token,
        bot_id = coalesce(nullif(excluded.bot_id, ''), installations.bot_id),
        bot_name = coalesce(nullif(excluded.bot_name, ''), installations.bot_name),
        url = coalesce(nullif(excluded.url, ''), installations.url),
        refresh_token = excluded.refresh_token, key_id = excluded.key_id, token_at = excluded.token_at,
        expires_at = excluded.expires_at, installed_at = excluded.installed_at, state = excluded.state
"""
# A workspace that joined an organization since is another one to the primary key.
_SUPERSEDE = "DELETE FROM installations WHERE tenant = ?1 AND app = ?2 AND enterprise <> ?3"
_ADD = f"INSERT {_INTO} ON CONFLICT (tenant, app, enterprise, team) DO NOTHING"
_SELECT = f"SELECT {_FIELDS} FROM installations"  # noqa: S608  (our own column names)
_ONE = "tenant = ?1 AND app = ?2 AND enterprise = ?3 AND team = ?4"
_FIND = f"{_SELECT} WHERE {_ONE}"
_OF_TENANT = f"{_SELECT} WHERE tenant = ?1 ORDER BY installed_at DESC, app"
_WORKSPACES = f"{_SELECT} WHERE enterprise = ?1 AND team <> '' ORDER BY team, app"
_ALL = f"{_SELECT} ORDER BY app, enterprise, team"
_INSTALLED = """
    SELECT DISTINCT one.tenant FROM installations AS one
    LEFT JOIN installations AS whole ON whole.tenant = one.enterprise AND whole.app = one.app
        AND whole.enterprise = one.enterprise AND whole.team = ''
    WHERE one.team <> '' AND one.state = 'installed'
        AND (one.key_id <> '' OR whole.state = 'installed')
    ORDER BY one.tenant
"""
# Of a workspace with something due: an EXISTS would be answered by reading all installations.
WITH_APP = """
    coalesce((
        SELECT max(CASE WHEN one.state = 'installed' AND (one.key_id <> '' OR whole.state = 'installed')
            THEN 1 ELSE 0 END)
        FROM installations AS one
        LEFT JOIN installations AS whole ON whole.tenant = one.enterprise AND whole.app = one.app
            AND whole.enterprise = one.enterprise AND whole.team = ''
        WHERE one.tenant = there.tenant AND one.team <> ''
    ), 1) = 1
"""
"""Condition on `there.tenant`: all workspaces but those that installed the app and no longer have it."""
_HELD = f"{_ONE} AND token = ?5 AND refresh_token = ?6 AND installed_at = ?7"
_REPLACE = f"""
    UPDATE installations SET token = ?8, refresh_token = ?9, key_id = ?10, token_at = ?11, expires_at = ?12
    WHERE {_HELD}
"""  # noqa: S608  (our own conditions)
_DESCRIBE = f"UPDATE installations SET bot_id = ?8, bot_name = ?9, url = ?10 WHERE {_HELD}"  # noqa: S608
_CHANGE = f"UPDATE installations SET state = ?8 WHERE {_HELD}"  # noqa: S608
_KEYS = "SELECT key_id, count(*) FROM installations WHERE key_id <> '' GROUP BY key_id ORDER BY key_id"
_OTHERWISE = f"""
    {_SELECT} WHERE key_id <> '' AND key_id <> ?1 ORDER BY app, enterprise, team LIMIT ?2
"""
_USE = "INSERT INTO used_install_states (nonce, until) VALUES (?1, ?2) ON CONFLICT (nonce) DO NOTHING"
_FORGET = "DELETE FROM used_install_states WHERE until < ?1"


class Installations:
    """Installations in all workspaces; raises StoreUnavailable like every store.

    Each change of an existing record compares it with the one that was read: it returns False, without
    changes, if another process has changed the tokens or installed the app again.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def save(self, installed: InstallationRecord) -> None:
        """Record a new installation in place of an earlier one of the same workspace or organization.

        Empty details, such as the name of the bot, are kept from the earlier one.
        """
        with self._database.writing(installed.tenant) as connection:
            connection.execute(_SUPERSEDE, (installed.tenant, installed.app, installed.enterprise))
            connection.execute(_SAVE, _row(installed))

    def add_missing(self, workspace: InstallationRecord) -> bool:
        """Record a workspace of an organization, unless it has a record; return whether it was added."""
        return self._change(workspace.tenant, _ADD, _row(workspace))

    def find(self, name: str) -> InstallationRecord | None:
        """Return the installation with a name."""
        app, enterprise, team = name.split("/")
        found = self._all(_FIND, team or enterprise, app, enterprise, team)
        return found[0] if found else None

    def of_tenant(self, tenant: str) -> list[InstallationRecord]:
        """Return the records of a workspace, or of an organization as a whole, newest first.

        There are several if several apps share the database.
        """
        return self._all(_OF_TENANT, tenant)

    def workspaces_of(self, enterprise: str) -> list[InstallationRecord]:
        """Return the records of the workspaces of an organization, by ID."""
        return self._all(_WORKSPACES, enterprise)

    def all(self) -> list[InstallationRecord]:
        """Return every installation, by name."""
        return self._all(_ALL)

    def installed(self) -> list[str]:
        """Return the IDs of the workspaces in which the app is installed, sorted.

        A workspace without a token of its own counts only while its organization is installed.
        """
        with self._database.translated_faults():
            return [tenant for (tenant,) in self._database.current().execute(_INSTALLED).fetchall()]

    def replace_tokens(self, held: InstallationRecord, renewed: InstallationRecord) -> bool:
        """Replace the tokens of an installation, with their key and their times."""
        times = (format_timestamp(renewed.token_at), _moment(renewed.expires_at))
        tokens = (renewed.token, renewed.refresh_token, renewed.key_id)
        return self._change(held.tenant, _REPLACE, (*_held(held), *tokens, *times))

    def describe(self, held: InstallationRecord, described: InstallationRecord) -> bool:
        """Replace the details of an installation: the bot's ID and name, and the URL of the workspace."""
        details = (described.bot_id, described.bot_name, described.url)
        return self._change(held.tenant, _DESCRIBE, (*_held(held), *details))

    def change_state(self, held: InstallationRecord, state: InstallationState) -> bool:
        """Change the state of an installation."""
        return self._change(held.tenant, _CHANGE, (*_held(held), state))

    def keys(self) -> Mapping[str, int]:
        """Return how many installations are encrypted with each key."""
        with self._database.translated_faults():
            return dict(self._database.current().execute(_KEYS).fetchall())

    def encrypted_otherwise(self, key_id: str, limit: int) -> list[InstallationRecord]:
        """Return up to `limit` installations whose tokens are encrypted with another key."""
        return self._all(_OTHERWISE, key_id, limit)

    def use_once(self, nonce: str, *, until: datetime, now: datetime) -> bool:
        """Record the use of a one-time value; return False if any process has used it before.

        Values are remembered until their time; older ones are deleted.
        """
        with self._database.writing() as connection:
            connection.execute(_FORGET, (format_timestamp(now),))
            return connection.execute(_USE, (nonce, format_timestamp(until))).rowcount == 1

    def _all(self, sql: str, *values: object) -> list[InstallationRecord]:
        with self._database.translated_faults():
            return [_record(row) for row in self._database.current().execute(sql, values).fetchall()]

    def _change(self, tenant: str, sql: str, values: tuple[object, ...]) -> bool:
        with self._database.writing(tenant) as connection:
            return connection.execute(sql, values).rowcount == 1


def _row(one: InstallationRecord) -> tuple[object, ...]:
    return (
        one.tenant, one.app, one.enterprise, one.team,
        one.bot_user, one.bot_id, one.bot_name, one.url, one.scopes,
        one.token, one.refresh_token, one.key_id,
        format_timestamp(one.token_at), _moment(one.expires_at), format_timestamp(one.installed_at),
        one.state,
    )  # fmt: skip


def _held(one: InstallationRecord) -> tuple[object, ...]:
    whose = (one.tenant, one.app, one.enterprise, one.team)
    return (*whose, one.token, one.refresh_token, format_timestamp(one.installed_at))


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else format_timestamp(moment)


def _record(row: Any) -> InstallationRecord:
    (
        app, enterprise, team, bot_user, bot_id, bot_name, url, scopes,
        token, refresh_token, key_id, token_at, expires_at, installed_at, state,
    ) = row  # fmt: skip
    return InstallationRecord(
        app=app,
        enterprise=enterprise,
        team=team,
        bot_user=bot_user,
        bot_id=bot_id,
        bot_name=bot_name,
        url=url,
        scopes=scopes,
        token=bytes(token),
        refresh_token=bytes(refresh_token),
        key_id=key_id,
        token_at=parse_timestamp(token_at),
        expires_at=parse_timestamp(expires_at) if expires_at else None,
        installed_at=parse_timestamp(installed_at),
        state=state,
    )
