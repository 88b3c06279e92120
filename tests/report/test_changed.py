"""A report with a start date begins with the changes and their authors."""

from msgspec.structs import replace

from bot.report.document_parts import Report
from bot.report.markdown_renderer import render_markdown
from bot.report.report_source import ReportChanges
from bot.report.sections import report_of
from domain.changes import difference
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import THREATS
from tests.examples import at
from tests.report.report_sources import NOW, REMEDIED, report_source_of


def since_the_start(*, nothing: bool = False) -> Report:
    source = report_source_of(REMEDIED)
    before = source.register if nothing else register(replay(THREATS), now=at(6))
    changes = difference(before, source.register, REMEDIED)
    return report_of(replace(source, full=True, since=ReportChanges(moment=at(6), changes=changes)))


def test_changes_come_first_grouped_by_subject() -> None:
    report = since_the_start()
    first = report.sections[0]
    assert first.title == "Changes since 2 March 2026"
    assert [one.title for one in first.sections] == ["Responses", "Accepted risks", "Mitigations"]
    written = render_markdown(report)
    assert (
        "| [A plumber who is none (TH-1)](#th-1) | decided | status: open → in remediation<br>"
        "response: mitigate<br>owner: @\N{WORD JOINER}Ben<br>reason: It is so | Ben, Chi | 2 March 2026 |"
    ) in written
    assert (
        "| Ask for a badge (MI-1) | planned | for: TH-1<br>state: implemented, to be verified<br>" in written
    )


def test_no_changes_are_stated_and_the_section_is_optional() -> None:
    assert "The model has not changed since then." in render_markdown(since_the_start(nothing=True))
    assert not [one for one in report_of(report_source_of(REMEDIED, NOW)).sections if one.id == "changes"]
