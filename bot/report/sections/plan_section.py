"""Plan: mitigations with their threat, progress, owner, due date and evidence."""

from collections.abc import Iterator
from datetime import date

from bot.report.document_parts import Column, ReportLine, Run, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    cell,
    format_short_day,
    linked_threat,
    progress_badges,
    quiet,
    quote,
    statement_lines,
    table,
    ticket_links,
)
from domain.kernel.mitigation import MitigationState
from domain.remediation.status import TrackedMitigation
from domain.wording.trackers import issue_summary


def plan_section(source: ReportSource) -> Section:
    """Return all mitigations: overdue ones first, then by due date, dropped ones last."""
    rows = [_row(source, one) for one in sorted(source.register.mitigations, key=_place)]
    return Section("mitigations", "Plan", (table(_COLUMNS, rows),) if rows else ())


def _place(one: TrackedMitigation) -> tuple[int, date]:
    order = list(MitigationState).index(one.mitigation.state)
    return (0 if one.overdue else max(1, order), one.mitigation.due or date.max)


def _row(source: ReportSource, one: TrackedMitigation) -> tuple[Cell, ...]:
    mitigation = one.mitigation
    return (
        (
            line_of(f"{mitigation.id} {mitigation.title}"),
            *(statement_lines(mitigation.description) if mitigation.description else ()),
        ),
        (
            *cell(*_linked_threats(source, one)),
            *([line_of(quiet("withdrawn"))] if one.orphan else []),
        ),
        cell(mitigation.control.value),
        (line_of(*progress_badges(one)), *_shown(source, one)),
        cell(source.naming(mitigation.owner) if mitigation.owner else "no owner"),
        cell(format_short_day(mitigation.due) if mitigation.due else ""),
        tuple(line_of(one) for one in ticket_links(one)) or cell(""),
    )


def _linked_threats(source: ReportSource, one: TrackedMitigation) -> Iterator[str | Run]:
    """Yield the threats that a mitigation serves, with links; the withdrawn one if there is no other."""
    for place, threat in enumerate(one.threats or (one.threat,)):
        if place:
            yield ", "
        yield linked_threat(source.register, threat)


def _shown(source: ReportSource, one: TrackedMitigation) -> Iterator[ReportLine]:
    mitigation = one.mitigation
    if mitigation.evidence:
        yield line_of(f"Evidence: {quote(mitigation.evidence)}")
    if one.issue is not None:
        yield line_of(quiet(f"Issue {issue_summary(one.issue)}"))
    if mitigation.verified_by:
        some = len(one.links) - len(one.unverified)
        where = f", for {some} of {len(one.links)} threats and places" if one.unverified else ""
        yield line_of(f"Verified by {source.naming(mitigation.verified_by)}{where}")
    if mitigation.reason:
        yield line_of(f"Reason: {quote(mitigation.reason)}")


_COLUMNS = (
    Column("Mitigation", 3.0),
    Column("Threat", 0.9),
    Column("Control", 1.4),
    Column("State", 2.4),
    Column("Owner", 1.2),
    Column("Due", 1.4),
    Column("Ticket", 0.8),
)
