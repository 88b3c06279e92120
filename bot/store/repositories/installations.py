"""Installations of the Slack app: one for each workspace, or for an organization and its workspaces."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from bot.store.sql.database import SqlDatabase
from bot.store.sql.rows import Table, WorkspaceRows
from bot.store.timestamps import format_timestamp

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


INSTALLATIONS = Table("installations", InstallationRecord, "app, enterprise, team")
# A workspace that joined an organization since is another one to the primary key.
_SUPERSEDE = "DELETE FROM installations WHERE tenant = :tenant AND app = :app AND enterprise <> :enterprise"
_SELECT = f"SELECT {INSTALLATIONS.fields} FROM installations"  # noqa: S608  (our own column names)
_WORKSPACES = f"{_SELECT} WHERE enterprise = :enterprise AND team <> '' ORDER BY team, app"
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
_KEYS = "SELECT key_id, count(*) FROM installations WHERE key_id <> '' GROUP BY key_id ORDER BY key_id"
_USE = "INSERT INTO used_install_states (nonce, until) VALUES (:nonce, :until) ON CONFLICT (nonce) DO NOTHING"
_FORGET = "DELETE FROM used_install_states WHERE until < :now"


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
        rows = self._rows(installed)
        with rows.together():
            if (earlier := rows.find(INSTALLATIONS, **_name(installed))) is not None:
                installed = replace(
                    installed,
                    bot_id=installed.bot_id or earlier.bot_id,
                    bot_name=installed.bot_name or earlier.bot_name,
                    url=installed.url or earlier.url,
                )
            rows.write(_SUPERSEDE, app=installed.app, enterprise=installed.enterprise)
            rows.put(INSTALLATIONS, installed)

    def add_missing(self, workspace: InstallationRecord) -> bool:
        """Record a workspace of an organization, unless it has a record; return whether it was added."""
        return self._rows(workspace).add_missing(INSTALLATIONS, workspace)

    def find(self, name: str) -> InstallationRecord | None:
        """Return the installation with a name."""
        app, enterprise, team = name.split("/")
        rows = WorkspaceRows(self._database, team or enterprise)
        return rows.find(INSTALLATIONS, app=app, enterprise=enterprise, team=team)

    def of_tenant(self, tenant: str) -> list[InstallationRecord]:
        """Return the records of a workspace, or of an organization as a whole, newest first.

        There are several if several apps share the database.
        """
        return WorkspaceRows(self._database, tenant).select(INSTALLATIONS, "installed_at DESC, app")

    def workspaces_of(self, enterprise: str) -> list[InstallationRecord]:
        """Return the records of the workspaces of an organization, by ID."""
        return [INSTALLATIONS.decoded(row) for row in self._database.all(_WORKSPACES, enterprise=enterprise)]

    def all(self) -> list[InstallationRecord]:
        """Return every installation, by name."""
        return [INSTALLATIONS.decoded(row) for row in self._database.all(_ALL)]

    def installed(self) -> list[str]:
        """Return the IDs of the workspaces in which the app is installed, sorted.

        A workspace without a token of its own counts only while its organization is installed.
        """
        return [tenant for (tenant,) in self._database.all(_INSTALLED)]

    def replace_tokens(self, held: InstallationRecord, renewed: InstallationRecord) -> bool:
        """Replace the tokens of an installation, with their key and their times."""
        return self._change(held, renewed, "token", "refresh_token", "key_id", "token_at", "expires_at")

    def describe(self, held: InstallationRecord, described: InstallationRecord) -> bool:
        """Replace the details of an installation: the bot's ID and name, and the URL of the workspace."""
        return self._change(held, described, "bot_id", "bot_name", "url")

    def change_state(self, held: InstallationRecord, state: InstallationState) -> bool:
        """Change the state of an installation."""
        return self._change(held, replace(held, state=state), "state")

    def keys(self) -> Mapping[str, int]:
        """Return how many installations are encrypted with each key."""
        return dict(self._database.all(_KEYS))

    def use_once(self, nonce: str, *, until: datetime, now: datetime) -> bool:
        """Record the use of a one-time value; return False if any process has used it before.

        Values are remembered until their time; older ones are deleted.
        """
        with self._database.writing() as connection:
            connection.execute(_FORGET, {"now": format_timestamp(now)})
            used = connection.execute(_USE, {"nonce": nonce, "until": format_timestamp(until)})
            return used.rowcount == 1

    def _rows(self, installed: InstallationRecord) -> WorkspaceRows:
        return WorkspaceRows(self._database, installed.tenant)

    def _change(self, held: InstallationRecord, changed: InstallationRecord, *columns: str) -> bool:
        same = {name: getattr(held, name) for name in ("token", "refresh_token", "installed_at")}
        changes = {name: getattr(changed, name) for name in columns}
        return self._rows(held).update(INSTALLATIONS, changes, **_name(held), **same) == 1


def _name(one: InstallationRecord) -> dict[str, Any]:
    return {"app": one.app, "enterprise": one.enterprise, "team": one.team}
