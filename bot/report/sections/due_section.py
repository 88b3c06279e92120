"""Due next: mitigations, expiring acceptances, votes, answers."""

from collections.abc import Iterator
from datetime import date

import msgspec

from bot.report.document_parts import Badge, Block, Column, ReportParagraph, Run, Section, Tone, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import (
    Cell,
    cell,
    format_short_day,
    linked_threat,
    progress_badges,
    table,
)
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import count_phrase
from domain.remediation.status import ThreatState

MAX_ROWS = 3
"""Maximum rows; the complete list follows further down."""


def due_section(source: ReportSource) -> Section:
    """Return overdue tasks first, then by due date; tasks without a date come last."""
    return Section("due", "Due next", tuple(_blocks(source)))


class _Due(msgspec.Struct, frozen=True, kw_only=True):
    """A task; without a due date it comes last."""

    until: date | None
    late: bool
    what: tuple[str | Run | Badge, ...]
    who: str
    about: Cell


def _blocks(source: ReportSource) -> Iterator[Block]:
    known = source.register
    every = [*_mitigations(source), *_responses(source), *_rounds(source)]
    if known.phase == "collection" and known.answers_by and known.questions:
        pending = known.pending_screening
        left = (
            f"the screening: {pending.open_topics}"
            if pending
            else count_phrase(len(known.questions), "open question")
        )
        what = (f"Answer {left}",)
        every.append(_Due(until=known.answers_by, late=False, what=what, who="", about=cell("")))
    every.sort(key=lambda one: (not one.late, one.until or date.max))
    if not every:
        return
    yield table(_COLUMNS, (_row(one) for one in every[:MAX_ROWS]))
    more = len(every) - MAX_ROWS
    if more > 0:
        where = Run("Plan", link="mitigations") if known.mitigations else Run("Threats", link="threats")
        yield ReportParagraph(line_of(f"{more} more are listed under ", where, "."))


def _row(one: _Due) -> tuple[Cell, ...]:
    until = format_short_day(one.until) if one.until else "no due date"
    return (
        cell(until, *([Badge("overdue", Tone.CRITICAL)] if one.late else [])),
        cell(*one.what),
        cell(one.who),
        one.about,
    )


def _mitigations(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.mitigations:
        told = one.mitigation
        status = known.statuses.get(one.threat)
        if status is None or status.state is ThreatState.ACCEPTED:
            continue
        if told.state.to_do:
            yield _Due(
                until=told.due,
                late=one.overdue,
                what=(f"{told.id} {told.title}", *progress_badges(one)[:1]),
                who=source.naming(told.owner) if told.owner else "no owner",
                about=cell(linked_threat(known, one.threat)),
            )
        elif told.state is MitigationState.IMPLEMENTED:
            yield _Due(
                until=told.due,
                late=False,
                what=(f"Verify {told.id} {told.title}",),
                who="someone other than the owner",
                about=cell(linked_threat(known, one.threat)),
            )


def _responses(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.statuses.values():
        response, about = one.response, cell(linked_threat(known, one.threat))
        if response is None:
            continue
        who = source.naming(response.owner)
        if one.state is ThreatState.ACCEPTED:
            what = "Acceptance expires"
            yield _Due(until=response.expires, late=False, what=(what,), who=who, about=about)
        elif one.state is ThreatState.EXPIRED:
            what = "Respond again: the acceptance has expired"
            yield _Due(until=response.expires, late=True, what=(what,), who=who, about=about)
        elif one.state.over and response.due and response.due >= source.day_of(source.as_of):
            what = f"Check that the threat is {one.state}"
            yield _Due(until=response.due, late=False, what=(what,), who=who, about=about)


def _rounds(source: ReportSource) -> Iterator[_Due]:
    known = source.register
    for one in known.rounds:
        what = f"Vote in {one.round} ({one.cast} of {len(one.voters)} have voted)"
        threats = [linked_threat(known, ask.threat) for ask in one.asks]
        about = [part for place, run in enumerate(threats) for part in ([", "] if place else []) + [run]]
        until = source.day_of(one.deadline)
        yield _Due(until=until, late=False, what=(what,), who="the voters", about=cell(*about))


_COLUMNS = (Column("Due", 1.6), Column("Task", 3.4), Column("Assigned to", 1.6), Column("Threat", 1.2))
