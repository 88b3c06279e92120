"""Page of coverage, and the form that reviews it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    button_row,
    context,
    divider,
    modal,
    plain_text,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import (
    ALL,
    Action,
    ButtonKind,
    SelectionTarget,
    StaleButton,
    Target,
    action_id,
)
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    FormPart,
    ImpliedChange,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.analysis.open_questions_form import LEFT_OUT
from bot.slack.ui.modals.analysis.prevented_page import prevented_button
from bot.slack.ui.modals.analysis.threats_page import STRIDE_MEANINGS
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import (
    element_name,
    first_lines,
    first_names,
    person_name,
    screened_out_text,
)
from domain.analysis.coverage import Coverage, CoverageCell, CoverageRow, DecidedBy
from domain.commands import AnswerQuestions, ConfirmScreening, ConsiderRow, ConsiderRows
from domain.kernel.elements import ElementId
from domain.kernel.length_limits import TEXT
from domain.kernel.text_formatting import Naming, count_phrase
from domain.kernel.threat import Stride
from domain.register import ThreatRegister
from domain.wording.considered_prompts import thinking_text

MOST_ROWS = 100
"""Rows that are offered at once: ten groups of ten checkboxes."""


def review_several_target(stream: str, rows: Iterable[CoverageRow], *, selected: bool = False) -> Target:
    """Return the target of the form about several rows; `selected` if each is ticked at first."""
    ids: list[str] = []
    for row in rows:
        if len(ids) == MOST_ROWS or len(",".join((*ids, row.element))) > _CHARACTERS:
            break
        ids.append(row.element)
    return SelectionTarget(
        name="consider",
        stream=stream,
        element=",".join(ids),
        back="coverage",
        selection=ALL if selected else "",
    )


def _parts(opening: FormContext) -> Sequence[FormPart]:
    rows = {str(row.element): row for row in opening.required_register.coverage.rows}
    wanted = _elements(opening.target)
    left = [rows[one] for one in wanted if one in rows]
    if not left:
        raise StaleButton("This element is not in the coverage grid.")
    return _several(opening, left) if len(wanted) > 1 else _single(left[0])


def _elements(target: Target) -> tuple[ElementId, ...]:
    return tuple(map(ElementId, target.element.split(",")))


def _single(row: CoverageRow) -> list[FormPart]:
    open_cells = [cell for cell in row.cells if not cell.decided]
    lines = [f"• *{cell.category.label}*: {STRIDE_MEANINGS[cell.category]}" for cell in open_cells]
    return [
        Paragraph(
            text="\n".join([f"*{escape_name(row.name)}* · {row.element}. Undecided categories:", *lines])
        ),
        replace(
            _REASON,
            hint="One reason for the whole row. Report actual threats instead.",
            initial=row.considered.reason if row.considered else "",
        ),
    ]


def _several(opening: FormContext, rows: Sequence[CoverageRow]) -> list[FormPart]:
    every = SelectionTarget.of(opening.target).selection == ALL
    unreviewed = [row for row in rows if not row.considered]
    other = review_several_target(opening.target.stream, rows if every else unreviewed, selected=not every)
    label = "Select none" if every else f"Select all {len(unreviewed)}"
    letters = " · ".join(f"{category} {category.label.lower()}" for category in Stride)
    select = button(label, ButtonKind.TURN, other, suffix="select")
    # *Select all* selects no row that was reviewed before the press. One reviewed since was selected when it
    # was submitted, and stays so beside the other person's reason.
    selected = [
        row
        for row in rows
        if every and (not row.considered or f"reviewed/{row.element}" in opening.conflicts)
    ]
    return [
        Paragraph(text=f"*{count_phrase(len(rows), 'row')}.* {letters}"),
        *([ButtonRow(buttons=(select,))] if len(unreviewed) > 1 else []),
        CheckboxesField(
            key="rows",
            label="Rows",
            required=True,
            options=tuple(map(_option, rows)),
            initial=tuple(row.element for row in selected),
        ),
        *(one for row in rows for one in _implied(row)),
        replace(_REASON, hint="One reason for all selected rows. Report actual threats instead."),
    ]


def _option(row: CoverageRow) -> Option:
    """Return a row with the undecided categories of the grid, or with the reason of its review."""
    if row.considered:
        means = f"Reviewed: {one_line(row.considered.reason)}"
    else:
        letters = " ".join(_letters(row.open)) or "nothing on a trust crossing"
        means = f"Undecided: {letters}{_suggested(row, ' · {}')}"
    return Option(value=row.element, text=f"{row.name} · {row.element}", means=means)


def _suggested(row: CoverageRow, text: str = "{}") -> str:
    """Return the number of suggested threats of a row; empty without any."""
    suggested = sum(cell.suggested_threats for cell in row.cells)
    return text.format(count_phrase(suggested, "suggested threat")) if suggested else ""


def _letters(cells: Iterable[CoverageCell]) -> Iterator[str]:
    return (cell.category.value for cell in cells)


def _implied(row: CoverageRow) -> Iterator[ImpliedChange]:
    """Yield what a review of the row rests on and replaces, so that another person's change is shown."""

    def when_ticked(text: str, values: SubmittedValues) -> str | None:
        return text if row.element in values.many("rows") else None

    name = f"{row.element} {clip(one_line(row.name), _NAME)}"
    yield ImpliedChange(
        key=f"findings/{row.element}",
        label=f"Findings of {name}",
        initial=_findings(row),
        new_value=lambda values: when_ticked("No further threats", values),
    )
    yield ImpliedChange(
        key=f"reviewed/{row.element}",
        label=f"Review of {name}",
        initial=row.considered.reason if row.considered else "",
        new_value=lambda values: when_ticked(values.text("reason"), values),
    )


