"""Calls of agents in memory."""

from datetime import datetime

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.agent_calls import AgentCall
from domain.kernel.elements import PersonId


class MemoryAgentCalls:
    """Calls in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._calls = Table(database, tenant, "agent calls", AgentCall)

    def begin(self, call: AgentCall, *, most: int, since: datetime) -> bool:
        """Record a call; return False without a record if the token has made `most` since a moment."""
        with self._database.writing():
            if sum(one.at > since for one in self.of_token(call.token)) >= most:
                return False
            self._calls.put(call, call.id)
            return True

    def end(self, id: str, outcome: str) -> None:
        """Record the outcome of a call."""
        with self._database.writing():
            if (begun := self._calls.get(id)) is not None:
                self._calls.put(replace(begun, outcome=outcome), id)

    def of_token(self, token: str) -> list[AgentCall]:
        """Return the calls of a token, oldest first."""
        found = [one for one in self._calls.all() if one.token == token]
        return sorted(found, key=lambda one: (one.at, one.id))

    def last_call(self, token: str) -> datetime | None:
        """Return when a token was last used."""
        return max((one.at for one in self.of_token(token)), default=None)

    def forget_person(self, person: PersonId) -> int:
        """Delete the calls of a person; return how many."""
        with self._database.writing():
            theirs = [one for one in self._calls.all() if one.person == person]
            return sum(self._calls.delete(one.id) for one in theirs)

    def forget_before(self, moment: datetime) -> None:
        """Delete the calls that are older than a moment."""
        with self._database.writing():
            for one in self._calls.all():
                if one.at < moment:
                    self._calls.delete(one.id)
