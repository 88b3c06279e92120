"""Answers about each element."""

from bot.report.document_parts import Column, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, capitalize_first, cell, table
from domain.facts import FACTS, find_fact
from domain.kernel.answer import Answer
from domain.kernel.elements import PLURAL
from domain.register import RegisterItem, RegisterList


def answers_section(source: ReportSource) -> Section:
    """Return the answers about each element with answered questions."""
    known = source.register
    inner = (_answers(one) for one in known.lists.values())
    return Section("answers", "What was answered", (), tuple(one for one in inner if one.blocks))


def _answers(one: RegisterList) -> Section:
    rows = [_answered(item) for item in one.items if item.facts]
    title = f"About {PLURAL[one.kind]}"
    return Section(f"answers-{one.kind.replace('_', '-')}", title, (table(_ANSWERED, rows),) if rows else ())


def _answered(item: RegisterItem) -> tuple[Cell, ...]:
    by_answer: dict[Answer, list[str]] = {}
    for fact, answer in sorted(item.facts.items(), key=lambda one: _ASKED.get(one[0], len(_ASKED))):
        by_answer.setdefault(answer, []).append(_statement(fact))
    return (
        cell(f"{item.name} ({item.id})"),
        *(tuple(line_of(one) for one in by_answer.get(answer, [])) or cell("") for answer in Answer),
    )


def _statement(fact: str) -> str:
    declared = find_fact(fact)
    return capitalize_first(declared.statement if declared else fact.replace("_", " "))


_ASKED = {fact: place for place, fact in enumerate(FACTS)}
"""The facts in the order in which they are asked."""

_ANSWERED = (
    Column("Element", 1.5),
    Column("Yes", 2.2),
    Column("No", 2.2),
    Column("Nobody knows", 1.6),
    Column("Does not apply", 1.6),
)