def _findings(row: CoverageRow) -> str:
    """Return the threats, suggested threats and open categories of a row, apart from its review."""
    unsettled = (DecidedBy.NOTHING, DecidedBy.REASON, DecidedBy.ASSUMED)
    letters = ", ".join(_letters(cell for cell in row.cells if cell.by in unsettled))
    threats = ", ".join(dict.fromkeys(threat for cell in row.cells for threat in cell.threats))
    found = (threats, _suggested(row), f"not settled: {letters}" if letters else "")
    return "; ".join(filter(None, found))


def _consider(entry: Entry) -> FormCommand:
    elements = _elements(entry.target)
    if len(elements) == 1:
        return entry.command(ConsiderRow, "element")
    chosen = entry.values.many("rows")
    return entry.command(ConsiderRows, elements=[id for id in elements if id in chosen])


CONSIDER = Form(
    name="consider",
    target=SelectionTarget,
    command_type=lambda target: ConsiderRows if len(_elements(target)) > 1 else ConsiderRow,
    title="Mark as reviewed",
    parts=_parts,
    set_by_buttons=("rows",),
    build_command=_consider,
)

_REASON = TextField(
    key="reason",
    label="Why do no further threats apply?",
    placeholder="The queue is internal and carries public data only.",
    limit=TEXT,
    lines=True,
    required=True,
)
_CHARACTERS = 1_200
"""Characters of the rows' IDs; the rest of a button's value holds the model and the page."""
_NAME = 60


def coverage_page(showing: PageData) -> View:
    """Return the coverage grid, rows with undecided cells first."""
    target, register = showing.target, showing.register
    grid, make = register.coverage, ModelButtons(target.stream)
    element, is_row, _ = target.element.partition("/")
    chosen = next((row for row in grid.rows if is_row and row.element == element), None)
    if chosen is not None:
        return _row_page(showing, chosen)
    shown = list_page(grid.undecided_first, target, _ON_A_PAGE)
    onward = [make.shows("Findings", "seen"), make.shows("Threats", "threats")]
    if (prevented := prevented_button(make, register)) is not None:
        onward.append(prevented)
    unreviewed = [row for row in grid.open if not row.considered]
    if len(unreviewed) > 1 and register.allows(ConsiderRows):
        several = review_several_target(target.stream, unreviewed)
        onward.insert(0, make.opens("Mark several as reviewed…", several, suffix="several"))
    blocks = [
        section(_counts(register, showing.naming)),
        actions(*onward),
        context(*_LEGEND),
        *_screened_out(showing),
        *_excluded(register),
        *([section("*Rows*: what decided each cell", accessory=_menu(shown.items))] if shown.items else []),
    ]
    for undecided, rows in groupby(shown.items, key=lambda row: bool(row.open)):
        blocks += [divider(), section(_HEADINGS[undecided])]
        for row in rows:
            pressed = _review_button(make, row) if register.allows(ConsiderRow) else None
            blocks.append(section(_row(row, showing.naming), accessory=pressed))
    return modal("Coverage", [*blocks, *page_buttons(shown, target)], target=target)


