"""A gateway with eight unencrypted flows, and five flows inside one boundary that climb in trust."""

from collections.abc import Iterable

from domain.commands import (
    AddEntryPoint,
    AnswerQuestions,
    Command,
    ConfirmSuggestedThreats,
    DecideGroup,
    DismissSuggestedThreats,
    DrawFlows,
    FlowByNames,
    NameElements,
    PlaceComponents,
    Placement,
    Reply,
    ReviseAsset,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, ElementId, PersonId, Rating
from domain.kernel.threat import SuggestedThreatId, ThreatId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.examples import ANA, BEN, at, decide_all, started

SERVICES = tuple(f"Service {number}" for number in range(1, 9))
TH1, TH2 = ThreatId("TH-1"), ThreatId("TH-2")
FLOWS = tuple(ElementId(f"DF-{number}") for number in range(1, 9))
PLAIN = tuple(SuggestedThreatId(f"I01@{flow}") for flow in FLOWS)
"""The suggested threats of the eight flows that are not encrypted."""
UNPROTECTED = tuple(SuggestedThreatId(f"T07@{flow}") for flow in FLOWS)
"""The suggested threats of the same flows without protection of their integrity."""


def answers(fact: str, elements: Iterable[ElementId], answer: Answer = Answer.NO) -> AnswerQuestions:
    """The same answer about several elements."""
    replies = tuple(Reply(element=element, fact=fact, answer=answer) for element in elements)
    return AnswerQuestions(by=ANA, at=at(20), replies=replies)


def gateway() -> list[RecordedEvent]:
    """Eight services that a gateway in another boundary calls."""
    return decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Anonymous", "Staff"), assets=("Orders",)),
        DrawFlows(
            by=ANA,
            at=at(2),
            flows=tuple(FlowByNames(source="Gateway", target=name, assets=("Orders",)) for name in SERVICES),
        ),
        ReviseAsset(
            by=ANA,
            at=at(3),
            element=ElementId("AS-1"),
            name="Orders",
            confidentiality=Rating.HIGH,
            integrity=Rating.HIGH,
        ),
        PlaceComponents(
            by=ANA,
            at=at(4),
            placements=(
                _placed(1, "TL-1", "Edge"),
                *(_placed(number, "TL-2", "Inside") for number in range(2, 10)),
            ),
        ),
        answers("software", [ElementId(f"CO-{number}") for number in range(1, 10)], Answer.YES),
        answers("encrypted", FLOWS),
        after=[started()],
    )


def climbing(count: int) -> list[RecordedEvent]:
    """Flows inside one boundary from a less trusted component to more trusted ones."""
    names = SERVICES[:count]
    return decide_all(
        NameElements(by=ANA, at=at(1), trust_levels=("Anonymous", "Staff")),
        AddEntryPoint(by=ANA, at=at(2), name="Door", lowest_trust_level=ElementId("TL-1")),
        DrawFlows(by=ANA, at=at(2), flows=tuple(FlowByNames(source="Guest", target=name) for name in names)),
        PlaceComponents(
            by=ANA,
            at=at(3),
            placements=(
                _placed(1, "TL-1", "Inside"),
                *(_placed(number, "TL-2", "Inside") for number in range(2, count + 2)),
            ),
        ),
        after=[started()],
    )


def _placed(number: int, level: str, boundary: str) -> Placement:
    return Placement(
        component=ElementId(f"CO-{number}"),
        sort=ComponentKind.PROCESS,
        trust_level=ElementId(level),
        boundary=boundary,
    )


def known(events: Iterable[RecordedEvent]) -> ThreatRegister:
    return register(replay(tuple(events)))


def confirm(
    *ids: SuggestedThreatId, by: PersonId = BEN, minute: int = 100, threat: ThreatId | None = None
) -> Command:
    return ConfirmSuggestedThreats(by=by, at=at(minute), suggested_threats=ids, threat=threat)


def dismiss(*ids: SuggestedThreatId, by: PersonId = BEN, minute: int = 100) -> Command:
    return DismissSuggestedThreats(by=by, at=at(minute), suggested_threats=ids, reason="The mesh encrypts it")


def decide_group(
    confirmed: Iterable[SuggestedThreatId] = (),
    dismissed: Iterable[SuggestedThreatId] = (),
    *,
    by: PersonId = BEN,
    minute: int = 100,
    threat: ThreatId | None = None,
    reason: str = "The mesh encrypts it",
) -> Command:
    return DecideGroup(
        by=by,
        at=at(minute),
        confirmed=tuple(confirmed),
        dismissed=tuple(dismissed),
        threat=threat,
        reason=reason,
    )
