"""Calls of agents: who asked for what, and whether it was answered."""

from datetime import datetime

import msgspec

from bot.store.sql.rows import PersonalRecords, Table
from bot.store.timestamps import parse_timestamp
from domain.kernel.elements import PersonId


class AgentCall(msgspec.Struct, frozen=True, kw_only=True):
    """Call of a tool, a resource or a prompt.

    `token` is the ID of the caller's token, empty for the operator of the database. `model` is the key of
    the model, if one was named. `outcome` is `answered`, or the name of the refusal.
    """

    id: str
    token: str
    person: PersonId
    operation: str
    model: str
    at: datetime
    outcome: str = "answered"


CALLS = Table("agent_calls", AgentCall, "id")
_BEGIN = f"""
    INSERT INTO agent_calls (tenant, {CALLS.fields})
    SELECT :tenant, :id, :token, :person, :operation, :model, :at, :outcome
    WHERE (
        SELECT count(*) FROM agent_calls WHERE tenant = :tenant AND token = :token AND at > :since
    ) < :most
"""  # noqa: S608  (our own names)
_LAST = "SELECT max(at) FROM agent_calls WHERE tenant = :tenant AND token = :token"


class AgentCalls(PersonalRecords):
    """Calls in one workspace."""

    personal = CALLS

    def begin(self, call: AgentCall, *, most: int, since: datetime) -> bool:
        """Record a call; return False without a record if the token has made `most` since a moment.

        The calls of all replicas count.
        """
        # A record that a power failure takes along is no loss, and the caller need not wait for the disk.
        return self._rows.write(_BEGIN, **CALLS.row(call), most=most, since=since, durable=False) == 1

    def end(self, id: str, outcome: str) -> None:
        """Record the outcome of a call."""
        self._rows.update(CALLS, {"outcome": outcome}, id=id, durable=False)

    def of_token(self, token: str) -> list[AgentCall]:
        """Return the calls of a token, oldest first."""
        return self._rows.select(CALLS, "at, id", token=token)

    def last_call(self, token: str) -> datetime | None:
        """Return when a token was last used."""
        (at,) = self._rows.one(_LAST, token=token)
        return parse_timestamp(at) if at else None
