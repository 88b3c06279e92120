"""Gates that a team passes although they are open: which, why, and what was proposed to a second person."""

from datetime import datetime

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.threat import ThreatId


class GateReason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reason for passing an open gate."""

    gate: str
    reason: str


class GateOverride(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An open gate that was passed, why, and what it said then; older histories do not tell that."""

    gate: str
    reason: str = ""
    text: str = ""


class PassedGate(msgspec.Struct, frozen=True, kw_only=True):
    """An override that holds: the step that it led to, and who answers for it."""

    override: GateOverride
    step: str
    by: PersonId
    at: datetime


class ClosingProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A closing that waits for a second person, because `critical` threats would be left open.

    `asked` is the person whom the proposer asks to confirm it; any other participant may, too.
    """

    by: PersonId
    at: datetime
    reason: str = ""
    overrides: tuple[GateOverride, ...] = ()
    critical: tuple[ThreatId, ...] = ()
    asked: PersonId | None = None
