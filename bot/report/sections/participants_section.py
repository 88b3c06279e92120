"""Decisions with their date and author, and the participants."""

from collections.abc import Iterator

from bot.report.document_parts import Block, Column, Fact, Facts, ReportParagraph, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, cell, format_day, quiet, table
from domain.history import TimelineEntry
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.person_names import with_names
from domain.kernel.text_formatting import count_phrase


def decisions_section(source: ReportSource) -> Section:
    """Return phase changes, decisions, rounds, responses, acceptances and closings; count the rest."""
    return Section("decisions", "Decisions", tuple(_decisions(source)))


def participants_section(source: ReportSource) -> Section:
    """Return everyone who contributed, by name and without content; no name is linked to a ballot."""
    known = source.register
    spoke = dict.fromkeys(one.by for one in source.history if one.by not in (SYSTEM, _NOBODY))
    silent = [one for one in known.participants if one not in spoke]
    facts = [Fact("Facilitator", (line_of(source.naming(known.facilitator)),))]
    facts += [Fact("Contributors", (line_of(_names(source, list(spoke))),))] if spoke else []
    facts += [Fact("Invited, no contribution yet", (line_of(_names(source, silent)),))] if silent else []
    return Section("people", "Participants", (Facts(tuple(facts)),))


def _decisions(source: ReportSource) -> Iterator[Block]:
    decisions = [one for one in source.history if one.decides]
    erased = sum(one.at is None for one in source.history)
    rest = len(source.history) - len(decisions) - erased
    if decisions:
        yield table(_COLUMNS, (_row(source, one) for one in decisions))
    if rest:
        entries = count_phrase(rest, "other entry")
        yield ReportParagraph(
            line_of(f"The model's history has {entries}, such as additions, revisions, answers and votes.")
        )
    if erased:
        were = count_phrase(erased, "entry was", "entries were")
        yield ReportParagraph(line_of(f"{were} erased. The content cannot be restored."))


def _row(source: ReportSource, one: TimelineEntry) -> tuple[Cell, ...]:
    text = with_names(one.text, one.people, source.naming)
    undone = (quiet(" (undone later)"),) if one.undone else ()
    who = "the bot" if one.by == SYSTEM else source.naming(one.by)
    when = format_day(source.day_of(one.at)) if one.at else ""
    return cell(when), cell(who), cell(text, *undone)


def _names(source: ReportSource, some: list[PersonId]) -> str:
    return ", ".join(sorted((source.naming(one) for one in some), key=str.casefold))


_NOBODY = PersonId("")
_COLUMNS = (Column("Date", 1.3), Column("By", 1.2), Column("Decision", 5.0))
