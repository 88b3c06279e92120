"""What is seen in a collection: crossings, questions, candidates, warnings, gates, what is next."""

from collections.abc import Sequence

import pytest

from domain.commands import (
    AddAsset,
    AddComponent,
    AddDataFlow,
    AddEntryPoint,
    AddTrustBoundary,
    AddTrustLevel,
    AnswerQuestions,
    Command,
    PlaceComponents,
    Placement,
    RemoveElement,
    Reply,
    ReviseAsset,
)
from domain.crossings import crossings
from domain.elements import ComponentKind, ElementId, Exposure, Kind, Rating
from domain.events import ElementRemoved, Past
from domain.facts import FACTS, Answer
from domain.model import replay
from domain.next_action import Act
from domain.register import ThreatRegister, register
from domain.rules import RULES
from domain.rules.conditions import facts_of
from tests.examples import ANA, at, house, id_called, started, told

PROCESS, STORE, ENTITY = ComponentKind.PROCESS, ComponentKind.DATA_STORE, ComponentKind.EXTERNAL_ENTITY


def e(word: str) -> ElementId:
    return ElementId(word)


def place(component: str, sort: ComponentKind, level: str | None, boundary: str = "") -> Placement:
    return Placement(
        component=e(component), sort=sort, trust_level=e(level) if level else None, boundary=boundary
    )


def placed(*placements: Placement) -> list[Past]:
    """Guest, House and Safe; the key and papers flow on from one to the next, through the door first."""
    return told(
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
            source=e("CO-1"),
            target=e("CO-2"),
            assets=(e("AS-1"),),
            entry_point=e("EP-1"),
        ),
        AddDataFlow(by=ANA, at=at(1), source=e("CO-2"), target=e("CO-3"), assets=(e("AS-1"),)),
        PlaceComponents(by=ANA, at=at(2), placements=placements),
        after=[started()],
    )


HOME = (
    place("CO-1", ENTITY, "TL-1"),
    place("CO-2", PROCESS, "TL-2", "Locks"),
    place("CO-3", STORE, "TL-2", "Locks"),
)


def seen(events: Sequence[Past], *more: Command) -> ThreatRegister:
    return register(replay(told(*more, after=events)))


def reply(element: str, fact: str, answer: Answer) -> AnswerQuestions:
    return AnswerQuestions(by=ANA, at=at(3), replies=(Reply(element=e(element), fact=fact, answer=answer),))


# crossings


def test_a_flow_crosses_when_its_ends_differ_in_boundary_or_in_trust_level() -> None:
    found = crossings(replay(placed(*HOME)))
    assert list(found) == ["DF-1"]
    assert (found[e("DF-1")].boundaries, found[e("DF-1")].climb) == (("TB-1",), 1)
    only_levels = crossings(replay(placed(place("CO-1", ENTITY, "TL-1", "Locks"), HOME[1])))
    assert (only_levels[e("DF-1")].boundaries, only_levels[e("DF-1")].levels_differ) == ((), True)
    only_boundaries = crossings(replay(placed(place("CO-1", ENTITY, "TL-2"), HOME[1])))
    assert (only_boundaries[e("DF-1")].boundaries, only_boundaries[e("DF-1")].levels_differ) == (
        ("TB-1",),
        False,
    )


def test_nested_boundaries_are_passed_one_by_one_from_the_inside_out_and_in_again() -> None:
    events = told(
        AddTrustBoundary(by=ANA, at=at(1), name="Fence"),
        AddTrustBoundary(by=ANA, at=at(1), name="Shed", parent=e("TB-1")),
        AddTrustBoundary(by=ANA, at=at(1), name="Walls", parent=e("TB-1")),
        AddComponent(by=ANA, at=at(1), name="Bike", boundary=e("TB-2")),
        AddComponent(by=ANA, at=at(1), name="Hall", boundary=e("TB-3")),
        AddDataFlow(by=ANA, at=at(1), source=e("CO-1"), target=e("CO-2")),
        after=[started()],
    )
    assert crossings(replay(events))[e("DF-1")].boundaries == ("TB-2", "TB-3")


def test_what_is_not_placed_does_not_cross() -> None:
    assert not crossings(replay(placed()))


# rules, questions, candidates


def test_nothing_answered_gives_no_candidate_but_questions() -> None:
    found = seen(placed(*HOME))
    assert found.candidates == ()
    assert [(one.element, one.fact, one.rules) for one in found.questions] == [
        ("EP-1", "caller_authenticated", ("S01",)),
        ("DF-1", "encrypted", ("I01",)),
    ]
    assert all(one.why for one in found.questions)


def test_nothing_placed_asks_nothing() -> None:
    assert seen(placed()).questions == ()


