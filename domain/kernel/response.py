"""Responses to a threat: mitigate, accept, transfer or avoid."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from domain.kernel.elements import ElementId, PersonId, Rating
from domain.kernel.threat import ThreatId


class ResponseKind(StrEnum):
    """The four kinds of response."""

    MITIGATE = "mitigate"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    AVOID = "avoid"


class Response(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The response to a threat, with its author, time and reason.

    `owner` is responsible, until `due` for a transfer or avoidance; `transferred_to` names who carries the
    risk then. A risk is accepted until `expires`, once `approver` approved the proposal of `by`, who may have
    `asked` a person for it.
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


class SeenProposal(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A proposal to accept the risk of a threat, as a person saw it: the one that was made at a time."""

    threat: ThreatId
    proposed_at: datetime


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """The three ratings of an asset at one moment."""

    confidentiality: Rating | None = None
    integrity: Rating | None = None
    availability: Rating | None = None


class AcceptedRatings(msgspec.Struct, frozen=True, kw_only=True):
    """The ratings of a threat's assets when its risk was accepted."""

    threat: ThreatId
    assets: dict[ElementId, Ratings]