def _choose_row(target: Target, menu: str, values: tuple[str, ...]) -> Target:
    if menu != "row" or len(values) != 1:
        raise StaleButton
    return Target(name=target.name, stream=target.stream, element=values[0])


COVERAGE = Page(name="coverage", show=coverage_page, filtered=_choose_row)


def _menu(rows: Iterable[CoverageRow]) -> Block:
    """Return the menu that shows one row: its value is that of a row, without a category."""
    return {
        "type": "static_select",
        "action_id": action_id(ButtonKind.FILTER, "row"),
        "placeholder": plain_text("Show a row", slack_limits.PLACEHOLDER),
        "options": [
            {
                "text": plain_text(f"{row.element} {one_line(row.name)}", slack_limits.OPTION),
                "value": f"{row.element}/",
            }
            for row in rows
        ],
    }


def _row_page(showing: PageData, row: CoverageRow) -> View:
    """Return the cells of one element, each with what decided it and the answers that it rests on."""
    target, register = showing.target, showing.register
    make = ModelButtons(target.stream, back="coverage")
    review = _review_button(make, row) if register.allows(ConsiderRow) else None
    blocks = [
        section(_row(row, showing.naming)),
        *button_row(make.turns("All rows", "coverage"), review),
        divider(),
    ]
    for cell in row.cells:
        change, finding = None, f"{row.element}/{cell.category.value}"
        if (cell.answers or cell.assumed) and register.allows(AnswerQuestions):
            spoken = f"Change the answers behind {finding}"
            change = make.opens("Change…", "change_answers", finding, spoken=spoken)
        lines = [f"*{cell.category.label}*: {_decision(cell)}", *_answers(register, row, cell)]
        blocks.append(section("\n".join(lines), accessory=change))
    return modal("Coverage", blocks, target=target)


def _decision(cell: CoverageCell) -> str:
    match cell.by:
        case DecidedBy.THREAT:
            return f"decided by {first_names(cell.threats, _THREATS)}"
        case DecidedBy.RULES:
            return "decided by answers"
        case DecidedBy.ASSUMED:
            return "decided by answers, of which some are assumed"
        case DecidedBy.REASON:
            return "reviewed"
        case DecidedBy.NOTHING:
            pending = [
                count_phrase(cell.suggested_threats, "suggested threat") if cell.suggested_threats else "",
                f"{count_phrase(cell.unclear, 'rule')} with an open question" if cell.unclear else "",
            ]
            return ", ".join(["undecided", *filter(None, pending)])


def _answers(register: ThreatRegister, row: CoverageRow, cell: CoverageCell) -> list[str]:
    """Return the answers of a cell about elements, what is assumed, and how many the screening gave."""
    lines: list[str] = []
    for element, name in (*cell.answers, *cell.assumed):
        item, fact = register.item(element), register.catalog.facts.get(name)
        told = item.answer_text(name) if item else ""
        if fact is not None and told:
            where = "" if element == row.element else f" ({element_name(register, element)})"
            lines.append(f"• “{fact.statement}”: {escape(told)}{where}")
    screened = len(cell.answers) + len(cell.assumed) - len(lines)
    also = [f"• {count_phrase(screened, 'answer')} of the screening"] if screened else []
    return [*first_lines(lines, _ANSWERS), *also]


_ANSWERS = 8


def _screened_out(showing: PageData) -> list[Block]:
    """Return the features that were screened out, with a button for the second person to confirm it."""
    register = showing.register
    text = screened_out_text(register, showing.naming)
    if not text:
        return []
    waits = any(
        topic.unconfirmed and topic.answer and topic.answer.by != showing.reader
        for topic in register.screening
    )
    pressed = ModelButtons(showing.target.stream).does(
        "Confirm", Action.CONFIRM_SCREENING, suffix="screening", spoken="Confirm the screening"
    )
    allowed = waits and register.allows(ConfirmScreening)
    return [section(text, accessory=pressed if allowed else None)]


