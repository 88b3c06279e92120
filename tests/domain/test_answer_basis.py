"""What an answer rests on: stated, stated for all elements of that time, assumed, or confirmed by a check."""

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given as holds_for

from domain.commands import (
    AddDataFlow,
    AddEntryPoint,
    AnswerOpenQuestions,
    AnswerQuestions,
    BulkReply,
    CheckAnswer,
    Command,
    ConfirmAssumptions,
    OpenFact,
    Reply,
    StartThreatModel,
    Undo,
)
from domain.compliance import model_chapters
from domain.decide import decide
from domain.decide.templates import structure_of
from domain.events import BulkAnswered, PhaseMoved, RecordedEvent
from domain.implied_facts import assumptions_in_force
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import (
    AnswerBasis,
    AnswerCheck,
    BasisCounts,
    BasisKind,
    CheckCounts,
    CheckOutcome,
    SpotCheck,
    SpotChecks,
    weakest_of,
)
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.model import evolve
from domain.register import ThreatRegister, register
from domain.rejections import ContentMissing, OwnAnswer, Rejected
from domain.replay import EMPTY, replay
from tests.depth import examples
from tests.domain.suggested_threats import AMINA, BENJI, HOME, HOUSE, RESIDENT
from tests.examples import ANA, HOUSE_CHANNEL, at, decide_all, given, started
from tests.random_commands import FURNISHED, walks

FACT, ASKED = "authorization_checked", "caller_authenticated"
DOORS = tuple(one.id for one in replay(HOUSE).of_kind(Kind.ENTRY_POINT))
FIRST = DOORS[0]


def for_all(answer: Answer = Answer.YES, by: PersonId = BENJI, minute: int = 100) -> AnswerOpenQuestions:
    bulk = (BulkReply(fact=FACT, elements=DOORS, answer=answer),)
    return AnswerOpenQuestions(by=by, at=at(minute), bulk=bulk)


def stated(answer: Answer = Answer.YES, by: PersonId = BENJI, minute: int = 101) -> AnswerQuestions:
    replies = (Reply(element=FIRST, fact=FACT, answer=answer),)
    return AnswerQuestions(by=by, at=at(minute), replies=replies)


def checked(
    outcome: CheckOutcome,
    evidence: str = "https://example.org/limits",
    by: PersonId = AMINA,
    answer: Answer = Answer.YES,
) -> CheckAnswer:
    return CheckAnswer(
        by=by, at=at(105), element=FIRST, fact=FACT, answer=answer, outcome=outcome, evidence=evidence
    )


def picked(answer: Answer = Answer.YES) -> PhaseMoved:
    """Remediation begins, and the first door's answer is picked for a spot check."""
    first = SpotCheck(element=FIRST, fact=FACT, answer=answer, asked=AMINA)
    checks = SpotChecks(picked=(first,), draw=0, at=at(104))
    return PhaseMoved(by=AMINA, at=at(104), answer=104, step="responding", spot_checks=checks)


def events_after(*commands: Command) -> list[RecordedEvent]:
    """The events of commands, with the pick before the first check."""
    events = HOUSE
    for command in commands:
        if isinstance(command, CheckAnswer) and not any(isinstance(one, PhaseMoved) for one in events):
            events = [*events, picked(command.answer)]
        events = decide_all(command, after=events)
    return events


def basis_after(*commands: Command, element: ElementId = FIRST) -> AnswerBasis | None:
    return replay(events_after(*commands)).bases.get((element, FACT))


def known_after(*commands: Command) -> ThreatRegister:
    return register(replay(events_after(*commands)))


def test_what_is_not_applicable_is_counted_apart_and_prevents_nothing_until_it_is_changed() -> None:
    before, missing = known_after(), f"E01@{FIRST}"
    spared = known_after(for_all(Answer.NOT_APPLICABLE))
    assert model_chapters(spared).counts.not_applicable > model_chapters(before).counts.not_applicable
    assert spared.in_place == before.in_place
    assert missing not in {one.id for one in (*spared.prevented, *spared.suggested_threats)}
    assert missing in {one.id for one in spared.controlled}
    cells = [f"{row.element}/{cell.category}" for row in spared.coverage.rows for cell in row.cells]
    assert any((FIRST, FACT) in spared.answers_behind(cell) for cell in cells)
    changed = known_after(for_all(Answer.NOT_APPLICABLE), stated(Answer.NO))
    assert missing in {one.id for one in changed.suggested_threats}
    assert model_chapters(changed).counts.not_applicable < model_chapters(spared).counts.not_applicable


