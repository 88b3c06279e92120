"""One mitigation of four threats at four components: Chi owns the shop, Dee billing, Ben the archive."""

from domain.commands import AddComponent, BeginAnalysis, BeginRemediation, PlanMitigation, ReportThreat
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.mitigation import MitigationLink
from domain.kernel.threat import PlaceId, Stride, ThreatId
from tests.domain.remediation_story import FRIDAY
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, reasons_for_conditions, started

OWNERS: dict[str, PersonId | None] = {"Web shop": CHI, "Billing": DEE, "Search": None, "Archive": BEN}
FOUR = tuple(ThreatId(f"TH-{number}") for number in range(1, 5))
LINKS = tuple(
    MitigationLink(threat=threat, place=PlaceId(f"CO-{number}"))
    for number, threat in enumerate(FOUR, start=1)
)

PLACED = decide_all(
    *(
        AddComponent(by=ANA, at=at(1), name=name, owner=owner, technology="Web server")
        for name, owner in OWNERS.items()
    ),
    *(
        ReportThreat(
            by=ANA,
            at=at(2),
            title="No rate limit",
            stride=(Stride.DENIAL_OF_SERVICE,),
            element=ElementId(f"CO-{number}"),
        )
        for number in range(1, 5)
    ),
    BeginAnalysis(by=ANA, at=at(4), reason="a short story"),
    BeginRemediation(by=ANA, at=at(5), reasons=reasons_for_conditions()),
    after=[started()],
)
FOUR_PLACES = PlanMitigation(
    by=BEN, at=at(10), threat=FOUR[0], also=FOUR[1:], title="Limit requests", owner=CHI, due=FRIDAY
)
