"""Personal access tokens in memory."""

from datetime import datetime

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.access_tokens import AccessToken
from domain.kernel.elements import PersonId


class MemoryAccessTokens:
    """Tokens in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._tokens = Table(database, tenant, "access tokens", AccessToken)

    def save(self, token: AccessToken) -> None:
        """Store a new token."""
        self._tokens.add(token, token.id)

    def find(self, id: str) -> AccessToken | None:
        """Return the token with an ID, also if it is no longer accepted."""
        return self._tokens.get(id)

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """Return the tokens of a person, oldest first."""
        found = [one for one in self._tokens.all() if one.person == person]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def revoke(self, id: str, person: PersonId, at: datetime) -> bool:
        """Revoke a token of a person; return False if they have none with that ID that is not revoked."""
        with self._database.writing():
            held = self._tokens.get(id)
            if held is None or held.person != person or held.revoked_at is not None:
                return False
            self._tokens.put(replace(held, revoked_at=at), id)
            return True

    def revoke_all(self, at: datetime) -> int:
        """Revoke the tokens of everyone; return how many."""
        with self._database.writing():
            return sum(self.revoke(one.id, one.person, at) for one in self._tokens.all())

    def forget_person(self, person: PersonId) -> int:
        """Delete the tokens of a person; return how many."""
        with self._database.writing():
            return sum(self._tokens.delete(one.id) for one in self.of_person(person))

    def forget_expired_before(self, moment: datetime) -> None:
        """Delete the tokens that expired before a moment."""
        with self._database.writing():
            for one in self._tokens.all():
                if one.expires_at < moment:
                    self._tokens.delete(one.id)
