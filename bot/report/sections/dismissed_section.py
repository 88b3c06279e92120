"""Dismissed candidates, with the reasons."""

from bot.report.document_parts import Column, Run, Section, Style, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, cell, format_day, quote, table
from domain.analysis.candidates import DismissalState, DismissedCandidate


def dismissed_section(source: ReportSource) -> Section:
    """Return the dismissed candidates, latest first."""
    rows = [_row(source, one) for one in source.register.dismissed]
    return Section("dismissed", "Dismissed candidates", (table(_COLUMNS, rows),) if rows else ())


def _row(source: ReportSource, one: DismissedCandidate) -> tuple[Cell, ...]:
    dismissal = one.dismissal
    since = [_FATES[one.state], "The rule has a newer version" if one.rule_changed else ""]
    return (
        (line_of(one.title), line_of(Run(dismissal.candidate, Style.CODE))),
        cell(one.element_name),
        cell(quote(dismissal.reason)),
        cell(f"{source.naming(dismissal.by)}, {format_day(source.day_of(dismissal.at))}"),
        tuple(line_of(words) for words in since if words) or cell(""),
    )


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "Reopened: a related answer changed",
    DismissalState.SILENT: "The rule no longer raises it",
    DismissalState.ORPHAN: "Its element was removed",
}
_COLUMNS = (
    Column("Candidate", 2.2),
    Column("Where", 1.6),
    Column("Reason", 3.0),
    Column("By", 1.6),
    Column("Since then", 1.6),
)
