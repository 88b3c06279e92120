"""Reports mark assumed values with their source, and never as decided."""

import re

from bot.cli.output.candidate_tables import coverage_table
from bot.picture.charts import draw_coverage
from domain.analysis.coverage import DecidedBy
from domain.analysis.rule_findings import apply_rules
from domain.commands import (
    AnswerQuestions,
    BeginAnalysis,
    ConfirmAssumptions,
    OpenFact,
    PlaceComponents,
    Placement,
    Reply,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, Rating
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.placed_components import element_id
from tests.domain.test_assumed_facts import shop
from tests.examples import ANA, at, decide_all, reasons_for_gates
from tests.report.report_sources import report_of_events
from tests.report.test_contents import rows, text_of


def answered_but_for_assumptions() -> list[RecordedEvent]:
    """The API runs on AWS Lambda, whose isolation is assumed; every other question is answered."""
    lambda_ = Placement(
        component=element_id("CO-2"),
        sort=ComponentKind.PROCESS,
        trust_level=element_id("TL-2"),
        boundary="VPC",
        technology="aws_lambda",
    )
    events = decide_all(
        PlaceComponents(by=ANA, at=at(3), placements=(lambda_,)),
        BeginAnalysis(by=ANA, at=at(3), reasons=reasons_for_gates()),
        after=shop(rating=Rating.MEDIUM),
    )
    while answers := [
        Reply(
            element=one.element,
            fact=one.fact,
            answer=Answer.NO if one.element.startswith("AS-") else Answer.YES,
        )
        for one in apply_rules(replay(events)).questions
    ]:
        events = decide_all(AnswerQuestions(by=ANA, at=at(4), replies=tuple(answers)), after=events)
    return events


def shown(events: list[RecordedEvent]) -> ThreatRegister:
    return register(replay(events))


def test_the_grid_and_the_answers_mark_assumed_values_with_their_source() -> None:
    report = report_of_events(answered_but_for_assumptions())
    cells = [row for row in rows(report, "coverage") if "assumed" in row.values()]
    assert cells
    assert re.search(
        r"cells? (is|are) on trust crossings: \d+ decided, \d+ undecided and \d+ assumed\.", text_of(report)
    )
    (row,) = [one for one in rows(report, "assumed") if one["Use"] == "used instead of an answer"]
    assert row["Element"] == "API (CO-2)"
    assert "not shared between accounts" in row["Reason"]
    assert row["Source"].startswith("https://docs.aws.amazon.com/")


def test_the_chart_and_the_command_line_distinguish_assumed_and_decided_cells() -> None:
    known = shown(answered_but_for_assumptions())
    assert DecidedBy.ASSUMED in {cell.by for row in known.coverage.rows for cell in row.cells}
    drawn = draw_coverage(known)[0].svg
    assert ">assumed<" in drawn
    assert "all decided" not in drawn
    grid = coverage_table(known.coverage, str)
    assert "◐" in {str(cell) for column in grid.columns for cell in column.cells}


def test_a_confirmed_assumption_is_decided() -> None:
    events = answered_but_for_assumptions()
    facts = tuple(OpenFact(element=one.element, fact=one.assumed.fact) for one in shown(events).assumed)
    report = report_of_events(decide_all(ConfirmAssumptions(by=ANA, at=at(5), facts=facts), after=events))
    assert not [row for row in rows(report, "coverage") if "assumed" in row.values()]
    assert " assumed." not in text_of(report)
    assert (
        ">assumed<"
        not in draw_coverage(
            shown(decide_all(ConfirmAssumptions(by=ANA, at=at(5), facts=facts), after=events))
        )[0].svg
    )
