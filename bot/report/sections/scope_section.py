"""Scope, exclusions and assumptions."""

from collections.abc import Iterator

from bot.report.document_parts import Bullets, Fact, Facts, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import format_day, paragraphs, quiet, statement_lines


def scope_section(source: ReportSource) -> Section:
    """Return the subject of the model, its exclusions, its facilitator, and its assumptions."""
    facts = tuple(_facts(source))
    blocks = (*paragraphs(source.register.description), *([Facts(facts)] if facts else []))
    return Section("scope", "Scope", blocks, _assumptions(source))


def _facts(source: ReportSource) -> Iterator[Fact]:
    known = source.register
    if known.labels:
        yield Fact("Labels", (line_of(", ".join(known.labels)),))
    if known.out_of_scope:
        yield Fact("Out of scope", statement_lines(known.out_of_scope))
    if known.answers_by and known.phase == "collection":
        yield Fact("Answers due", (line_of(format_day(known.answers_by)),))


def _assumptions(source: ReportSource) -> tuple[Section, ...]:
    every = source.register.assumptions
    if not every:
        return ()
    lines = tuple(
        line_of(" ".join(one.text.split()), quiet(f" ({one.id}, stated by {source.naming(one.held_by)})"))
        for one in every
    )
    return (Section("assumptions", "Assumptions", (Bullets(lines),)),)
