"""Personal access tokens of people whose agents read models and propose drafts."""

from datetime import datetime
from typing import Protocol

import msgspec

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


class AccessTokens(Protocol):
    """Tokens of one workspace; raises StoreUnavailable like every store."""

    def save(self, token: AccessToken) -> None:
        """Store a new token."""
        ...

    def find(self, id: str) -> AccessToken | None:
        """Return the token with an ID, also if it is no longer accepted."""
        ...

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """Return the tokens of a person, oldest first."""
        ...

    def revoke(self, id: str, person: PersonId, at: datetime) -> bool:
        """Revoke a token of a person; return False if they have none with that ID that is not revoked."""
        ...

    def revoke_all(self, at: datetime) -> int:
        """Revoke the tokens of everyone; return how many."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the tokens of a person; return how many."""
        ...
