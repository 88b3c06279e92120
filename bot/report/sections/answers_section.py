"""Answers about each element."""

from bot.report.document_parts import Column, ReportLine, ReportParagraph, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, capitalize_first, cell, quiet, table
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import PLURAL
from domain.register import AssumedItem, RegisterItem, RegisterList, ThreatRegister


def answers_section(source: ReportSource) -> Section:
    """Return the answers about each element with answered questions."""
    known = source.register
    inner = (*(_answers(one) for one in known.lists.values()), _assumed(known))
    return Section("answers", "Answers", (), tuple(one for one in inner if one.blocks))


def _assumed(known: ThreatRegister) -> Section:
    """Return the assumptions from technologies and protocols, each with its source and use."""
    rows = [_assumption(one) for one in known.assumed]
    words = ReportParagraph(
        line_of("These values follow from technologies and protocols. No participant has confirmed them.")
    )
    return Section("assumed", "Assumed values", (words, table(_ASSUMED, rows)) if rows else ())


def _assumption(one: AssumedItem) -> tuple[Cell, ...]:
    use = "used instead of an answer" if one.skips else "to be confirmed" if one.suggested else "not asked"
    assumed = one.assumed
    negated = "" if assumed.answer is Answer.YES else f": {assumed.answer.label}"
    return (
        cell(f"{one.name} ({one.element})"),
        cell(f"{_statement(assumed.fact)}{negated}"),
        cell(assumed.reason),
        cell(quiet(assumed.url)),
        cell(use),
    )


def _answers(one: RegisterList) -> Section:
    rows = [_answered(item) for item in one.items if item.facts]
    title = f"Answers about {PLURAL[one.kind]}"
    return Section(f"answers-{one.kind.replace('_', '-')}", title, (table(_ANSWERED, rows),) if rows else ())


def _answered(item: RegisterItem) -> tuple[Cell, ...]:
    by_answer: dict[Answer, list[ReportLine]] = {}
    evidence = item.evidence
    for fact, answer in sorted(item.facts.items(), key=lambda one: _ASKED.get(one[0], len(_ASKED))):
        place = evidence.get(fact)
        shown = (quiet(f" ({place.text})"),) if place else ()
        by_answer.setdefault(answer, []).append(line_of(_statement(fact), *shown))
    return (
        cell(f"{item.name} ({item.id})"),
        *(tuple(by_answer.get(answer, ())) or cell("") for answer in Answer),
    )


def _statement(fact: str) -> str:
    declared = BUILT_IN.find_fact(fact)
    return capitalize_first(declared.statement if declared else fact.replace("_", " "))


_ASKED = {fact: place for place, fact in enumerate(BUILT_IN.facts)}
"""Rank of each fact, in the order in which facts are asked."""

_ASSUMED = (
    Column("Element", 1.5),
    Column("Assumed", 2.0),
    Column("Reason", 2.4),
    Column("Source", 2.4),
    Column("Use", 1.2),
)
_ANSWERED = (
    Column("Element", 1.5),
    Column("Yes", 2.2),
    Column("No", 2.2),
    Column("Don't know", 1.6),
    Column("Not applicable", 1.6),
)
