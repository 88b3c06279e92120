"""What a team decides to do about a threat: mitigate it, accept it, transfer it or avoid it."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId


class ResponseKind(StrEnum):
    """The four things that can be done about a threat."""

    MITIGATE = "mitigate"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    AVOID = "avoid"

    @property
    def words(self) -> str:
        """The response as a sentence says it after *to*."""
        return "accept the risk of" if self is ResponseKind.ACCEPT else self.value


class Response(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """What is done about a threat, who said so when, and why.

    `owner` sees to it, until `due` where something is transferred or avoided; `transferred_to` names who
    bears it then. A risk is accepted until `expires`, once `approver` has agreed to what `by` proposed, who
    may have `asked` somebody to do so.
    """

    threat: ThreatId
    kind: ResponseKind
    by: PersonId
    at: datetime
    owner: PersonId
    reason: str = ""
    due: date | None = None
    transferred_to: str = ""
    expires: date | None = None
    asked: PersonId | None = None
    approver: PersonId | None = None
    approved_at: datetime | None = None
