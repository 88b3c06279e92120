"""Tables of models and of one model."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.local_moments import format_moment
from bot.cli.model_queries.model_lookup import ModelHistory, ModelSnapshot
from bot.cli.output.register_tables import (
    LEGEND,
    candidates_table,
    coverage_table,
    dismissed_table,
    mitigations_table,
    reminders_table,
    retrospectives_table,
    rounds_table,
    standings_table,
    threats_table,
)
from bot.cli.output.text_grid import add_row, text_grid
from bot.cli.terminal_text import terminal_text
from bot.store.records import StreamSummary
from domain.gates import TITLES
from domain.kernel.elements import (
    PLURAL,
    Asset,
    Component,
    DataFlow,
    EntryPoint,
    ExternalDependency,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.person_names import with_names
from domain.lifecycle import phase_of
from domain.register import RegisterItem, RegisterList, ThreatRegister
from domain.wording.import_sentence import import_sentence

WIDE = 200
"""Columns without a terminal: wide enough for tools that process lines."""


def console() -> Console:
    """Return the console for tables: standard output, without colors if it is not a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def models_table(models: Iterable[StreamSummary]) -> Table:
    """Return the models of a database, one a line."""
    table = text_grid("Key", "Name", "Phase", "Events", "Last one", "Channel", "Workspace")
    for one in models:
        add_row(
            table,
            one.key,
            one.name,
            one.phase,
            str(one.version),
            format_moment(one.updated_at),
            one.channel,
            one.tenant,
        )
    return table


def history_table(history: ModelHistory, zone: str | None) -> Table:
    """Return a history, one event per line; undone events are marked."""
    table = text_grid("Version", "When", "Who", "What")
    for one in history.entries:
        when = format_moment(one.at, zone) if one.at else ""
        text = with_names(one.text, one.people, history.naming)
        add_row(
            table,
            str(one.version),
            when,
            history.naming(one.by),
            f"{text} (undone)" if one.undone else text,
        )
    return table


def print_model(seen: ModelSnapshot, out: Console) -> None:
    """Print a model: its registers, then questions, candidates, warnings and open work."""
    register = seen.register
    out.print(Text(f"{register.key}  {terminal_text(register.name)}", style="bold"))
    out.print(Text(f"{register.phase}, version {register.version}{seen.note}"))
    for label, text in (
        ("Labels", ", ".join(register.labels)),
        ("What", register.description),
        ("Out of scope", register.out_of_scope),
        ("Imported", _imported(seen)),
    ):
        if text:
            out.print(Text(f"{label}: {terminal_text(text)}"))
    if register.review_due:
        overdue = " (overdue)" if register.review_overdue else ""
        out.print(Text(f"Next review: {format_moment(register.review_due)}{overdue}"))
    waits_for = f" ({seen.naming(register.next.waits_for)})" if register.next.waits_for else ""
    out.print(Text(f"Next: {terminal_text(register.next.text + waits_for)}"))
    for listed in register.lists.values():
        if listed.items:
            complete = " (complete)" if listed.complete else ""
            _print(f"{PLURAL[listed.kind].capitalize()}{complete}", _elements(listed, register), out)
    _print_rest(seen, out)


def _imported(seen: ModelSnapshot) -> str:
    mark = seen.register.imported
    return f"{import_sentence(mark, seen.naming(mark.importer))}." if mark else ""