def test_an_answer_about_one_element_is_stated() -> None:
    assert basis_after(stated()) == AnswerBasis(kind=BasisKind.STATED, by=BENJI, at=at(101))


def test_a_line_about_several_elements_is_stated_for_all_and_names_them() -> None:
    basis = AnswerBasis(kind=BasisKind.STATED_FOR_ALL, by=BENJI, at=at(100))
    events = decide_all(for_all(), after=HOUSE)
    assert [replay(events).bases[door, FACT] for door in DOORS] == [basis] * len(DOORS)
    (bulk,) = [one for one in events if isinstance(one, BulkAnswered)]
    assert bulk.elements == DOORS


def test_an_older_line_does_not_cover_an_element_added_later() -> None:
    events = decide_all(for_all(), AddEntryPoint(by=AMINA, at=at(102), name="Cellar door"), after=HOUSE)
    (new,) = {one.id for one in replay(events).of_kind(Kind.ENTRY_POINT)} - {*DOORS}
    assert (new, FACT) not in replay(events).facts
    assert {door for door, fact in replay(events).bases if fact == FACT} == {*DOORS}


def test_stating_one_element_again_raises_its_basis_and_no_other() -> None:
    events = decide_all(for_all(), stated(by=AMINA), after=HOUSE)
    bases = {door: replay(events).bases[door, FACT] for door in DOORS}
    again = AnswerBasis(kind=BasisKind.STATED, by=AMINA, at=at(101), first_at=at(100))
    assert bases.pop(FIRST) == again
    assert {one.kind for one in bases.values()} == {BasisKind.STATED_FOR_ALL}


def test_stating_what_is_stated_already_changes_nothing() -> None:
    given(*decide_all(stated(), after=HOUSE)).when(stated(by=AMINA, minute=102)).then_nothing_happens()


def test_an_element_added_after_a_line_is_a_new_open_question() -> None:
    new_door = AddEntryPoint(by=AMINA, at=at(102), name="Cellar door")
    line = BulkReply(fact=ASKED, elements=DOORS, answer=Answer.YES)
    said = AnswerOpenQuestions(by=BENJI, at=at(100), bulk=(line,))
    before = decide_all(said, new_door, after=HOUSE)
    (new,) = {one.id for one in replay(before).of_kind(Kind.ENTRY_POINT)} - {*DOORS}
    used = AddDataFlow(by=AMINA, at=at(103), name="", source=RESIDENT, target=HOME, entry_point=new)
    known = register(replay(decide_all(used, after=before)))
    asked = {one.element for one in known.questions if one.fact == ASKED}
    assert new in asked
    assert FIRST not in asked


def test_an_accepted_assumption_keeps_its_source() -> None:
    events = decide_all(
        AddDataFlow(
            by=AMINA,
            at=at(90),
            name="",
            source=RESIDENT,
            target=HOME,
            protocol="TLS",
        ),
        after=HOUSE,
    )
    (id, fact), assumed = next(iter(assumptions_in_force(replay(events)).items()))
    accepting = ConfirmAssumptions(by=BENJI, at=at(91), facts=(OpenFact(element=id, fact=fact),))
    after = replay(decide_all(accepting, after=events))
    assert after.bases[id, fact] == AnswerBasis(kind=BasisKind.ASSUMED, by=BENJI, at=at(91), assumed=assumed)
    assert assumed.url in after.bases[id, fact].text


def test_the_answers_of_a_template_are_stated_for_all() -> None:
    source = replay(decide_all(stated(), after=HOUSE))
    start = StartThreatModel(
        by=ANA,
        at=at(1),
        key=source.key,
        name="Copy",
        channel=HOUSE_CHANNEL,
        structure=structure_of(source),
    )
    copy = EMPTY
    for event in decide(start, copy):
        copy = evolve(copy, event)
    assert {basis.kind for basis in copy.bases.values()} == {BasisKind.STATED_FOR_ALL}


def test_a_confirmed_answer_keeps_who_gave_it() -> None:
    events = events_after(for_all(), checked(CheckOutcome.CONFIRMED))
    assert replay(events).bases[FIRST, FACT] == AnswerBasis(kind=BasisKind.CONFIRMED, by=BENJI, at=at(100))
    assert replay(events).checks[FIRST, FACT] == AnswerCheck(
        outcome=CheckOutcome.CONFIRMED,
        answer=Answer.YES,
        by=AMINA,
        at=at(105),
        evidence="https://example.org/limits",
    )


