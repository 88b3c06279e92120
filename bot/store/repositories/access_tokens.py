"""Personal access tokens of people whose agents read models and propose drafts."""

from datetime import datetime

import msgspec

from bot.store.sql.rows import PersonalRecords, Table
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


TOKENS = Table("access_tokens", AccessToken, "id")


class AccessTokens(PersonalRecords):
    """Tokens of one workspace."""

    personal = TOKENS

    def save(self, token: AccessToken) -> None:
        """Store a new token."""
        self._rows.insert(TOKENS, token)

    def find(self, id: str) -> AccessToken | None:
        """Return the token with an ID, also if it is no longer accepted."""
        return self._rows.find(TOKENS, id=id)

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """Return the tokens of a person, oldest first."""
        return self._rows.select(TOKENS, "created_at, id", person=person)

    def revoke(self, id: str, person: PersonId, at: datetime) -> bool:
        """Revoke a token of a person; return False if they have none with that ID that is not revoked."""
        return self._rows.update(TOKENS, {"revoked_at": at}, id=id, person=person, revoked_at=None) == 1

    def revoke_all(self, at: datetime) -> int:
        """Revoke the tokens of everyone; return how many."""
        return self._rows.update(TOKENS, {"revoked_at": at}, revoked_at=None)
