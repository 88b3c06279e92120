"""Threats that a control prevents: by which control, on whose word, and what becomes of them without it."""

from domain.analysis.rule_findings import ControlInPlace, SuggestedThreat
from domain.commands import Command, Undo
from domain.events import BulkAnswered, RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, BasisKind, CheckOutcome
from domain.model import evolve
from domain.register import register
from domain.replay import replay
from domain.wording.controls import control_lines, former_controls
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE
from tests.domain.test_answer_basis import DOORS, FACT, FIRST, checked, events_after, for_all, stated
from tests.examples import at

PREVENTED = f"E01@{FIRST}"


def after(*commands: Command) -> list[RecordedEvent]:
    return events_after(*commands)


def prevented(*commands: Command) -> ControlInPlace | None:
    every = register(replay(after(*commands))).prevented
    return next((one for one in every if one.id == PREVENTED), None)


def suggested(*commands: Command) -> SuggestedThreat | None:
    every = register(replay(after(*commands))).suggested_threats
    return next((one for one in every if one.id == PREVENTED), None)


def test_a_threat_whose_control_is_in_place_is_listed_with_the_word_it_rests_on() -> None:
    found = prevented(stated())
    assert found is not None
    assert (found.rule.id, found.element, found.basis) == ("E01", FIRST, BasisKind.STATED)
    assert [*control_lines(found, lambda person: person.title())] == [
        "“authorization is checked on every request”: yes, stated by Ubenji, 2 Mar 2026"
    ]


def test_an_unanswered_or_missing_control_prevents_nothing() -> None:
    assert prevented() is None
    assert prevented(stated(Answer.NO)) is None
    assert prevented(stated(Answer.UNKNOWN)) is None


def test_a_control_that_is_not_applicable_prevents_nothing_though_nothing_is_missing() -> None:
    assert prevented(stated(Answer.NOT_APPLICABLE)) is None
    assert suggested(stated(Answer.NOT_APPLICABLE)) is None
    assert FIRST in {one.element for one in register(replay(after(stated(Answer.NOT_APPLICABLE)))).controlled}


def test_the_basis_is_that_of_the_answer_and_its_check() -> None:
    line, check = prevented(for_all()), prevented(for_all(), checked(CheckOutcome.CONFIRMED))
    assert line is not None
    assert check is not None
    assert (line.basis, line.vouched_for) == (BasisKind.STATED_FOR_ALL, False)
    assert (check.basis, check.vouched_for) == (BasisKind.CONFIRMED, True)


def test_a_prevented_threat_is_neither_suggested_nor_a_threat() -> None:
    before, known = register(replay(HOUSE)), register(replay(after(for_all())))
    assert suggested(for_all()) is None
    assert [one.threat.id for one in known.ranked] == [one.threat.id for one in before.ranked]


def test_those_with_most_at_stake_come_first() -> None:
    weights = [one.stake.weight for one in register(replay(after(for_all()))).prevented]
    assert len(weights) > 1
    assert weights == sorted(weights, reverse=True)


def test_the_threat_comes_up_with_its_history_when_the_answer_turns() -> None:
    turned = suggested(for_all(), stated(Answer.NO, by=AMINA, minute=110))
    assert turned is not None
    (used,) = (used for used in turned.facts if used.fact == FACT)
    assert used.basis == AnswerBasis(
        kind=BasisKind.STATED,
        by=AMINA,
        at=at(110),
        former_yes=AnswerBasis(kind=BasisKind.STATED_FOR_ALL, by=BENJI, at=at(100)),
    )
    assert [*former_controls(turned.facts, lambda person: person.title())] == [
        (
            "“authorization is checked on every request” was in place before, stated for all by Ubenji, "
            "2 Mar 2026; changed by Uamina, 2 Mar 2026"
        )
    ]


def test_a_wrong_answer_comes_up_with_its_history() -> None:
    turned = suggested(for_all(), checked(CheckOutcome.WRONG))
    assert turned is not None
    assert len([*former_controls(turned.facts, str)]) == 1


def test_a_line_for_all_keeps_the_history_of_each_element() -> None:
    line = BulkAnswered(by=AMINA, at=at(110), answer=0, fact=FACT, elements=DOORS, reply=Answer.NO)
    model = evolve(replay(after(stated())), line)
    formers = {door: model.bases[door, FACT].former_yes for door in DOORS}
    first = AnswerBasis(kind=BasisKind.STATED, by=BENJI, at=at(101))
    assert formers == {**dict.fromkeys(DOORS), FIRST: first}


def test_the_history_outlasts_a_doubt_in_between_and_ends_with_the_next_yes() -> None:
    doubt = (for_all(), stated(Answer.UNKNOWN, minute=110), stated(Answer.NO, minute=111))
    turned = suggested(*doubt)
    assert turned is not None
    assert len([*former_controls(turned.facts, str)]) == 1
    again = prevented(*doubt, stated(minute=112))
    assert again is not None
    assert again.facts[0].basis == AnswerBasis(kind=BasisKind.STATED, by=BENJI, at=at(112))


def test_a_control_that_was_never_in_place_has_no_history() -> None:
    missing = suggested(stated(Answer.NO))
    assert missing is not None
    assert [*former_controls(missing.facts, str)] == []


def test_undo_restores_what_the_answer_rested_on() -> None:
    before = replay(after(for_all()))
    turned = (for_all(), stated(Answer.NO, by=AMINA, minute=110), Undo(by=AMINA, at=at(111)))
    assert replay(after(*turned)).bases == before.bases
    assert prevented(*turned) == prevented(for_all())
