"""What the rules make of a model: candidates, questions, and a complete catalogue."""

import pytest

from domain.commands import AnswerQuestions, RemoveElement, ReviseAsset, ReviseDataFlow
from domain.elements import Rating
from domain.facts import FACTS, Answer
from domain.model import replay
from domain.register import register
from domain.rules import RULES
from domain.rules.conditions import facts_of
from tests.domain.placed import ENTITY, HOME, PROCESS, STORE, e, place, placed, reply, seen
from tests.examples import ANA, at, house


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


def test_who_calls_an_external_entity_is_not_ours_to_ask() -> None:
    outside = placed(HOME[0], place("CO-2", ENTITY, "TL-2", "Locks"), HOME[2])
    assert [(one.element, one.fact) for one in seen(outside).questions if one.element == "EP-1"] == []
    answered = reply("EP-1", "caller_authenticated", Answer.NO)
    assert "S01@DF-1" not in [one.id for one in seen(outside, answered).candidates]


def test_without_a_trust_level_at_one_end_no_boundary_is_missed() -> None:
    found = seen(placed(HOME[0], HOME[1], place("CO-3", STORE, None, "Locks")))
    assert found.candidates == ()


def test_a_flow_through_no_door_is_asked_itself() -> None:
    nowhere = ReviseDataFlow(
        by=ANA, at=at(3), element=e("DF-1"), source=e("CO-1"), target=e("CO-2"), assets=(e("AS-1"),)
    )
    gone = RemoveElement(by=ANA, at=at(4), element=e("EP-1"))
    asked = [one.element for one in seen(placed(*HOME), nowhere, gone).questions]
    assert asked == ["DF-1", "DF-1"]


def test_every_rule_names_the_weakness_that_was_reviewed() -> None:
    # Names as in MITRE's list: missing authentication, cleartext transmission, improper compartmentalization.
    assert {rule.id: (rule.cwe, rule.version) for rule in RULES} == {
        "S01": ((306,), 1),
        "I01": ((319,), 1),
        "X02": ((653,), 1),
    }