def _excluded(register: ThreatRegister) -> list[Block]:
    """Return which questions are not asked and why, so that people can object by correcting the model."""
    reasons = [
        f"{first_names(one.titles, _TITLES)} at "
        f"{first_names([register.name_of(element) for element in one.elements], _PLACES)} ({one.absent})"
        for one in register.excluded
    ]
    if not reasons:
        return []
    rest = len(reasons) - _REASONS
    more = [count_phrase(rest, "other reason")] if rest > 0 else []
    return [section(f"{LEFT_OUT} {escape('; '.join([*reasons[:_REASONS], *more]), _NOT_ASKED)}.")]


def _counts(register: ThreatRegister, naming: Naming) -> str:
    """Return how much is decided, which controls are in place on what basis, and who thought further."""
    checked = f"\n{register.checks.sentence}." if register.checks.total else ""
    controls = f"\n{register.in_place.sentence}.{checked}" if register.in_place.total else ""
    thought = thinking_text(register.considered_prompts, lambda person: person_name(naming, person))
    further = f"\nThink further: {thought}." if thought else ""
    return f"{_cells(register.coverage)}{controls}{further}"


def _cells(grid: Coverage) -> str:
    cells = grid.open_cells
    if not grid.rows:
        return "*Nothing to cover yet.* Add data flows and place their components first."
    if cells:
        return (
            f"*{count_phrase(cells, 'STRIDE cell')} on trust crossings {'is' if cells == 1 else 'are'} "
            "undecided.* Review the findings, report a threat, or mark a row as reviewed."
        )
    if grid.assumed_cells:
        number = count_phrase(grid.assumed_cells, "cell")
        return f"*Covered, but {number} by assumption.* Confirm the assumptions to decide them."
    return "*Covered.* All STRIDE cells on trust crossings are decided."


def _row(row: CoverageRow, naming: Naming) -> str:
    cells = {cell.category: cell for cell in row.cells}
    signs = " ".join(f"{category} {_sign(cells.get(category)):<2}" for category in Stride)
    found = list(dict.fromkeys(threat for cell in row.cells for threat in cell.threats))
    threats = f" · {first_names(found, _THREATS)}" if found else ""
    # No-break spaces keep the columns aligned, and the row on one line on a phone.
    aligned = signs.replace(" ", "\N{NO-BREAK SPACE}")
    lines = [f"*{escape_name(row.name)}* · {row.element}{threats}", f"`{aligned}`"]
    if row.considered:
        reason = escape(one_line(row.considered.reason), _COVERAGE_REASON)
        lines.append(f"Reviewed by {person_name(naming, row.considered.by)}: “{reason}”")
    return "\n".join(lines)


def _review_button(make: ModelButtons, row: CoverageRow) -> Block | None:
    id = row.element
    if row.considered:
        return make.does("Reopen row", Action.REOPEN_ROW, id, suffix="again", spoken=f"Reopen {id}")
    if all(cell.decided for cell in row.cells):
        return None
    considering = SelectionTarget(name="consider", element=id, back="coverage")
    return make.opens("Mark as reviewed…", considering, spoken=f"Mark {id} as reviewed")


def _sign(cell: CoverageCell | None) -> str:
    """Return the sign of a cell, of letters that have the same width in every font of fixed width."""
    if cell is None:
        return "-"
    if cell.decided:
        return "ok"
    if cell.by is DecidedBy.ASSUMED:
        return "~"
    return "?" if cell.wanted else "."


_LEGEND = (
    " · ".join(f"{category} {category.label.lower()}" for category in Stride),
    "`ok` decided · `~` assumed · `?` undecided · `.` not on a trust crossing · `-` does not apply",
)
_HEADINGS = {True: "*Undecided*", False: "*Decided, or not on a trust crossing*"}
_ON_A_PAGE = 25
_COVERAGE_REASON = 200
_THREATS = 3
_TITLES = 3
_PLACES = 3
_REASONS = 5
_NOT_ASKED = 1_000
