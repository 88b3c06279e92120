"""A report has ten pages for a system of common size; the appendix is optional."""

from datetime import date
from importlib.util import find_spec
from io import BytesIO

import pytest
from msgspec.structs import replace

from bot.report import REPORT_FORMATS
from bot.report.document_parts import Report, ReportTable, plain_text
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from domain.commands import (
    AddComponent,
    AnswerScreening,
    BeginAnalysis,
    BeginRemediation,
    Command,
    ConfirmScreening,
    DrawFlows,
    FlowByNames,
    PlanMitigation,
    ReportThreat,
    ScreeningReply,
)
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from domain.kernel.threat import Stride, ThreatId
from domain.replay import replay
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, started
from tests.report.report_sources import NOW, REMEDIED, example_story_events, report_source_of

COMPONENTS, FLOWS, THREATS = 17, 25, 38
MEANING = (
    "A caller at trust level “Customers” can send manipulated prices, amounts or limits to this service "
    "because the server does not check them again, leading to unauthorized changes to customer orders, "
    "invoices and 4 more assets."
)


def common_system() -> list[RecordedEvent]:
    """A model of common size, with a response to most of its threats."""
    flows = tuple(
        FlowByNames(
            source=f"Service {one % COMPONENTS + 1}",
            target=f"Service {(one + 2 + 3 * (one // COMPONENTS)) % COMPONENTS + 1}",
            assets=("Customer orders", "Invoices"),
        )
        for one in range(FLOWS)
    )
    events = decide_all(DrawFlows(by=ANA, at=at(1), flows=flows), after=[started()])
    parts = replay(events).of_kind(Kind.COMPONENT)
    reported: list[Command] = [
        ReportThreat(
            by=BEN,
            at=at(2),
            title=f"Client-side enforcement of server-side checks {one}: {parts[one % len(parts)].name}",
            description=MEANING,
            stride=(Stride.TAMPERING,),
            element=parts[one % len(parts)].id,
        )
        for one in range(THREATS)
    ]
    moved = (
        BeginAnalysis(by=ANA, at=at(2), reason="Enough is known"),
        BeginRemediation(by=ANA, at=at(2), reason="The plan cannot wait"),
    )
    events = decide_all(*reported, *moved, after=events)
    planned: list[Command] = [
        PlanMitigation(
            by=CHI,
            at=at(3),
            threat=ThreatId(f"TH-{one}"),
            title="Check prices, amounts and limits on the server again",
            owner=DEE,
            due=date(2026, 4, 1),
        )
        for one in range(1, THREATS - 9)
    ]
    return decide_all(*planned, after=events)


def titles(source: ReportSource) -> list[str]:
    return [section.title for section in report_of(source).sections]


def test_it_ends_with_the_gaps_and_a_full_one_has_the_appendix() -> None:
    source = report_source_of(REMEDIED, NOW)
    short, full = titles(source), titles(replace(source, full=True))
    assert short == ["Summary", "Threats", "Plan", "Accepted risks", "Gaps"]
    assert full[: len(short)] == short
    assert all(one.startswith("Appendix: ") for one in full[len(short) :])
    assert {"Appendix: Threats in detail", "Appendix: Conditions for closing", "Appendix: Decisions"} <= set(
        full
    )


@pytest.mark.skipif(find_spec("typst") is None, reason="typesetting is an extra")
def test_a_system_of_common_size_has_ten_pages() -> None:
    from pypdf import PdfReader

    source = report_source_of(common_system())
    assert (len(source.register.items(Kind.COMPONENT)), len(source.register.threats)) == (COMPONENTS, THREATS)
    pages = len(PdfReader(BytesIO(REPORT_FORMATS["pdf"].render(report_of(source)))).pages)
    assert 5 <= pages <= 10


@pytest.mark.parametrize("form", ["md", "html"])
def test_all_formats_have_the_same_sections(form: str) -> None:
    report = report_of(report_source_of(REMEDIED, NOW))
    written = REPORT_FORMATS[form].render(report).decode()
    places = [written.rindex(f"{_MARK[form]}{section.title}") for section in report.sections]
    assert places == sorted(places)
    assert "Appendix" not in written


def test_the_list_of_scored_threats_says_how_they_are_sorted_and_scored() -> None:
    report = report_of(report_source_of(example_story_events("house")))
    written = REPORT_FORMATS["md"].render(report).decode()
    assert (
        "Highest risk first. A score is the mean of DREAD metrics from blind votes, from 1 to 10." in written
    )


_MARK = {"md": "</a>", "html": "<h2>"}


def table_of(report: Report, id: str) -> list[list[str]]:
    (section,) = (one for _, one in report.walk() if one.id == id)
    (table,) = (block for block in section.blocks if isinstance(block, ReportTable))
    return [["\n".join(plain_text(line) for line in cell) for cell in row] for row in table.rows]


def test_a_diagram_follows_the_few_lines_that_a_long_scope_leaves_on_the_second_page() -> None:
    pytest.importorskip("typst")
    reader = pytest.importorskip("pypdf").PdfReader
    source = report_source_of(example_story_events("web-shop"))
    scope = "Lorem ipsum dolor sit " * 108
    written = REPORT_FORMATS["pdf"].render(
        report_of(replace(source, register=replace(source.register, description=scope)))
    )
    assert "Data flows" in reader(BytesIO(written)).pages[1].extract_text()


def test_each_threat_has_its_meaning_its_places_and_its_response_in_one_row() -> None:
    first, *_ = table_of(report_of(report_source_of(common_system())), "threats")
    title, where, score, response = first
    assert MEANING in title
    assert where == "Service 1"
    assert score == "not scored"
    assert "Dee, due 1 Apr 2026" in response


def test_the_summary_lists_screened_out_features_with_their_confirmation() -> None:
    topics = ("xml", "file_uploads")
    replies = tuple(ScreeningReply(topic=topic, answer=Answer.NO) for topic in topics)
    screened = AnswerScreening(by=ANA, at=at(4), replies=replies)
    start = decide_all(AddComponent(by=ANA, at=at(3), name="API"), after=[started()])
    events = decide_all(screened, after=start)
    (summary, *_) = report_of(report_source_of(events)).sections
    assert "Screened out by Ana, not confirmed: File uploads, XML." in str(summary)
    events = decide_all(ConfirmScreening(by=BEN, at=at(5)), after=events)
    (summary, *_) = report_of(report_source_of(events)).sections
    assert "Screened out by Ana, confirmed by Ben: File uploads, XML." in str(summary)
    (summary, *_) = report_of(report_source_of(start)).sections
    assert "Screened out" not in str(summary)


def test_a_short_report_counts_the_gaps_that_it_leaves_out() -> None:
    source = report_source_of(example_story_events("web-shop"))
    short, full = report_of(source), report_of(replace(source, full=True))
    assert len(table_of(short, "suggested-threats")) == 10
    assert len(table_of(full, "suggested-threats")) == len(source.register.groups) > 10
    (suggested_threats,) = (one for _, one in short.walk() if one.id == "suggested-threats")
    assert "more are in the full report." in str(suggested_threats)


def test_further_tasks_are_found_in_the_plan() -> None:
    (due,) = (one for _, one in report_of(report_source_of(common_system())).walk() if one.id == "due")
    assert "25 more are listed under" in str(due.blocks[-1])
    assert "link='mitigations'" in str(due.blocks[-1])