def _print_rest(seen: ModelSnapshot, out: Console) -> None:
    register = seen.register
    if register.assumptions:
        table = text_grid("Id", "Text", "Owner")
        for one in register.assumptions:
            add_row(table, one.id, one.text, seen.naming(one.held_by))
        _print("Assumptions", table, out)
    if register.questions:
        table = text_grid("Element", "Question", "Because", "Rules")
        for one in register.questions:
            unknown = " (answered “don't know”)" if one.answered_unknown else ""
            add_row(
                table,
                f"{one.element} {one.element_name}",
                f"{one.text}{unknown}",
                " ".join(one.why),
                _some(one.rules),
            )
        _print("Questions", table, out)
    if register.candidates:
        _print("Suggested threats", candidates_table(register), out)
    if register.dismissed:
        _print("Dismissed suggested threats", dismissed_table(register.dismissed, seen.naming), out)
    if register.ranked:
        _print("Threats", threats_table(register.ranked), out)
    if any(one.response or one.proposal for one in register.statuses.values()):
        _print("Responses", standings_table(register, seen.naming), out)
    if register.mitigations:
        _print("Mitigations", mitigations_table(register.mitigations, seen.naming), out)
    if seen.reminders:
        _print("Reminders", reminders_table(seen.reminders, seen.naming), out)
    if register.retrospectives:
        _print("Retrospective", retrospectives_table(register.retrospectives, seen.naming), out)
    if register.rounds:
        _print("Open rounds", rounds_table(register.rounds, seen.naming), out)
    if register.coverage.rows:
        _print(f"Coverage ({LEGEND})", coverage_table(register.coverage, seen.naming), out)
    if register.warnings:
        table = text_grid("Warning")
        for one in register.warnings:
            add_row(table, one.text)
        _print("Warnings", table, out)
    table = text_grid("Met", "Condition")
    for one in register.gates:
        add_row(table, "yes" if one.met else "no", one.text)
    _print("Conditions for closing", table, out)
    if register.passed:
        table = text_grid("Unmet condition", "Before", "Reason", "By", "Until")
        for passed in register.passed:
            gate, before = passed.override, phase_of(passed.step)
            add_row(
                table,
                gate.text or TITLES.get(gate.gate, gate.gate),
                before,
                gate.reason,
                seen.naming(passed.by),
                gate.until.isoformat() if gate.until else "",
            )
        _print("Overridden conditions", table, out)
    if register.closing is not None:
        table = text_grid("Proposed by", "Critical or unscored threats")
        add_row(table, seen.naming(register.closing.by), ", ".join(register.closing.critical))
        _print("Closing waiting for confirmation", table, out)


def _print(title: str, table: Table, out: Console) -> None:
    out.print()
    out.print(Text(title, style="bold"))
    out.print(table)


def _elements(listed: RegisterList, register: ThreatRegister) -> Table:
    told = [_told(item, register) for item in listed.items]
    # Columns that say nothing about anything only take room.
    columns = [column for column in told[0] if any(cells[column] for cells in told)]
    table = text_grid(*columns)
    for cells in told:
        add_row(table, *(cells[column] for column in columns))
    return table


def _told(item: RegisterItem, register: ThreatRegister) -> dict[str, str]:
    """Return an element's cells by column."""
    cells = {"Id": item.id, "Name": item.name, "Description": item.element.description}
    match item.element:
        case Component() as one:
            cells["Type"] = _words(one.sort or "")
            cells["Technology"] = register.catalog.technology_name(one.technology)
            cells["Trust level"] = register.name_of(one.trust_level)
            cells["Boundary"] = register.name_of(one.boundary)
            cells["Owner"] = one.owner or ""
        case DataFlow() as one:
            cells["Through"] = register.name_of(one.entry_point)
            cells["Protocol"] = one.protocol
            cells["Crosses"] = "yes" if item.crossing else "no"
        case EntryPoint() as one:
            cells["Exposure"] = _words(one.exposure or "")
            cells["Protocol"] = one.protocol
            cells["Leads to"] = register.name_of(one.component)
        case Asset() as one:
            ratings = (one.confidentiality, one.integrity, one.availability)
            cells["Type"] = one.sort
            cells["C / I / A"] = " / ".join(rating or "?" for rating in ratings) if any(ratings) else ""
        case ExternalDependency() as one:
            cells["Owner"] = one.owner
            cells["Type"] = one.sort
            cells["Technology"] = register.catalog.technology_name(one.technology)
            cells["When it is away"] = _words(one.outage or "")
        case TrustBoundary() as one:
            cells["Lies in"] = register.name_of(one.parent)
        case TrustLevel():
            pass
    facts = item.assumptions.facts if item.assumptions else ()
    cells["Assumed"] = "; ".join(one.reason for one in facts if one.fact not in item.facts)
    cells["Answered"] = ", ".join(f"{_words(fact)}: {answer.label}" for fact, answer in item.facts.items())
    return cells


def _some(rules: tuple[str, ...]) -> str:
    """Return the rules that ask, the first few where a whole catalogue does."""
    more = f" and {len(rules) - _RULES} more" if len(rules) > _RULES else ""
    return ", ".join(rules[:_RULES]) + more


def _words(term: str) -> str:
    return term.replace("_", " ")


_RULES = 6