@pytest.mark.parametrize(
    ("rule", "answered", "candidates", "questions"),
    [
        ("S01", reply("EP-1", "caller_authenticated", Answer.NO), ["S01@DF-1"], ["encrypted"]),
        ("S01", reply("EP-1", "caller_authenticated", Answer.YES), [], ["encrypted"]),
        ("S01", reply("EP-1", "caller_authenticated", Answer.NOT_APPLICABLE), [], ["encrypted"]),
        (
            "S01",
            reply("EP-1", "caller_authenticated", Answer.UNKNOWN),
            [],
            ["caller_authenticated", "encrypted"],
        ),
        ("I01", reply("DF-1", "encrypted", Answer.NO), ["I01@DF-1"], ["caller_authenticated"]),
        ("I01", reply("DF-1", "encrypted", Answer.YES), [], ["caller_authenticated"]),
        ("I01", reply("DF-1", "encrypted", Answer.UNKNOWN), [], ["caller_authenticated", "encrypted"]),
    ],
)
def test_no_fires_yes_spares_and_unknown_goes_on_asking(
    rule: str, answered: AnswerQuestions, candidates: list[str], questions: list[str]
) -> None:
    found = seen(placed(*HOME), answered)
    assert [one.id for one in found.candidates] == candidates, rule
    assert [one.fact for one in found.questions] == questions
    if answered.replies[0].answer is Answer.UNKNOWN:
        assert any(one.said_unknown for one in found.questions)


def test_a_flow_of_little_confidentiality_is_not_asked_about() -> None:
    low = ReviseAsset(by=ANA, at=at(3), element=e("AS-1"), name="Key", confidentiality=Rating.LOW)
    assert "encrypted" not in [one.fact for one in seen(placed(*HOME), low).questions]
    unrated = ReviseAsset(by=ANA, at=at(3), element=e("AS-1"), name="Key")
    assert "encrypted" not in [one.fact for one in seen(placed(*HOME), unrated).questions]


def test_two_trust_levels_in_one_boundary_are_found() -> None:
    found = seen(placed(HOME[0], HOME[1], place("CO-3", STORE, "TL-1", "Locks")))
    assert [one.id for one in found.candidates] == ["X02@DF-2"]
    assert found.candidates[0].rule.cwe == (653,)


def test_a_boundary_between_or_the_same_level_or_no_boundaries_at_all_spare_it() -> None:
    for third in (place("CO-3", STORE, "TL-1", "Safe door"), HOME[2]):
        assert seen(placed(HOME[0], HOME[1], third)).candidates == ()
    without = placed(place("CO-2", PROCESS, "TL-2"), place("CO-3", STORE, "TL-1"))
    assert seen(without).candidates == ()


def test_in_the_house_the_missing_boundary_between_garage_and_house_is_found() -> None:
    model = replay(house())
    found = register(model)
    missing = [one for one in found.candidates if one.rule.id == "X02"]
    assert [one.element_name for one in missing] == ["Garage → House: Valuables"]


def test_a_rule_is_complete_and_its_facts_are_declared() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        texts = (rule.title, rule.question, rule.why, rule.false_alarm, *(one.text for one in rule.controls))
        assert all(texts), rule.id
        assert rule.controls, rule.id
        assert rule.cwe, rule.id
        assert facts_of(rule.applies) | facts_of(rule.controlled) <= set(FACTS), rule.id


def test_no_fact_is_declared_that_no_rule_needs() -> None:
    needed = {fact for rule in RULES for fact in facts_of(rule.applies) | facts_of(rule.controlled)}
    assert set(FACTS) == needed


# warnings


@pytest.mark.parametrize(
    ("warning", "more"),
    [
        ("in_no_flow@CO-4", [AddComponent(by=ANA, at=at(3), name="Shed")]),
        (
            "carries_nothing@DF-3",
            [AddDataFlow(by=ANA, at=at(3), source=e("CO-2"), target=e("CO-1"))],
        ),
        ("neither_stored_nor_moved@AS-2", [AddAsset(by=ANA, at=at(3), name="Purse")]),
        ("level_undefined@CO-4", [AddComponent(by=ANA, at=at(3), name="Shed")]),
        ("level_unused@TL-3", [AddTrustLevel(by=ANA, at=at(3), name="Nobody")]),
        ("boundary_uncrossed@TB-2", [AddTrustBoundary(by=ANA, at=at(3), name="Fence")]),
        ("entry_point_unpassed@EP-2", [AddEntryPoint(by=ANA, at=at(3), name="Window")]),
        ("store_never_read@CO-3", []),
        (
            "process_without_output@CO-4",
            [
                AddComponent(by=ANA, at=at(3), name="Oven", sort=PROCESS),
                AddDataFlow(by=ANA, at=at(3), source=e("CO-2"), target=e("CO-4")),
            ],
        ),
        (
            "flows_alike@DF-3",
            [
                AddDataFlow(
                    by=ANA,
                    at=at(3),
                    name="Again",
                    source=e("CO-2"),
                    target=e("CO-3"),
                    assets=(e("AS-1"),),
                )
            ],
        ),
        ("many_unknown", [reply("EP-1", "caller_authenticated", Answer.UNKNOWN)]),
    ],
)
def test_a_warning_says_what_does_not_fit(warning: str, more: list[Command]) -> None:
    events = placed(*HOME)
    if more:
        assert warning not in [one.id for one in seen(events).warnings]
    found = {one.id: one for one in seen(events, *more).warnings}
    assert warning in found, list(found)
    assert found[warning].text.endswith(".") or warning == "many_unknown"


