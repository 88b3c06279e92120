"""Controls by section of OWASP ASVS in a full report, and by chapter across models."""

from datetime import date

import pytest
from msgspec.structs import replace

from bot.report.compliance_report import compliance_report
from bot.report.document_parts import Report, ReportTable
from bot.report.markdown_renderer import render_markdown
from bot.report.sections import report_of
from bot.report.sections.compliance_section import compliance_section
from domain.compliance import NOT_A_CERTIFICATE
from domain.kernel.asvs_sections import ASVS_CHAPTERS, chapter_words
from domain.register import register
from domain.replay import replay
from tests.examples import started
from tests.report.report_sources import example_story_events, report_source_of
from tests.report.test_contents import rows, section


@pytest.fixture(scope="module")
def across() -> Report:
    shop, empty = replay(example_story_events("web-shop")), replay([started(name="The shed")])
    return compliance_report([register(shop), register(empty)], date(2026, 11, 28))


def test_controls_are_grouped_by_chapter_and_section_with_the_threats_of_each() -> None:
    source = report_source_of(example_story_events("web-shop"))
    shown = compliance_section(source)
    report = Report(key="", title="", subtitle="", day="", figures=(), sections=(shown,))
    told = rows(report, "asvs")
    names = [row["Section"] for row in told]
    assert names.index("V1 Encoding and Sanitization") < names.index("V1.2 Injection Prevention")
    (injection,) = (row for row in told if row["Section"].startswith("V1.2"))
    assert injection["Threats"].startswith("TH-")
    assert NOT_A_CERTIFICATE in render_markdown(report)


def test_a_short_report_and_a_model_without_checks_have_no_such_section() -> None:
    short = report_of(replace(report_source_of(example_story_events("web-shop")), pictures=False))
    empty = report_of(replace(report_source_of([started()]), full=True))
    for report in (short, empty):
        assert "asvs" not in {one.id for _, one in report.walk()}


def test_across_models_every_chapter_of_the_standard_is_listed(across: Report) -> None:
    (table,) = (one for one in section(across, "chapters").blocks if isinstance(one, ReportTable))
    assert len(table.rows) == len(ASVS_CHAPTERS)
    told = rows(across, "chapters")
    assert {row["Chapter"] for row in told} == {*map(chapter_words, ASVS_CHAPTERS)}
    assert "no rules" in next(row for row in told if row["Chapter"] == "V17 WebRTC")["Answered"]
    assert [row["Model"] for row in rows(across, "models")] == ["The web shop (TM-1)", "The shed (TM-1)"]
    assert NOT_A_CERTIFICATE in render_markdown(across)
