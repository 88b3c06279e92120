"""Personal access tokens of people whose agents read models and propose drafts."""

from datetime import datetime

import msgspec

from bot.store.sql.rows import WorkspaceRows
from bot.store.timestamps import format_timestamp, parse_timestamp
from domain.kernel.elements import PersonId


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """Token of a person: its public ID, and the SHA-256 of its text, which is stored nowhere.

    `scopes` are separated by spaces.
    """

    id: str
    person: PersonId
    digest: bytes
    scopes: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def active(self, now: datetime) -> bool:
        """Return whether it is accepted: neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


_SAVE = """
    INSERT INTO access_tokens (tenant, id, person, digest, scopes, created_at, expires_at, revoked_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
"""
_SELECT = """
    SELECT id, person, digest, scopes, created_at, expires_at, revoked_at FROM access_tokens WHERE tenant = ?1
"""
_FIND = f"{_SELECT} AND id = ?2"
_OF_PERSON = f"{_SELECT} AND person = ?2 ORDER BY created_at, id"
_REVOKE_ALL = "UPDATE access_tokens SET revoked_at = ?2 WHERE tenant = ?1 AND revoked_at = ''"
_REVOKE = f"{_REVOKE_ALL} AND id = ?3 AND person = ?4"
_FORGET_PERSON = "DELETE FROM access_tokens WHERE tenant = ?1 AND person = ?2"


class AccessTokens:
    """Tokens of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def save(self, token: AccessToken) -> None:
        """Store a new token."""
        times = (format_timestamp(token.created_at), format_timestamp(token.expires_at))
        revoked = format_timestamp(token.revoked_at) if token.revoked_at else ""
        self._rows.write(_SAVE, token.id, token.person, token.digest, token.scopes, *times, revoked)

    def find(self, id: str) -> AccessToken | None:
        """Return the token with an ID, also if it is no longer accepted."""
        row = self._rows.one(_FIND, id)
        return _token(row) if row else None

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """Return the tokens of a person, oldest first."""
        return [_token(row) for row in self._rows.all(_OF_PERSON, person)]

    def revoke(self, id: str, person: PersonId, at: datetime) -> bool:
        """Revoke a token of a person; return False if they have none with that ID that is not revoked."""
        return self._rows.write(_REVOKE, format_timestamp(at), id, person) == 1

    def revoke_all(self, at: datetime) -> int:
        """Revoke the tokens of everyone; return how many."""
        return self._rows.write(_REVOKE_ALL, format_timestamp(at))

    def forget_person(self, person: PersonId) -> int:
        """Delete the tokens of a person; return how many."""
        return self._rows.write(_FORGET_PERSON, person)


def _token(row: tuple[str, str, bytes, str, str, str, str]) -> AccessToken:
    id, person, digest, scopes, created, expires, revoked = row
    return AccessToken(
        id=id,
        person=PersonId(person),
        digest=bytes(digest),
        scopes=scopes,
        created_at=parse_timestamp(created),
        expires_at=parse_timestamp(expires),
        revoked_at=parse_timestamp(revoked) if revoked else None,
    )
