"""Random walks through the real decider: whatever people do in whatever order, the promises hold."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddExternalDependency,
    AddTrustBoundary,
    AddTrustLevel,
    AnswerQuestions,
    ArchiveThreatModel,
    BeginAnalysis,
    BeginRemediation,
    ChooseParticipants,
    CloseThreatModel,
    Command,
    CompleteRegister,
    DrawFlows,
    DrawnFlow,
    HandOver,
    NameElements,
    OrderTrustLevels,
    PlaceComponents,
    Placement,
    RecordAssumption,
    RemoveElement,
    ReopenRegister,
    ReopenThreatModel,
    Reply,
    ReturnToAnalysis,
    ReturnToCollection,
    ReviseAsset,
    ReviseAssumption,
    ReviseComponent,
    ReviseDataFlow,
    ReviseScope,
    ReviseTrustBoundary,
    ReviseTrustLevel,
    TakeOver,
    Undo,
    WithdrawAssumption,
)
from domain.decide import decide
from domain.elements import (
    REGISTERS,
    AssumptionId,
    ComponentKind,
    ElementId,
    Kind,
    Rating,
)
from domain.events import ElementAdded, Past, element_told
from domain.facts import FACTS, Answer
from domain.history import difference, timeline
from domain.lifecycle import LEAVES
from domain.model import EMPTY, ThreatModel, evolve, replay
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from tests.examples import ANA, BEN, CHI, at, started, told

FURNISHED = (
    NameElements(
        by=CHI, at=at(0), entry_points=("Door",), assets=("Key", "Purse"), trust_levels=("Low", "High")
    ),
    DrawFlows(
        by=CHI,
        at=at(0),
        flows=(
            DrawnFlow(source="Guest", target="House", assets=("Key",), entry_point="Door"),
            DrawnFlow(source="Garage", target="House", assets=("Purse",)),
        ),
    ),
    PlaceComponents(
        by=CHI,
        at=at(0),
        placements=(
            Placement(
                component=ElementId("CO-1"),
                sort=ComponentKind.EXTERNAL_ENTITY,
                trust_level=ElementId("TL-1"),
            ),
            Placement(
                component=ElementId("CO-2"),
                sort=ComponentKind.PROCESS,
                trust_level=ElementId("TL-2"),
                boundary="Locks",
            ),
        ),
    ),
)
"""A model with something of everything, so that most commands meet what they speak of."""

people = st.sampled_from([ANA, BEN, CHI])
names = st.sampled_from(
    ["Key", "key", "House", "Door", "Garage", "Résumé", " Key ", "<!channel>", "‮evil", ""]
)
reasons = st.sampled_from(["", "it is late"])
ratings = st.sampled_from([None, *Rating])
numbers = st.integers(1, 6)


def ids(prefix: str) -> st.SearchStrategy[ElementId]:
    return numbers.map(lambda number: ElementId(f"{prefix}-{number}"))


def maybe(prefix: str) -> st.SearchStrategy[ElementId | None]:
    return st.none() | ids(prefix)


def a(command: Callable[..., Command], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Command]:
    return st.builds(command, by=people, at=st.just(at(1)), **fields)


def many(of: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


any_element = st.sampled_from(["XD", "EP", "AS", "TL", "DF", "CO", "TB"]).flatmap(ids)
flows = st.builds(
    DrawnFlow, source=names, target=names, assets=many(names, 2), entry_point=st.sampled_from(["", "Door"])
)
placements = st.builds(
    Placement,
    component=ids("CO"),
    sort=st.sampled_from([None, *ComponentKind]),
    trust_level=maybe("TL"),
    boundary=st.sampled_from(["", "Locks", "Fence"]),
)
replies = st.builds(
    Reply,
    element=ids("DF") | ids("EP"),
    fact=st.sampled_from([*FACTS, "nonsense"]),
    answer=st.sampled_from(Answer),
)
flow = {"source": ids("CO"), "target": ids("CO"), "assets": many(ids("AS")), "entry_point": maybe("EP")}
place = {
    "name": names,
    "sort": st.sampled_from([None, *ComponentKind]),
    "trust_level": maybe("TL"),
    "boundary": maybe("TB"),
}

anything = st.one_of(
    a(NameElements, entry_points=many(names), assets=many(names), trust_levels=many(names)),
    a(DrawFlows, flows=many(flows)),
    a(PlaceComponents, placements=many(placements)),
    a(AddExternalDependency, name=names),
    a(AddEntryPoint, name=names, parent=maybe("EP"), component=maybe("CO")),
    a(AddAsset, name=names, confidentiality=ratings, stored_in=many(ids("CO"), 1)),
    a(AddTrustLevel, name=names, above=maybe("TL"), lowest=st.booleans()),
    a(AddDataFlow, **flow),
    a(AddComponent, **place),
    a(AddTrustBoundary, name=names, parent=maybe("TB")),
    a(ReviseAsset, element=ids("AS"), name=names, confidentiality=ratings),
    a(ReviseTrustLevel, element=ids("TL"), name=names),
    a(ReviseDataFlow, element=ids("DF"), **flow),
    a(ReviseComponent, element=ids("CO"), **place),
    a(ReviseTrustBoundary, element=ids("TB"), name=names, parent=maybe("TB")),
    a(OrderTrustLevels, order=st.permutations([ElementId(f"TL-{n}") for n in range(1, 4)]).map(tuple)),
    a(RemoveElement, element=any_element),
    a(AnswerQuestions, replies=many(replies)),
    a(CompleteRegister, register=st.sampled_from(Kind)),
    a(ReopenRegister, register=st.sampled_from(REGISTERS)),
    a(RecordAssumption, text=names),
    a(ReviseAssumption, assumption=numbers.map(lambda n: AssumptionId(f"AU-{n}")), text=names),
    a(WithdrawAssumption, assumption=numbers.map(lambda n: AssumptionId(f"AU-{n}"))),
    a(ReviseScope, name=names),
    a(ChooseParticipants, participants=many(people)),
    a(HandOver, facilitator=people),
    a(TakeOver),
    a(Undo),
    a(BeginAnalysis, reason=reasons),
    a(BeginRemediation, reason=reasons),
    a(ReturnToCollection),
    a(ReturnToAnalysis),
    a(CloseThreatModel, reason=reasons),
    a(ReopenThreatModel),
    a(ArchiveThreatModel),
)
walks = st.lists(anything, max_size=30)
beginnings = st.sampled_from(["empty", "furnished"])


@settings(max_examples=120, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
@given(beginnings, walks)
def test_whatever_people_do_the_promises_hold(beginning: str, walk: Sequence[Command]) -> None:
    events = _begun(beginning)
    model = replay(events)
    ever: set[ElementId] = set(model.elements)
    for command in walk:
        try:
            said = decide(command, model, lambda: tuple(events))
        except Rejected as refusal:
            _is_a_sentence(refusal)
            note(f"refused {command}: {refusal}")
            continue
        note(f"{command} -> {said}")
        first = len(events) + 1
        for event in said:
            assert event.answer == first
            assert event.by == command.by
            if isinstance(event, ElementAdded):
                assert element_told(event).id not in ever, "an id is never used again"
                ever.add(element_told(event).id)
            events.append(event)
            model = evolve(model, event)
        assert model.step in LEAVES
        _names_are_unique(register(model))
    assert replay(events) == model
    _every_prefix_replays(events)
    assert len(timeline(events)) == len(events)


@settings(max_examples=120, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
@given(beginnings, walks, anything, people)
def test_after_an_undo_the_register_is_the_one_before(
    beginning: str, walk: Sequence[Command], last: Command, who: Any
) -> None:
    events = _walked(beginning, walk)
    before = replay(events)
    last = replace(last, by=who)
    if isinstance(last, Undo):
        return
    try:
        answered = [*events, *decide(last, before, lambda: tuple(events))]
        if len(answered) == len(events):
            return
        undone = [
            *answered,
            *decide(Undo(by=who, at=at(2)), replay(answered), lambda: tuple(answered)),
        ]
    except Rejected:
        return
    undoing = undone[len(answered) :]
    if {getattr(event, "undoes", None) for event in undoing} != {len(events) + 1}:
        return  # the last answer was a move, which is never taken back: an earlier one was
    assert _said(register(replay(undone))) == _said(register(before))
    changes = difference(before, replay(undone))
    assert (changes.added, changes.revised, changes.removed) == ((), (), ())


def _begun(beginning: str) -> list[Past]:
    return [started()] if beginning == "empty" else told(*FURNISHED, after=[started()])


def _walked(beginning: str, walk: Sequence[Command]) -> list[Past]:
    events = _begun(beginning)
    model = replay(events)
    for command in walk:
        try:
            said = decide(command, model, lambda: tuple(events))
        except Rejected:
            continue
        events.extend(said)
        model = replay(said, model)
    return events


def _is_a_sentence(refusal: Rejected) -> None:
    assert refusal.sentence[0].isupper() or refusal.sentence[0] in "@“"
    assert refusal.sentence[-1] in ".?"


def _every_prefix_replays(events: Sequence[Past]) -> None:
    model: ThreatModel = EMPTY
    for end, event in enumerate(events, start=1):
        model = evolve(model, event)
        assert model.version == end
    half = len(events) // 2
    assert replay(events[half:], replay(events[:half])) == model


def _names_are_unique(seen: ThreatRegister) -> None:
    for kind in Kind:
        if kind is not Kind.DATA_FLOW:
            called = [item.name.casefold() for item in seen.items(kind)]
            assert len(called) == len(set(called))


def _said(seen: ThreatRegister) -> ThreatRegister:
    """All but what only history knows: the version, and that something was there in between."""
    return replace(seen, version=0, removed=())
