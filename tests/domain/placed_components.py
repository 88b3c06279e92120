"""Model of a guest, a house and a safe, placed or not, for tests of crossings, rules and warnings."""

from collections.abc import Sequence

from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddTrustLevel,
    AnswerQuestions,
    Command,
    PlaceComponents,
    Placement,
    Reply,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, ElementId, Exposure, PersonId, Rating
from domain.register import ThreatRegister, register
from domain.replay import replay
from domain.rules.conditions import AllOf, AnyAmong, AnyOf, Condition, FactHolds, Not, Structure, Truth
from tests.examples import ANA, at, decide_all, started

PROCESS, STORE, ENTITY = ComponentKind.PROCESS, ComponentKind.DATA_STORE, ComponentKind.EXTERNAL_ENTITY


def element_id(word: str) -> ElementId:
    return ElementId(word)


def place(component: str, sort: ComponentKind, level: str | None, boundary: str = "") -> Placement:
    return Placement(
        component=element_id(component),
        sort=sort,
        trust_level=element_id(level) if level else None,
        boundary=boundary,
    )


def placed_model(*placements: Placement) -> list[RecordedEvent]:
    """Guest, House and Safe; the key and papers flow on from one to the next, through the door first."""
    return decide_all(
        AddTrustLevel(by=ANA, at=at(1), name="Guests"),
        AddTrustLevel(by=ANA, at=at(1), name="Residents"),
        AddAsset(by=ANA, at=at(1), name="Key", confidentiality=Rating.HIGH),
        AddEntryPoint(by=ANA, at=at(1), name="Door", exposure=Exposure.INTERNET),
        AddComponent(by=ANA, at=at(1), name="Guest"),
        AddComponent(by=ANA, at=at(1), name="House"),
        AddComponent(by=ANA, at=at(1), name="Safe"),
        AddDataFlow(
            by=ANA,
            at=at(1),
            source=element_id("CO-1"),
            target=element_id("CO-2"),
            assets=(element_id("AS-1"),),
            entry_point=element_id("EP-1"),
        ),
        AddDataFlow(
            by=ANA,
            at=at(1),
            source=element_id("CO-2"),
            target=element_id("CO-3"),
            assets=(element_id("AS-1"),),
        ),
        PlaceComponents(by=ANA, at=at(2), placements=placements),
        after=[started()],
    )


HOME = (
    place("CO-1", ENTITY, "TL-1"),
    place("CO-2", PROCESS, "TL-2", "Locks"),
    place("CO-3", STORE, "TL-2", "Locks"),
)


def register_after(events: Sequence[RecordedEvent], *more: Command) -> ThreatRegister:
    return register(replay(decide_all(*more, after=events)))


def reply(element: str, fact: str, answer: Answer, *, by: PersonId = ANA) -> AnswerQuestions:
    return AnswerQuestions(
        by=by, at=at(3), replies=(Reply(element=element_id(element), fact=fact, answer=answer),)
    )


def answer_open_questions(
    events: Sequence[RecordedEvent], *, by: PersonId = ANA, but: str = ""
) -> list[RecordedEvent]:
    """Every open question answered so that nothing is found, except those about one fact."""
    all_said = list(events)
    while asked := [question for question in register(replay(all_said)).questions if question.fact != but]:
        all_said = decide_all(
            *(reply(one.element, one.fact, harmless_answer(one.fact), by=by) for one in asked), after=all_said
        )
    return all_said


def harmless_answer(fact: str) -> Answer:
    """Return the answer that leads to no finding: controls exist, risky conditions do not."""
    return Answer.NO if fact in _ABOUT else Answer.YES


def _facts(condition: Condition, elsewise: Truth) -> frozenset[str]:
    match condition:
        case FactHolds():
            return frozenset({condition.fact} if condition.if_not_applicable is elsewise else ())
        case Structure():
            return _facts(condition.question, elsewise) if condition.question else frozenset()
        case AllOf() | AnyOf():
            return frozenset[str]().union(*(_facts(part, elsewise) for part in condition.parts))
        case AnyAmong() | Not():
            return _facts(condition.part, elsewise)


_ABOUT = frozenset[str]().union(*(_facts(rule.applies, Truth.FALSE) for rule in BUILT_IN.rules)) - frozenset[
    str
]().union(*(_facts(rule.controlled, Truth.TRUE) for rule in BUILT_IN.rules))