def test_before_a_first_flow_there_is_nothing_to_warn_of() -> None:
    named = told(
        AddAsset(by=ANA, at=at(1), name="Key"),
        AddEntryPoint(by=ANA, at=at(1), name="Door"),
        AddTrustLevel(by=ANA, at=at(1), name="Guests"),
        AddComponent(by=ANA, at=at(1), name="House"),
        after=[started()],
    )
    assert seen(named).warnings == ()


def test_a_store_that_is_only_read_is_never_written() -> None:
    events = told(
        AddComponent(by=ANA, at=at(1), name="Ledger", sort=STORE),
        AddComponent(by=ANA, at=at(1), name="Reader", sort=PROCESS),
        AddDataFlow(by=ANA, at=at(1), source=e("CO-1"), target=e("CO-2")),
        after=[started()],
    )
    assert "store_never_written@CO-1" in [one.id for one in seen(events).warnings]


def test_strangers_from_the_internet_need_a_level() -> None:
    events = told(
        AddEntryPoint(by=ANA, at=at(1), name="Web page", exposure=Exposure.INTERNET),
        AddTrustLevel(by=ANA, at=at(1), name="Everybody"),
        after=[started()],
    )
    assert "X03@EP-1" in [one.id for one in seen(events).warnings]
    assert "X03@EP-1" not in [
        one.id for one in seen(events, AddTrustLevel(by=ANA, at=at(2), name="Us")).warnings
    ]


def test_an_old_history_may_name_what_is_removed_and_is_shown_so() -> None:
    events = [
        *placed(*HOME),
        ElementRemoved(by=ANA, at=at(5), answer=17, element=e("AS-1")),
    ]
    assert "names_removed@DF-1" in [one.id for one in register(replay(events)).warnings]


# the register as a whole


def test_what_is_next_follows_the_work() -> None:
    def following(events: Sequence[Past]) -> Act:
        return register(replay(events)).next.act

    assert following([started()]) is Act.NAME
    assert following(told(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])) is Act.DRAW
    assert following(placed()) is Act.PLACE
    assert following(placed(*HOME)) is Act.ANSWER
    answered = told(
        reply("EP-1", "caller_authenticated", Answer.YES),
        reply("DF-1", "encrypted", Answer.YES),
        after=placed(*HOME),
    )
    ready = register(replay(answered)).next
    assert (ready.act, ready.waits_for) == (Act.BEGIN_ANALYSIS, ANA)


def test_the_house_has_its_five_registers() -> None:
    found = register(replay(house()))
    assert {kind: len(found.items(kind)) for kind in Kind} == {
        Kind.EXTERNAL_DEPENDENCY: 3,
        Kind.ENTRY_POINT: 3,
        Kind.ASSET: 4,
        Kind.TRUST_LEVEL: 4,
        Kind.DATA_FLOW: 5,
        Kind.COMPONENT: 5,
        Kind.TRUST_BOUNDARY: 1,
    }
    assert [item.name for item in found.items(Kind.TRUST_LEVEL)] == [
        "Passers-by",
        "Visitors",
        "Guests",
        "Residents",
    ]
    assert found.lists[Kind.EXTERNAL_DEPENDENCY].complete
    assert [one.text for one in found.assumptions] == ["The windows are nailed shut"]


def test_what_was_removed_is_still_shown_as_removed() -> None:
    events = told(
        AddAsset(by=ANA, at=at(1), name="Key"),
        RemoveElement(by=ANA, at=at(2), element=e("AS-1")),
        after=[started()],
    )
    found = register(replay(events))
    assert found.items(Kind.ASSET) == ()
    assert [(item.id, item.name, item.removed) for item in found.removed] == [("AS-1", "Key", True)]
    assert found.item(e("AS-1")) is not None


def test_gates_say_what_keeps_a_model_from_closing() -> None:
    found = {gate.id: gate for gate in register(replay(house())).gates}
    assert found["collected"].met
    assert not found["no_unknowns"].met
    assert not found["candidates_decided"].met
    assert id_called(replay(house()), Kind.COMPONENT, "Garage") == "CO-5"
