"""What is looked at and what is not, and what the team takes for true."""

from collections.abc import Iterator

from bot.report.document_parts import Bullets, Fact, Facts, Section, line
from bot.report.report_source import Source
from bot.report.sections.cell_formatting import day, paragraphs, quiet, said


def scope(source: Source) -> Section:
    """What the model is about, what is out of it, who steers it, and its assumptions."""
    facts = tuple(_facts(source))
    blocks = (*paragraphs(source.register.description), *([Facts(facts)] if facts else []))
    return Section("scope", "Scope", blocks, _assumptions(source))


def _facts(source: Source) -> Iterator[Fact]:
    known = source.register
    if known.out_of_scope:
        yield Fact("Out of scope", said(known.out_of_scope))
    if known.answers_by and known.phase == "collection":
        yield Fact("Answers are wanted by", (line(day(known.answers_by)),))


def _assumptions(source: Source) -> tuple[Section, ...]:
    every = source.register.assumptions
    if not every:
        return ()
    lines = tuple(
        line(" ".join(one.text.split()), quiet(f" ({one.id}, held by {source.naming(one.held_by)})"))
        for one in every
    )
    return (Section("assumptions", "Assumptions", (Bullets(lines),)),)
