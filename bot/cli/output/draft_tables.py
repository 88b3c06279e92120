"""Drafts and drift as tables, lines and JSON."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from rich.table import Table
from rich.text import Text

from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.drafts.draft_drift import REACHED_FROM, DriftReport, drift_lines, shown_place
from domain.built_in_catalog import BUILT_IN
from domain.drafts.draft import Draft, DraftAnswer, DraftItem, SourceKey
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, number_of
from domain.kernel.text_formatting import count_phrase

_ORDER: Final = (
    Kind.TRUST_BOUNDARY,
    Kind.COMPONENT,
    Kind.ENTRY_POINT,
    Kind.DATA_FLOW,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.ASSET,
)


def draft_tables(draft: Draft, states: Mapping[SourceKey, str]) -> Iterator[Table | Text]:
    """Yield a draft as people read it: a table for each kind, the threats, the assumptions and the notes.

    `states` are those of the items in comparison with a model; empty if there is none.
    """
    files = ", ".join(f"{source.name} ({source.format})" for source in draft.sources)
    yield Text(f"Draft from {terminal_text(files)}")
    names = {item.key: item.name for item in draft.items}
    for kind in _ORDER:
        items = [item for item in draft.items if item.kind is kind]
        if items:
            yield Text(f"\n{number_of(kind, len(items))}", style="bold")
            yield _items_table(items, names, states)
    if draft.threats:
        yield Text(f"\n{count_phrase(len(draft.threats), 'threat')}", style="bold")
        yield text_grid(
            ("Title", "STRIDE", "Certainty", "Place"),
            (
                (one.title, ", ".join(stride.label for stride in one.stride), one.certainty, one.place.text)
                for one in draft.threats
            ),
        )
    if draft.assumptions:
        yield Text(f"\n{count_phrase(len(draft.assumptions), 'assumption')}", style="bold")
        yield text_grid(("Assumption", "Place"), ((one.text, one.place.text) for one in draft.assumptions))
    if draft.notes:
        yield Text("\nNot read:")
        yield Text("\n".join(f"  - {terminal_text(note)}" for note in draft.notes))


def draft_json(draft: Draft, states: Mapping[SourceKey, str]) -> str:
    """Return a draft as a JSON object, with the states of its items if it was compared with a model."""
    content = {**msgspec.to_builtins(draft), "not_read": len(draft.notes)}
    content |= {"states": dict(states)} if states else {}
    return _json(msgspec.json.encode(content))


def drift_json(report: DriftReport) -> str:
    """Return the result of a comparison as a JSON object."""
    return _json(msgspec.json.encode({**msgspec.to_builtins(report), "not_read": len(report.notes)}))


def drift_text(report: DriftReport, known: Path | str) -> str:
    """Return the result of a comparison in lines that begin with a place, and what to do."""
    lines = [terminal_text(line) for line in drift_lines(report.drifts)]
    if report.gone:
        lines += ["Gone, which is no drift:", *(f"  - {terminal_text(one)}" for one in report.gone)]
    if report.notes:
        lines += ["Not read:", *(f"  - {terminal_text(note)}" for note in report.notes)]
    file = terminal_text(str(known))
    if report.drifts:
        changes = count_phrase(len(report.drifts), "change")
        in_file = isinstance(known, Path)
        how = f"threatmodel draft FILE --known {file}" if in_file else "draft the file in Slack"
        lines.append(f"{changes} not in {file}. To make them known: {how}")
    else:
        lines.append(f"Everything is known: {count_phrase(report.compared, 'element')} compared with {file}.")
    return "\n".join(lines)


def _items_table(
    items: Iterable[DraftItem], names: Mapping[SourceKey, str], states: Mapping[SourceKey, str]
) -> Table:
    state_column = ["In the model"] if states else []
    return text_grid(
        ("Name", *state_column, "Certainty", "Place", "Attributes", "Answers"),
        (
            (
                item.name,
                *([states.get(item.key, "")] if states else []),
                item.certainty,
                shown_place(item.place, item.key),
                "; ".join(_attributes(item, names)),
                "; ".join(_answer(answer, item) for answer in item.answers if not _is_obvious(answer)),
            )
            for item in items
        ),
    )


def _attributes(one: DraftItem, names: Mapping[SourceKey, str]) -> Iterator[str]:
    if one.role:
        yield one.role.value.replace("_", " ")
    if one.technology:
        yield BUILT_IN.technology_name(one.technology)
    if one.component:
        yield f"of {names.get(one.component, one.component)}"
    if one.exposure:
        yield f"reachable from {REACHED_FROM[one.exposure]}"
    if one.protocol:
        yield one.protocol
    if one.boundary:
        yield f"in {names.get(one.boundary, one.boundary)}"
    if one.sort:
        yield one.sort
    if one.stored_in:
        yield f"stored in {', '.join(names.get(key, key) for key in one.stored_in)}"


def _answer(answer: DraftAnswer, item: DraftItem) -> str:
    """Return an answer with its line; the file only if it is another one."""
    place = answer.place
    where = f"line {place.line}" if place.file == item.place.file and place.line else place.text
    return f"{BUILT_IN.facts[answer.fact].question} {answer.answer.label.capitalize()} ({where})"


def _is_obvious(answer: DraftAnswer) -> bool:
    return answer.fact == "software" and answer.answer is Answer.YES


def _json(content: bytes) -> str:
    return msgspec.json.format(content, indent=2).decode() + "\n"
