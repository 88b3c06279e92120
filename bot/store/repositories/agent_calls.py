"""Calls of agents: who asked for what, and whether it was answered."""

from datetime import datetime

import msgspec

from bot.store.sql.rows import WorkspaceRows
from bot.store.timestamps import format_timestamp, parse_timestamp
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


_BEGIN = """
    INSERT INTO agent_calls (tenant, id, token, person, operation, model, at, outcome)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
    WHERE (SELECT count(*) FROM agent_calls WHERE tenant = ?1 AND token = ?3 AND at > ?9) < ?10
"""
_END = "UPDATE agent_calls SET outcome = ?3 WHERE tenant = ?1 AND id = ?2"
_CALLS_OF = """
    SELECT id, token, person, operation, model, at, outcome FROM agent_calls
    WHERE tenant = ?1 AND token = ?2 ORDER BY at, id
"""
_LAST = "SELECT max(at) FROM agent_calls WHERE tenant = ?1 AND token = ?2"
_FORGET_PERSON = "DELETE FROM agent_calls WHERE tenant = ?1 AND person = ?2"


class AgentCalls:
    """Calls in one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def begin(self, call: AgentCall, *, most: int, since: datetime) -> bool:
        """Record a call; return False without a record if the token has made `most` since a moment.

        The calls of all replicas count.
        """
        row = (call.id, call.token, call.person, call.operation, call.model)
        # A record that a power failure takes along is no loss, and the caller need not wait for the disk.
        recorded = (*row, format_timestamp(call.at), call.outcome)
        return self._rows.write(_BEGIN, *recorded, format_timestamp(since), most, durable=False) == 1

    def end(self, id: str, outcome: str) -> None:
        """Record the outcome of a call."""
        self._rows.write(_END, id, outcome, durable=False)

    def of_token(self, token: str) -> list[AgentCall]:
        """Return the calls of a token, oldest first."""
        return [_call(row) for row in self._rows.all(_CALLS_OF, token)]

    def last_call(self, token: str) -> datetime | None:
        """Return when a token was last used."""
        row = self._rows.one(_LAST, token)
        return parse_timestamp(row[0]) if row[0] else None

    def forget_person(self, person: PersonId) -> int:
        """Delete the calls of a person; return how many."""
        return self._rows.write(_FORGET_PERSON, person)


def _call(row: tuple[str, str, str, str, str, str, str]) -> AgentCall:
    id, token, person, operation, model, at, outcome = row
    return AgentCall(
        id=id,
        token=token,
        person=PersonId(person),
        operation=operation,
        model=model,
        at=parse_timestamp(at),
        outcome=outcome,
    )
