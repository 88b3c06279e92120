"""Tables of models and of one model."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.local_moments import format_moment
from bot.cli.model_queries.model_lookup import ModelHistory, ModelSnapshot
from bot.cli.output import register_rows as rows
from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.store.records import StreamSummary
from domain.dread.metrics import Metric
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
from domain.kernel.text_formatting import with_names
from domain.kernel.threat import Stride
from domain.lifecycle import phase_of
from domain.phase_conditions import TITLES
from domain.register import RegisterItem, RegisterList, ThreatRegister
from domain.wording.steering import import_sentence

Rows = Iterable[Sequence[str]]


def models_table(models: Iterable[StreamSummary]) -> Table:
    """Return the models of a database, one a line."""
    return text_grid(
        ("Key", "Name", "Phase", "Events", "Last one", "Channel", "Workspace"),
        (
            (
                *(model.key, model.name, model.phase, str(model.version)),
                *(format_moment(model.updated_at), model.channel, model.tenant),
            )
            for model in models
        ),
    )


def history_table(history: ModelHistory, zone: str | None) -> Table:
    """Return a history, one event per line; undone events are marked."""

    def cells() -> Rows:
        for entry in history.entries:
            when = format_moment(entry.at, zone) if entry.at else ""
            text = with_names(entry.text, entry.people, history.naming)
            undone = " (undone)" if entry.undone else ""
            yield str(entry.version), when, history.naming(entry.by), f"{text}{undone}"

    return text_grid(("Version", "When", "Who", "What"), cells())


def print_model(seen: ModelSnapshot, out: Console) -> None:
    """Print a model: its registers, then questions, suggested threats, warnings and open work."""
    register = seen.register
    out.print(Text(f"{register.key}  {terminal_text(register.name)}", style="bold"))
    out.print(Text(f"{register.phase}, version {register.version}{seen.note}"))
    mark = register.imported
    for label, text in (
        ("Labels", ", ".join(register.labels)),
        ("What", register.description),
        ("Out of scope", register.out_of_scope),
        ("Imported", f"{import_sentence(mark, seen.naming(mark.importer))}." if mark else ""),
    ):
        if text:
            out.print(Text(f"{label}: {terminal_text(text)}"))
    if register.review_due:
        overdue = " (overdue)" if register.review_overdue else ""
        out.print(Text(f"Next review: {format_moment(register.review_due)}{overdue}"))
    if register.in_place.total:
        out.print(Text(f"{register.in_place.sentence}. {register.checks.sentence}."))
    waits_for = f" ({seen.naming(register.next.waits_for)})" if register.next.waits_for else ""
    out.print(Text(f"Next: {terminal_text(register.next.text + waits_for)}"))
    for listed in register.lists.values():
        if listed.items:
            complete = " (complete)" if listed.complete else ""
            _print(f"{PLURAL[listed.kind].capitalize()}{complete}", _elements(listed, register), out)
    for section in _SECTIONS:
        found = list(section.rows(seen))
        if found:
            _print(section.title, text_grid(section.columns, found), out)


def _print(title: str, table: Table, out: Console) -> None:
    out.print()
    out.print(Text(title, style="bold"))
    out.print(table)


class _Section(msgspec.Struct, frozen=True):
    """A table of a model, which is left out if it has no rows."""

    title: str
    columns: Sequence[str]
    rows: Callable[[ModelSnapshot], Rows]


def _assumptions(seen: ModelSnapshot) -> Rows:
    return ((one.id, one.text, seen.naming(one.held_by)) for one in seen.register.assumptions)


def _questions(seen: ModelSnapshot) -> Rows:
    for one in seen.register.questions:
        unknown = " (answered “don't know”)" if one.answered_unknown else ""
        more = f" and {len(one.rules) - _RULES} more" if len(one.rules) > _RULES else ""
        rules = f"{', '.join(one.rules[:_RULES])}{more}"
        owner = seen.naming(one.asked_of) if one.asked_of else ""
        whose = f"{owner} until {one.due}" if one.due else owner
        yield f"{one.element} {one.element_name}", f"{one.text}{unknown}", " ".join(one.why), rules, whose


def _overridden(seen: ModelSnapshot) -> Rows:
    for passed in seen.register.passed:
        condition, before = passed.override, phase_of(passed.step)
        text, until = condition.text or TITLES.get(condition.condition, condition.condition), condition.until
        yield text, before, condition.reason, seen.naming(passed.by), until.isoformat() if until else ""


def _closing(seen: ModelSnapshot) -> Rows:
    closing = seen.register.closing
    return [(seen.naming(closing.by), ", ".join(closing.critical))] if closing is not None else []


_SECTIONS: Final = (
    _Section("Assumptions", ("Id", "Text", "Owner"), _assumptions),
    _Section("Questions", ("Element", "Question", "Because", "Rules", "Owner"), _questions),
    _Section(
        "Suggested threats",
        ("Id", "Suggested threat", "Element", "Because", "STRIDE", "CWE"),
        lambda seen: rows.suggested_threats(seen.register, seen.naming),
    ),
    _Section(
        "Threats prevented by a control in place",
        ("Id", "Threat", "Element", "Controls", "Basis", "STRIDE"),
        lambda seen: rows.prevented(seen.register, seen.naming),
    ),
    _Section(
        "Dismissed suggested threats",
        ("Id", "Suggested threat", "Element", "Because", "By", "When", "Since then"),
        lambda seen: rows.dismissed(seen.register.dismissed, seen.naming),
    ),
    _Section(
        "Threats",
        (
            *("Rank", "Id", "Threat", "Band", "Mean", "Total"),
            *(metric.label for metric in Metric),
            *("Ballots", "Remarks"),
        ),
        lambda seen: rows.threats(seen.register.ranked),
    ),
    _Section(
        "Responses",
        ("Id", "Threat", "State", "Owner", "Until", "Remarks"),
        lambda seen: rows.responses(seen.register, seen.naming),
    ),
    _Section(
        "Mitigations",
        ("Id", "Mitigation", "Against", "Control", "State", "Owner", "Due", "Remarks"),
        lambda seen: rows.mitigations(seen.register.mitigations, seen.naming),
    ),
    _Section(
        "Reminders",
        ("When", "To", "About", "Why", "State"),
        lambda seen: rows.reminders(seen.reminders, seen.naming),
    ),
    _Section(
        "Retrospective",
        ("Who", "Question", "Answer"),
        lambda seen: rows.retrospectives(seen.register.retrospectives, seen.naming),
    ),
    _Section(
        "Open rounds",
        ("Id", "About", "Deadline", "Quorum", "Voted", "Waits for"),
        lambda seen: rows.rounds(seen.register.rounds, seen.naming),
    ),
    _Section(
        "Coverage (✓ decided, ◐ assumed, ● to decide, ○ open, without a flow across a trust boundary)",
        ("Element", "Name", *Stride, "No further threats, because"),
        lambda seen: rows.coverage(seen.register.coverage, seen.naming),
    ),
    _Section("Warnings", ("Warning",), lambda seen: ((warning.text,) for warning in seen.register.warnings)),
    _Section(
        "Conditions for closing",
        ("Met", "Condition"),
        lambda seen: (("yes" if one.met else "no", one.text) for one in seen.register.conditions),
    ),
    _Section("Overridden conditions", ("Unmet condition", "Before", "Reason", "By", "Until"), _overridden),
    _Section("Closing waiting for confirmation", ("Proposed by", "Critical or unscored threats"), _closing),
)


def _elements(listed: RegisterList, register: ThreatRegister) -> Table:
    every = [_element_cells(item, register) for item in listed.items]
    # Columns that say nothing about anything only take room.
    columns = [column for column in every[0] if any(cells[column] for cells in every)]
    return text_grid(columns, ([cells[column] for column in columns] for cells in every))


def _element_cells(item: RegisterItem, register: ThreatRegister) -> dict[str, str]:
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
    cells["Answered"] = ", ".join(f"{_words(fact)}: {item.answer_text(fact)}" for fact in item.facts)
    return cells


def _words(term: str) -> str:
    return term.replace("_", " ")


_RULES = 6
"""Rules that are named beside a question, which may be asked by a whole catalog."""
