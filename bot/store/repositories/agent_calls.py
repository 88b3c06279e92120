"""Calls of agents: who asked for what, and whether it was answered."""

from datetime import datetime
from typing import Protocol

import msgspec

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


class AgentCalls(Protocol):
    """Calls in one workspace; raises StoreUnavailable like every store."""

    def begin(self, call: AgentCall, *, most: int, since: datetime) -> bool:
        """Record a call; return False without a record if the token has made `most` since a moment.

        The calls of all replicas count.
        """
        ...

    def end(self, id: str, outcome: str) -> None:
        """Record the outcome of a call."""
        ...

    def of_token(self, token: str) -> list[AgentCall]:
        """Return the calls of a token, oldest first."""
        ...

    def last_call(self, token: str) -> datetime | None:
        """Return when a token was last used."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the calls of a person; return how many."""
        ...
