"""Callers: the operator of the database, or the holder of an access token."""

import msgspec

from bot.commands.personal_tokens import Scope
from domain.kernel.elements import SYSTEM, PersonId


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Caller in a workspace; `token` is the ID of the access token, empty for the operator."""

    tenant: str
    person: PersonId
    token: str
    scopes: frozenset[Scope]

    @property
    def is_operator(self) -> bool:
        """Return whether the caller has the database itself, and thus sees every model of the workspace."""
        return not self.token


def operator_of(tenant: str) -> Caller:
    """Return the operator of the database as a caller in one of its workspaces."""
    return Caller(tenant=tenant, person=SYSTEM, token="", scopes=frozenset(Scope))
