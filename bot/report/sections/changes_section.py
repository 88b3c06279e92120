"""Changes since a moment, with their authors."""

from collections.abc import Iterator
from itertools import groupby

from bot.report.document_parts import Column, ReportLine, ReportParagraph, Run, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, cell, format_day, linked_threat, quiet, table
from domain.changes import Change, ChangeGroup
from domain.kernel.person_names import with_names
from domain.kernel.threat import ThreatId


def changes_section(source: ReportSource) -> Section:
    """Return a table for each group of changes; an empty section without a start date."""
    since = source.since
    if since is None:
        return Section("changes", "Changes")
    inner = [
        Section(
            f"changes-{group.value.replace('_', '-')}",
            group.label,
            (table(_COLUMNS, [_row(source, one) for one in some]),),
        )
        for group, some in groupby(since.changes, key=lambda one: one.group)
    ]
    nothing = (ReportParagraph(line_of("The model has not changed since then.")),)
    title = f"Changes since {format_day(source.day_of(since.moment))}"
    return Section("changes", title, () if inner else nothing, tuple(inner))


def _row(source: ReportSource, one: Change) -> tuple[Cell, ...]:
    return (
        cell(_called(source, one)),
        cell(one.how),
        tuple(_details(source, one)) or cell(""),
        cell(", ".join(source.naming(person) for person in one.by)),
        cell(format_day(source.day_of(one.at)) if one.at else ""),
    )


def _called(source: ReportSource, one: Change) -> Run:
    words = _named(source, one, one.called)
    return linked_threat(source.register, ThreatId(one.id), words) if one.group in _THREATS else Run(words)


def _details(source: ReportSource, one: Change) -> Iterator[ReportLine]:
    for detail in one.details:
        label = (quiet(detail.label),) if detail.label else ()
        yield line_of(*label, _named(source, one, detail.values))


def _named(source: ReportSource, one: Change, words: str) -> str:
    return with_names(words, one.people, source.naming)


_THREATS = (ChangeGroup.THREATS, ChangeGroup.RESPONSES, ChangeGroup.ACCEPTANCES)
_COLUMNS = (
    Column("Item", 2.6),
    Column("Change", 1.3),
    Column("From → to", 3.6),
    Column("By", 1.3),
    Column("Last changed", 1.3),
)
