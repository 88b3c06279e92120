"""Dismissed candidates, with the reasons."""

from collections.abc import Sequence

from bot.report.document_parts import Column, Run, Section, Style, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, cell, format_day, quote, table
from domain.analysis.candidates import DismissalState, DismissedCandidate


def dismissed_section(source: ReportSource) -> Section:
    """Return the dismissed candidates, latest first."""
    together: dict[tuple[object, ...], list[DismissedCandidate]] = {}
    for one in source.register.dismissed:
        said = one.dismissal
        decision = (one.title, said.reason, said.by, said.at, one.state, one.rule_changed)
        together.setdefault(decision, []).append(one)
    rows = [_row(source, some) for some in together.values()]
    return Section("dismissed", "Dismissed suggested threats", (table(_COLUMNS, rows),) if rows else ())


def _row(source: ReportSource, some: Sequence[DismissedCandidate]) -> tuple[Cell, ...]:
    """Return the row of the places that were dismissed in one answer."""
    one, dismissal = some[0], some[0].dismissal
    since = [_FATES[one.state], "The rule has a newer version" if one.rule_changed else ""]
    return (
        (line_of(one.title), *(line_of(Run(each.dismissal.candidate, Style.CODE)) for each in some)),
        tuple(line_of(each.element_name) for each in some),
        cell(quote(dismissal.reason)),
        cell(f"{source.naming(dismissal.by)}, {format_day(source.day_of(dismissal.at))}"),
        tuple(line_of(words) for words in since if words) or cell(""),
    )


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "Reopened: a related answer changed",
    DismissalState.SILENT: "The rule no longer suggests it",
    DismissalState.ORPHAN: "Its element was removed",
}
_COLUMNS = (
    Column("Suggested threat", 2.2),
    Column("Where", 1.6),
    Column("Reason", 3.0),
    Column("By", 1.6),
    Column("Since then", 1.6),
)
