"""A model in remediation: three threats, and short ways to speak of them."""

from datetime import date

from domain.commands import (
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    ImplementMitigation,
    PlanMitigation,
    ReportThreat,
    StartMitigation,
    VerifyMitigation,
)
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from tests.examples import ANA, BEN, CHI, at, decide_all, reasons_for_gates, started

TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
MI1, MI2 = MitigationId("MI-1"), MitigationId("MI-2")
FRIDAY, SPRING = date(2026, 3, 6), date(2026, 5, 29)

THREATS = decide_all(
    ReportThreat(by=ANA, at=at(1), title="A plumber who is none", stride=(Stride.SPOOFING,)),
    ReportThreat(by=BEN, at=at(2), title="Curtains left open", stride=(Stride.INFORMATION_DISCLOSURE,)),
    ReportThreat(by=CHI, at=at(3), title="Glue in the lock", stride=(Stride.DENIAL_OF_SERVICE,)),
    BeginAnalysis(by=ANA, at=at(4), reason="a short story"),
    BeginRemediation(by=ANA, at=at(5), reasons=reasons_for_gates()),
    after=[started()],
)
"""Ana is the facilitator, everybody takes part; nothing has been decided."""


def respond(
    threat: ThreatId, kind: ResponseKind = ResponseKind.MITIGATE, *, by: PersonId = BEN, minute: int = 10
) -> ChooseResponse:
    return ChooseResponse(
        by=by,
        at=at(minute),
        threat=threat,
        response=kind,
        reason="It is so",
        transferred_to="Insurance company",
    )


def plan(
    threat: ThreatId = TH1, *, by: PersonId = BEN, owner: PersonId | None = CHI, minute: int = 10
) -> PlanMitigation:
    return PlanMitigation(
        by=by, at=at(minute), threat=threat, title="Ask for a badge", owner=owner, due=FRIDAY
    )


def start(*, by: PersonId = CHI, minute: int = 20) -> StartMitigation:
    return StartMitigation(by=by, at=at(minute), mitigation=MI1)


def implement(*, by: PersonId = CHI, minute: int = 30) -> ImplementMitigation:
    return ImplementMitigation(by=by, at=at(minute), mitigation=MI1, evidence="A sign at the door")


def verify(*, by: PersonId = BEN, minute: int = 40) -> VerifyMitigation:
    return VerifyMitigation(by=by, at=at(minute), mitigation=MI1)
