"""Installations of the Slack app: one for each workspace, or for an organization and its workspaces."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

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


class Installations(Protocol):
    """Installations in all workspaces; raises StoreUnavailable like every store.

    Each change of an existing record compares it with the one that was read: it returns False, without
    changes, if another process has changed the tokens or installed the app again.
    """

    def save(self, installed: InstallationRecord) -> None:
        """Record a new installation in place of an earlier one of the same workspace or organization.

        Empty details, such as the name of the bot, are kept from the earlier one.
        """
        ...

    def add_missing(self, workspace: InstallationRecord) -> bool:
        """Record a workspace of an organization, unless it has a record; return whether it was added."""
        ...

    def find(self, name: str) -> InstallationRecord | None:
        """Return the installation with a name."""
        ...

    def of_tenant(self, tenant: str) -> list[InstallationRecord]:
        """Return the records of a workspace, or of an organization as a whole, newest first.

        There are several if several apps share the database.
        """
        ...

    def workspaces_of(self, enterprise: str) -> list[InstallationRecord]:
        """Return the records of the workspaces of an organization, by ID."""
        ...

    def all(self) -> list[InstallationRecord]:
        """Return every installation, by name."""
        ...

    def installed(self) -> list[str]:
        """Return the IDs of the workspaces in which the app is installed, sorted.

        A workspace without a token of its own counts only while its organization is installed.
        """
        ...

    def replace_tokens(self, held: InstallationRecord, renewed: InstallationRecord) -> bool:
        """Replace the tokens of an installation, with their key and their times."""
        ...

    def describe(self, held: InstallationRecord, described: InstallationRecord) -> bool:
        """Replace the details of an installation: the bot's ID and name, and the URL of the workspace."""
        ...

    def change_state(self, held: InstallationRecord, state: InstallationState) -> bool:
        """Change the state of an installation."""
        ...

    def keys(self) -> Mapping[str, int]:
        """Return how many installations are encrypted with each key."""
        ...

    def encrypted_otherwise(self, key_id: str, limit: int) -> list[InstallationRecord]:
        """Return up to `limit` installations whose tokens are encrypted with another key."""
        ...

    def use_once(self, nonce: str, *, until: datetime, now: datetime) -> bool:
        """Record the use of a one-time value; return False if any process has used it before.

        Values are remembered until their time; older ones are deleted.
        """
        ...
