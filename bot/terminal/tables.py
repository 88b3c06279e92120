"""Models as tables, for a person at a terminal."""

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.store.records import StreamSummary
from bot.terminal.moments import shown
from bot.terminal.plain import plain
from domain.elements import PLURAL, Kind
from domain.register import Item, List, ThreatRegister

WIDE = 200
"""Columns where no terminal says how many it has: wide enough for tools that look at lines."""


def console() -> Console:
    """Where tables go: standard output, without colours when nobody looks at it."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def models_table(models: Iterable[StreamSummary]) -> Table:
    """The models of a database, one a line."""
    table = _table(None, "Key", "Name", "Phase", "Answers", "Last one", "Channel", "Workspace")
    for one in models:
        _row(
            table,
            one.key,
            one.name,
            one.phase,
            str(one.version),
            shown(one.updated_at),
            one.channel,
            one.tenant,
        )
    return table


def show(register: ThreatRegister, out: Console, note: str = "") -> None:
    """Print a model: its registers, then what is asked, suspected, odd and still to do."""
    out.print(Text(f"{register.key}  {plain(register.name)}", style="bold"))
    out.print(Text(f"{register.phase}, version {register.version}{note}"))
    for label, text in (("What", register.description), ("Out of scope", register.out_of_scope)):
        if text:
            out.print(Text(f"{label}: {plain(text)}"))
    out.print(Text(f"Next: {plain(register.next.text)}"))
    for listed in register.lists.values():
        if listed.items:
            out.print(_elements(listed))
    _print_rest(register, out)


def _print_rest(register: ThreatRegister, out: Console) -> None:
    if register.assumptions:
        table = _table("Assumptions", "Id", "Text", "Held by")
        for one in register.assumptions:
            _row(table, one.id, one.text, one.held_by)
        out.print(table)
    if register.questions:
        table = _table("Questions", "Element", "Question", "Because", "Rules")
        for one in register.questions:
            _row(
                table, f"{one.element} {one.element_name}", one.text, " ".join(one.why), ", ".join(one.rules)
            )
        out.print(table)
    if register.candidates:
        table = _table("Candidates", "Id", "Candidate", "Element", "STRIDE", "CWE")
        for one in register.candidates:
            weaknesses = ", ".join(str(number) for number in one.rule.cwe)
            _row(table, one.id, one.rule.title, one.element_name, one.rule.category.words, weaknesses)
        out.print(table)
    if register.warnings:
        table = _table("Warnings", "", "About the model itself")
        for one in register.warnings:
            _row(table, "!", one.text)
        out.print(table)
    table = _table("Gates", "Met", "Before closing")
    for one in register.gates:
        _row(table, "yes" if one.met else "no", one.text)
    out.print(table)


def _elements(listed: List) -> Table:
    title = PLURAL[listed.kind].capitalize() + (" (complete)" if listed.complete else "")
    table = _table(title, "Id", "Name", "Description", "Answered", *_more(listed.kind))
    for item in listed.items:
        answered = ", ".join(f"{fact.replace('_', ' ')}: {answer}" for fact, answer in item.facts.items())
        _row(table, item.id, item.name, item.element.description, answered, *_told(item))
    return table


def _more(kind: Kind) -> Sequence[str]:
    return ("Crosses",) if kind is Kind.DATA_FLOW else ()


def _told(item: Item) -> Sequence[str]:
    if item.kind is not Kind.DATA_FLOW:
        return ()
    return ("yes" if item.crossing else "no",)


def _table(title: str | None, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    # Text, not str: square brackets in a name are a name, not markup.
    table.add_row(*(Text(plain(cell)) for cell in cells))
