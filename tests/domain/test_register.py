"""The one read model as a whole: lists, conditions, coverage, and analysis by its catalog alone."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

import domain
from domain.analysis.coverage import Coverage, CoverageRow, DecidedBy
from domain.analysis.rule_findings import apply_rules
from domain.catalog import Catalog
from domain.commands import (
    AddAsset,
    AnswerQuestions,
    BeginAnalysis,
    CloseThreatModel,
    ConfirmSuggestedThreats,
    ConsiderRow,
    ConsiderRows,
    DismissSuggestedThreats,
    RemoveElement,
    ReopenRow,
    Reply,
    ReportThreat,
    ReviseAsset,
    Undo,
)
from domain.decide import decide
from domain.events import RecordedEvent, RowConsidered, RowReopened
from domain.facts.fact import Fact
from domain.history import timeline
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ComponentKind, DataKind, ElementId, Kind
from domain.kernel.threat import Consideration, ControlClass, Stride, SuggestedThreatId, Threat, ThreatId
from domain.model import ThreatModel, replay_from
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.rejections import ContentMissing, NoSuchElement, NoSuchQuestion, NotInTheGrid
from domain.replay import replay
from domain.rules.conditions import guarded, it_is, itself
from domain.rules.rule import Control, Rule, ThreatSource
from domain.wording import describe_event, summarize_answer
from tests.domain.catalogue.shop_model import KEY, SHOP, SOFTWARE, STORE, answered, element, shop
from tests.domain.placed_components import HOME, answer_open_questions, element_id, placed_model, reply
from tests.domain.placed_components import HOME as HOME_PLACED
from tests.domain.suggested_threats import AMINA, BENJI, CHIYO, HOUSE, MODEL, NEXT
from tests.examples import (
    ANA,
    answer_screening,
    at,
    decide_all,
    given,
    house,
    id_of_element,
    recorded,
    started,
)


def test_what_is_next_follows_the_work() -> None:
    def following(events: Sequence[RecordedEvent]) -> NextStepKind:
        return register(replay(events)).next.act

    assert following([started()]) is NextStepKind.DRAW
    assert (
        following(decide_all(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])) is NextStepKind.DRAW
    )
    assert following(placed_model()) is NextStepKind.PLACE
    assert following(placed_model(*HOME)) is NextStepKind.ANSWER
    answered = answer_open_questions(placed_model(*HOME))
    ready = register(replay(answered)).next
    assert (ready.act, ready.waits_for) == (NextStepKind.BEGIN_ANALYSIS, ANA)


def test_threats_that_wait_for_votes_and_what_no_one_knows_lead_on_to_analysis() -> None:
    reported = decide_all(
        ReportThreat(by=ANA, at=at(9), title="Glue", stride=(Stride.DENIAL_OF_SERVICE,)),
        after=placed_model(*HOME),
    )
    waiting = register(replay(reported)).next
    assert (waiting.act, waiting.waits_for) == (NextStepKind.BEGIN_ANALYSIS, ANA)
    assert waiting.text == "Begin analysis: 1 threat to score"
    one_open = answer_open_questions(placed_model(*HOME), but="anonymous_by_design")
    nobody_knows = decide_all(
        reply("EP-1", "anonymous_by_design", Answer.UNKNOWN),
        reply("EP-1", "caller_authenticated", Answer.UNKNOWN),
        after=one_open,
    )
    assert register(replay(nobody_knows)).questions
    assert register(replay(nobody_knows)).next.act is NextStepKind.BEGIN_ANALYSIS


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
    assert [assumption.text for assumption in found.assumptions] == ["The windows are nailed shut"]


def test_what_was_removed_is_still_shown_as_removed() -> None:
    events = decide_all(
        AddAsset(by=ANA, at=at(1), name="Key"),
        RemoveElement(by=ANA, at=at(2), element=element_id("AS-1")),
        after=[started()],
    )
    found = register(replay(events))
    assert found.items(Kind.ASSET) == ()
    assert [(item.id, item.name, item.removed) for item in found.removed] == [("AS-1", "Key", True)]
    assert found.item(element_id("AS-1")) is not None


def test_conditions_say_what_keeps_a_model_from_closing() -> None:
    found = {condition.id: condition for condition in register(replay(house())).conditions}
    assert found["collected"].met
    assert not found["no_unknowns"].met
    assert not found["suggested_threats_decided"].met


def test_an_empty_model_is_empty_and_allows_what_its_step_allows() -> None:
    empty = register(replay([started()]))
    assert empty.empty
    assert empty.allows(AddAsset)
    assert empty.allows(BeginAnalysis)
    closed = decide_all(CloseThreatModel(by=ANA, at=at(1), reason="done"), after=[started()])
    assert not register(replay(closed)).allows(AddAsset)
    assert not register(replay(house())).empty


def test_one_of_something_is_not_called_many() -> None:
    screened = decide_all(answer_screening(), after=placed_model(*HOME))
    one_open = answer_open_questions(screened, but="anonymous_by_design")
    assert register(replay(one_open)).next.text == "Answer 1 open question"
    assert register(replay(screened)).next.text == "Answer 5 open questions"


HOUSE_ID = id_of_element(MODEL, Kind.COMPONENT, "House")
RESIDENT = id_of_element(MODEL, Kind.COMPONENT, "Resident")
FRONT = id_of_element(MODEL, Kind.ENTRY_POINT, "Front door")
GARAGE_DOOR = id_of_element(MODEL, Kind.ENTRY_POINT, "Garage door")
POWER = id_of_element(MODEL, Kind.EXTERNAL_DEPENDENCY, "Power")
DF1, DF5 = ElementId("DF-1"), ElementId("DF-5")
ANALYSING = decide_all(BeginAnalysis(by=AMINA, at=at(95)), after=HOUSE)


def grid(events: list[RecordedEvent]) -> Coverage:
    return register(replay(events)).coverage


def row(events: list[RecordedEvent], element: ElementId) -> CoverageRow:
    return next(one for one in grid(events).rows if one.element == element)


def _logbook() -> ReviseAsset:
    return ReviseAsset(by=AMINA, at=at(4), element=ElementId("AS-1"), name="Logbook", data=DataKind.LOG)


def by(events: list[RecordedEvent], element: ElementId, category: Stride) -> DecidedBy:
    return next(cell.by for cell in row(events, element).cells if cell.category is category)


def letters(events: list[RecordedEvent], element: ElementId) -> str:
    return "".join(cell.category.value for cell in row(events, element).cells)


def test_each_kind_of_element_has_the_cells_of_its_kind() -> None:
    assert letters(HOUSE, RESIDENT) == "SR"
    assert letters(HOUSE, HOUSE_ID) == "STRIDE"
    assert letters(HOUSE, DF1) == "TID"
    assert letters(HOUSE, FRONT) == "STRIDE"
    assert letters(HOUSE, POWER) == "STRD"


def test_a_store_that_keeps_logs_has_repudiation_too() -> None:
    safe = ElementId("CO-3")
    assert letters(placed_model(*HOME_PLACED), safe) == "TID"
    answered = decide_all(reply("CO-3", "keeps_logs", Answer.YES), after=placed_model(*HOME_PLACED))
    assert letters(answered, safe) == "TRID"
    assert letters(decide_all(reply("CO-3", "keeps_logs", Answer.NO), after=answered), safe) == "TID"
    # Without any answer: the key that the second flow carries there is a log by its kind of data.
    carried = decide_all(_logbook(), after=placed_model(*HOME_PLACED))
    assert letters(carried, safe) == "TRID"
    assert letters(carried, ElementId("CO-1")) == "SR"


def test_rows_that_a_crossing_flow_touches_come_first_and_only_they_are_wanted() -> None:
    rows = grid(HOUSE).rows
    assert [one.crossing for one in rows] == sorted((one.crossing for one in rows), reverse=True)
    assert not any(cell.wanted for one in rows if not one.crossing for cell in one.cells)
    assert not row(HOUSE, POWER).crossing
    wanted = {one.element: "".join(cell.category for cell in one.cells if cell.wanted) for one in rows}
    assert wanted[DF1] == "ID"
    assert wanted[FRONT] == "T"
    assert wanted[HOUSE_ID] == "SRE"
    assert wanted[RESIDENT] == "S"
    # The garage's flow passes no entry point, so its own input may be tampered with.
    assert wanted[DF5] == "TID"


def test_a_cell_without_any_rule_is_open_until_someone_says_something() -> None:
    assert by(HOUSE, RESIDENT, Stride.SPOOFING) is DecidedBy.NOTHING


def test_an_undecided_suggested_threat_keeps_a_cell_open_and_a_decision_settles_it() -> None:
    answered = answer_open_questions(HOUSE, by=BENJI)
    assert by(answered, HOUSE_ID, Stride.ELEVATION_OF_PRIVILEGE) is DecidedBy.NOTHING
    garage = (SuggestedThreatId("X02@DF-5"),)
    dismissed = decide_all(
        DismissSuggestedThreats(by=BENJI, at=at(100), suggested_threats=garage, reason="It is bricked up"),
        after=answered,
    )
    confirmed = decide_all(
        ConfirmSuggestedThreats(by=BENJI, at=at(100), suggested_threats=garage), after=answered
    )
    assert by(dismissed, HOUSE_ID, Stride.ELEVATION_OF_PRIVILEGE) is DecidedBy.RULES
    assert by(confirmed, HOUSE_ID, Stride.ELEVATION_OF_PRIVILEGE) is DecidedBy.THREAT


def test_an_open_question_keeps_a_cell_open_and_a_yes_settles_it() -> None:
    garage = id_of_element(MODEL, Kind.COMPONENT, "Garage")
    answered = answer_open_questions(HOUSE, by=BENJI)
    assert by(answered, garage, Stride.SPOOFING) is DecidedBy.RULES
    unknown = decide_all(
        AnswerQuestions(
            by=BENJI,
            at=at(100),
            replies=(Reply(element=GARAGE_DOOR, fact="caller_authenticated", answer=Answer.UNKNOWN),),
        ),
        after=answered,
    )
    assert by(unknown, garage, Stride.SPOOFING) is DecidedBy.NOTHING


def test_a_threat_decides_the_cells_of_its_categories() -> None:
    report = ReportThreat(
        by=CHIYO,
        at=at(100),
        title="The ball",
        element=HOUSE_ID,
        stride=(Stride.REPUDIATION, Stride.TAMPERING),
    )
    reported = decide_all(report, after=HOUSE)
    assert [cell.threats for cell in row(reported, HOUSE_ID).cells if cell.threats] == [("TH-1",), ("TH-1",)]
    assert by(reported, HOUSE_ID, Stride.REPUDIATION) is DecidedBy.THREAT
    assert by(reported, RESIDENT, Stride.REPUDIATION) is DecidedBy.NOTHING


def test_one_reason_decides_what_is_open_in_a_row() -> None:
    consider = ConsiderRow(by=CHIYO, at=at(100), element=RESIDENT, reason="They live here")
    said = Consideration(element=RESIDENT, reason="They live here", by=CHIYO, at=at(100))
    given(*HOUSE).when(consider).then(recorded(RowConsidered, consideration=said))
    considered = decide_all(consider, after=HOUSE)
    assert {cell.by for cell in row(considered, RESIDENT).cells} == {DecidedBy.REASON}
    assert row(considered, RESIDENT).considered == said
    given(*considered).when(consider).then_nothing_happens()
    assert timeline(considered)[-1].text == (
        f"recorded that no further threats apply to the component “Resident” ({RESIDENT}), "
        "because: They live here"
    )


def test_a_row_can_be_opened_again_and_a_reason_taken_back() -> None:
    consider = ConsiderRow(by=CHIYO, at=at(100), element=RESIDENT, reason="They live here")
    reopen = ReopenRow(by=BENJI, at=at(101), element=RESIDENT)
    considered = decide_all(consider, after=HOUSE)
    given(*considered).when(reopen).then(recorded(RowReopened, element=RESIDENT))
    given(*HOUSE).when(reopen).then_nothing_happens()
    assert grid(decide_all(reopen, after=considered)) == grid(HOUSE)
    assert grid(decide_all(Undo(by=CHIYO, at=at(102)), after=considered)) == grid(HOUSE)
    again = decide_all(reopen, Undo(by=BENJI, at=at(102)), after=considered)
    assert grid(again) == grid(considered)


def test_a_reason_needs_words_and_an_element_with_a_row() -> None:
    def consider(element: ElementId, reason: str = "Fine") -> ConsiderRow:
        return ConsiderRow(by=CHIYO, at=at(100), element=element, reason=reason)

    given(*HOUSE).when(consider(RESIDENT, " ")).then_refused(
        ContentMissing, "Explain why no further threats apply", field="reason"
    )
    given(*HOUSE).when(consider(ElementId("AS-1"))).then_refused(NotInTheGrid, "AS-1 has no row")
    given(*HOUSE).when(consider(ElementId("CO-99"))).then_refused(NoSuchElement, "CO-99")


def test_several_rows_get_one_reason_and_an_event_each() -> None:
    def considered(element: ElementId) -> RowConsidered:
        said = Consideration(element=element, reason="We looked", by=CHIYO, at=at(100))
        return RowConsidered(by=CHIYO, at=at(100), answer=NEXT, consideration=said)

    def consider(*elements: ElementId, reason: str = "We looked") -> ConsiderRows:
        return ConsiderRows(by=CHIYO, at=at(100), elements=elements, reason=reason)

    both = consider(RESIDENT, HOUSE_ID, RESIDENT)
    given(*HOUSE).when(both).then(considered(RESIDENT), considered(HOUSE_ID))
    after = decide_all(both, after=HOUSE)
    given(*after).when(both).then_nothing_happens()
    assert grid(decide_all(Undo(by=CHIYO, at=at(101)), after=after)) == grid(HOUSE)
    events = [one for one in after if isinstance(one, RowConsidered)]
    assert summarize_answer(events, MODEL) == "marked 2 rows as reviewed, because: We looked"
    given(*HOUSE).when(consider(RESIDENT, reason=" ")).then_refused(
        ContentMissing, "Explain why no further threats apply", field="reason"
    )
    given(*HOUSE).when(consider()).then_refused(ContentMissing, "No row is selected", field="rows")
    given(*HOUSE).when(consider(RESIDENT, ElementId("AS-1"))).then_refused(NotInTheGrid, "AS-1 has no row")
    given(*HOUSE).when(consider(RESIDENT, ElementId("CO-99"))).then_refused(NoSuchElement, "CO-99")


def test_undecided_cells_keep_a_condition_open_and_are_warned_of_from_analysis_on() -> None:
    condition = {one.id: one for one in register(replay(ANALYSING)).conditions}["cells_decided"]
    open_cells = grid(ANALYSING).open_cells
    assert not condition.met
    assert condition.text.startswith(f"{open_cells} STRIDE cells")
    assert "cells_undecided" not in {one.id for one in register(replay(HOUSE)).warnings}
    (warning,) = (one for one in register(replay(ANALYSING)).warnings if one.id == "cells_undecided")
    assert "“House” (spoofing, repudiation, elevation of privilege)" in warning.text


def test_with_every_row_considered_the_condition_is_met() -> None:
    suggested_threats = tuple(
        SuggestedThreatId(suggested_threat.id)
        for suggested_threat in register(replay(ANALYSING)).suggested_threats
    )
    judged = decide_all(
        ConfirmSuggestedThreats(by=BENJI, at=at(100), suggested_threats=suggested_threats), after=ANALYSING
    )
    decided = decide_all(
        *(
            ConsiderRow(by=CHIYO, at=at(101), element=one.element, reason="We looked")
            for one in grid(judged).open
        ),
        after=judged,
    )
    there = register(replay(decided))
    assert {condition.id: condition.met for condition in there.conditions}["cells_decided"]
    assert there.coverage.open == ()
    assert "cells_undecided" not in {warning.id for warning in there.warnings}


def test_a_threat_to_an_asset_is_in_the_rows_of_all_components_that_store_it() -> None:
    category = Stride.INFORMATION_DISCLOSURE
    model = answered(shop(replace(element(KEY), stored_in=(SHOP, STORE))), SOFTWARE, ["AS-2 out_of_code"])
    assert {"I06@AS-2", "I03@AS-2"} & {one.id for one in apply_rules(model).suggested_threats} == {"I06@AS-2"}
    for suggested_threat in ("I06@AS-2", "I03@AS-2"):
        places = (SuggestedThreatId(suggested_threat),)
        threat = Threat(id=ThreatId("TH-1"), title="Key", stride=(category,), suggested_threats=places)
        seen = register(replace(model, threats=model.threats.insert(threat.id, threat)))
        cells = {row.element: cell for row in seen.coverage.rows for cell in row.cells if cell.threats}
        assert cells.keys() == {SHOP, STORE}, suggested_threat
        assert {cell.category for cell in cells.values()} == {category}, suggested_threat
        assert seen.shown_at == {threat.id: (SHOP, STORE)}, suggested_threat


BILLING = Component(id=ElementId("CO-1"), name="Billing", sort=ComponentKind.PROCESS)


def fact(name: str, question: str) -> Fact:
    """Declare a fact about components."""
    return Fact(
        name=name, kinds=frozenset({Kind.COMPONENT}), question=question, statement=name, denial=f"no {name}"
    )


def rule(id: str, applies: str, controlled: str) -> Rule:
    """Declare a rule about components with a control."""
    return Rule(
        id=id,
        version=1,
        category=Stride.TAMPERING,
        kind=Kind.COMPONENT,
        title=f"Title of {id}",
        explanation=f"Explanation of {id}.",
        applies=it_is(applies),
        controlled=guarded(controlled),
        question="",
        source=ThreatSource.INSIDER,
        action="change {element}",
        controls=(Control(ControlClass.INTEGRITY, "Use the template"),),
        cwe=(),
        false_alarm="",
        cell=itself,
    )


TINY = Catalog(
    rules=(rule("ACME-01", "paved", "reviewed"), rule("ACME-02", "paved", "signed")),
    facts={
        one.name: one
        for one in (
            fact("paved", "Is it paved?"),
            fact("reviewed", "Is it reviewed?"),
            fact("signed", "Is it signed?"),
        )
    },
)
STARTED = replay_from(ThreatModel(catalog=TINY), [started()])
TINY_MODEL = ThreatModel(
    catalog=TINY,
    version=1,
    step="collection",
    facilitator=ANA,
    elements=STARTED.elements.insert(BILLING.id, BILLING),
)


def answers(**replies: Answer) -> AnswerQuestions:
    """Answer questions about the only component."""
    return AnswerQuestions(
        by=ANA,
        at=at(1),
        replies=tuple(Reply(element=BILLING.id, fact=name, answer=one) for name, one in replies.items()),
    )


def tiny_answered(**replies: Answer) -> ThreatModel:
    """Return the model with answers."""
    return replay_from(TINY_MODEL, decide(answers(**replies), TINY_MODEL))


def test_only_the_questions_of_the_catalog_are_asked() -> None:
    assert [question.text for question in register(TINY_MODEL).questions] == ["Is it paved?"]
    asked = register(tiny_answered(paved=Answer.YES)).questions
    assert [(one.text, one.rules) for one in asked] == [
        ("Is it reviewed?", ("ACME-01",)),
        ("Is it signed?", ("ACME-02",)),
    ]


def test_only_the_rules_of_the_catalog_find_threats() -> None:
    known = register(tiny_answered(paved=Answer.YES, reviewed=Answer.NO, signed=Answer.YES))
    assert [suggested_threat.id for suggested_threat in known.suggested_threats] == ["ACME-01@CO-1"]
    assert known.question_progress.total == len(TINY.facts)
    assert known.screening == ()


def test_the_catalog_decides_which_answers_are_accepted_and_how_events_read() -> None:
    (event,) = decide(answers(paved=Answer.YES), TINY_MODEL)
    assert "Is it paved?" in describe_event(event, TINY_MODEL)
    with pytest.raises(NoSuchQuestion):
        decide(answers(software=Answer.YES), TINY_MODEL)


def test_only_the_built_in_catalog_reads_the_declarations() -> None:
    declared = {"RULES", "FACTS", "TECHNOLOGIES", "CATEGORIES", "PROTOCOLS", "TOPICS", "EXCLUDED_RULES"}
    root = Path(domain.__file__ or "").parent.parent
    readers = {
        str(path.relative_to(root))
        for part in ("domain", "bot")
        for path in (root / part).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and declared.intersection(name.name for name in node.names)
    }
    assert readers == {"domain/built_in_catalog.py"}