def test_a_wrong_answer_becomes_no_and_its_threat_comes_up() -> None:
    before, after = known_after(for_all()), known_after(for_all(), checked(CheckOutcome.WRONG, ""))
    ids = {one.id for one in after.suggested_threats} - {one.id for one in before.suggested_threats}
    assert "E01" in {id.partition("@")[0] for id in ids}
    item = after.item(FIRST)
    assert item is not None
    assert item.facts[FACT] is Answer.NO
    assert after.checks == CheckCounts(wrong=1)


def test_an_answer_of_which_the_basis_is_not_known_stays_as_it_is() -> None:
    basis = basis_after(for_all(), checked(CheckOutcome.NOT_KNOWN, ""))
    assert basis is not None
    assert basis.kind is BasisKind.STATED_FOR_ALL
    assert known_after(for_all(), checked(CheckOutcome.NOT_KNOWN, "")).checks == CheckCounts(not_known=1)


def test_a_later_answer_has_a_basis_of_its_own_and_the_check_still_counts() -> None:
    again = (stated(Answer.NO, minute=106), stated(Answer.YES, minute=107))
    basis = basis_after(for_all(), checked(CheckOutcome.CONFIRMED), *again)
    assert basis == AnswerBasis(kind=BasisKind.STATED, by=BENJI, at=at(107))
    assert known_after(for_all(), checked(CheckOutcome.CONFIRMED), *again).checks.total == 1


def test_a_confirmation_needs_a_link_or_a_sentence() -> None:
    given(*events_after(for_all()), picked()).when(checked(CheckOutcome.CONFIRMED, " ")).then_refused(
        ContentMissing, "evidence is missing", field="evidence"
    )


def test_an_answer_of_ones_own_is_not_checked() -> None:
    given(*events_after(for_all()), picked()).when(checked(CheckOutcome.CONFIRMED, by=BENJI)).then_refused(
        OwnAnswer, "gave this answer yourself", field="outcome"
    )


@pytest.mark.parametrize("outcome", CheckOutcome)
def test_a_check_is_undone_with_what_it_changed(outcome: CheckOutcome) -> None:
    before = [*events_after(for_all()), picked()]
    after = replay(decide_all(checked(outcome), Undo(by=AMINA, at=at(106)), after=before))
    known = replay(before)
    assert (after.facts, after.bases, after.checks) == (known.facts, known.bases, known.checks)


def test_a_bulk_answer_is_undone_with_its_basis() -> None:
    before = decide_all(stated(Answer.UNKNOWN, by=AMINA, minute=99), after=HOUSE)
    after = replay(decide_all(for_all(), Undo(by=BENJI, at=at(106)), after=before))
    assert after.bases == replay(before).bases


def test_controls_in_place_are_counted_by_the_weakest_basis() -> None:
    counts = known_after(for_all(), checked(CheckOutcome.CONFIRMED)).in_place
    before = known_after().in_place
    assert counts.confirmed == 1
    assert counts.stated_for_all - before.stated_for_all == 1
    assert weakest_of((BasisKind.CONFIRMED, BasisKind.ASSUMED, BasisKind.STATED)) is BasisKind.ASSUMED


def test_the_numbers_are_said_in_one_sentence() -> None:
    counts = BasisCounts(confirmed=3, stated=5, stated_for_all=4)
    assert counts.sentence == "12 controls in place: 3 confirmed, 5 stated, 4 stated for all"
    assert CheckCounts(confirmed=2, wrong=1).sentence == "3 answers spot-checked: 2 confirmed, 1 wrong"
    assert BasisCounts().sentence == "No control in place"
    assert CheckCounts().sentence == "No answer was spot-checked"


@examples(120)
@holds_for(walks)
def test_a_line_covers_only_elements_that_were_there_and_every_answer_has_a_basis(
    walk: Sequence[Command],
) -> None:
    events = decide_all(*FURNISHED, after=[started()])
    model, named = replay(events), set[tuple[ElementId, str]]()
    for command in walk:
        try:
            said = decide(command, model, partial(tuple, events))
        except Rejected:
            continue
        for event in said:
            if isinstance(event, BulkAnswered):
                assert {*event.elements} <= {*model.elements, *model.removed}
                named |= {(id, event.fact) for id in event.elements}
            model = evolve(model, event)
            assert {*model.bases} == {*model.facts}
        events += said
    lines = {about for about, one in model.bases.items() if one.kind is BasisKind.STATED_FOR_ALL}
    assert lines <= named
