"""Page of the coverage grid: a row of fixed width for each element, undecided ones first."""

from bot.slack.protocol.block_builders import Block, View, actions, button, context, divider, modal, section
from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.review_form import review_several_target
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.screening_texts import screened_out_text
from domain.analysis.coverage import CoverageCell, CoverageRow, DecidedBy
from domain.commands import ConfirmScreening, ConsiderRow, ConsiderRows
from domain.kernel.person_names import Naming
from domain.kernel.stride import Stride
from domain.kernel.text_formatting import count_phrase


def coverage_page(showing: PageData) -> View:
    """Return the coverage grid, rows with undecided cells first."""
    target, register = showing.target, showing.register
    grid = register.coverage
    shown = list_page(grid.undecided_first, target, _ON_A_PAGE)
    onward = [
        button("Findings", ButtonKind.SHOW, Target(name="seen", stream=target.stream)),
        button("Threats", ButtonKind.SHOW, Target(name="threats", stream=target.stream)),
    ]
    unreviewed = [row for row in grid.open if not row.considered]
    if len(unreviewed) > 1 and register.allows(ConsiderRows):
        several = review_several_target(target.stream, unreviewed)
        marking = button("Mark several as reviewed…", ButtonKind.OPEN, several, suffix="several")
        onward.insert(0, marking)
    blocks = [
        section(_counts(grid.open_cells, assumed=grid.assumed_cells, of=len(grid.rows))),
        actions(*onward),
        context(*_LEGEND),
    ]
    blocks += _screened_out(showing)
    before: bool | None = None
    for row in shown.items:
        undecided = bool(row.open)
        if undecided is not before:
            blocks += [divider(), section(_HEADINGS[undecided])]
        before = undecided
        pressed = _pressed(target.stream, row) if register.allows(ConsiderRow) else None
        blocks.append(section(_row(row, showing.naming), accessory=pressed))
    return modal("Coverage", [*blocks, *page_buttons(shown, target)], target=target)


COVERAGE = Page(name="coverage", show=coverage_page)


def _screened_out(showing: PageData) -> list[Block]:
    """Return the features that were screened out, with a button for the second person to confirm it."""
    target, register = showing.target, showing.register
    text = screened_out_text(register, showing.naming)
    if not text:
        return []
    waits = any(
        one.unconfirmed and one.answer and one.answer.by != showing.reader for one in register.screening
    )
    confirming = Target(name=Action.CONFIRM_SCREENING, stream=target.stream)
    pressed = button("Confirm", ButtonKind.DO, confirming, suffix="screening", spoken="Confirm the screening")
    allowed = waits and register.allows(ConfirmScreening)
    return [section(text, accessory=pressed if allowed else None)]


def _counts(cells: int, *, assumed: int, of: int) -> str:
    if not of:
        return "*Nothing to cover yet.* Add data flows and place their components first."
    if not cells and assumed:
        number = count_phrase(assumed, "cell")
        return f"*Covered, but {number} by assumption.* Confirm the assumptions to decide them."
    if not cells:
        return "*Covered.* All STRIDE cells on trust crossings are decided."
    return (
        f"*{count_phrase(cells, 'STRIDE cell')} on trust crossings {'is' if cells == 1 else 'are'} "
        "undecided.* Review the findings, report a threat, or mark a row as reviewed."
    )


def _row(row: CoverageRow, naming: Naming) -> str:
    cells = {cell.category: cell for cell in row.cells}
    signs = " ".join(f"{one} {_sign(cells.get(one)):<2}" for one in Stride)
    found = list(dict.fromkeys(threat for cell in row.cells for threat in cell.threats))
    more = f" and {len(found) - _THREATS} more" if len(found) > _THREATS else ""
    threats = f" · {', '.join(found[:_THREATS])}{more}" if found else ""
    # No-break spaces keep the columns aligned, and the row on one line on a phone.
    aligned = signs.replace(" ", "\N{NO-BREAK SPACE}")
    lines = [f"*{escape_name(row.name)}* · {row.element}{threats}", f"`{aligned}`"]
    if row.considered:
        reason = escape(one_line(row.considered.reason), _REASON)
        lines.append(f"Reviewed by {person_name(naming, row.considered.by)}: “{reason}”")
    return "\n".join(lines)


def _sign(cell: CoverageCell | None) -> str:
    """Return the sign of a cell, of letters that have the same width in every font of fixed width."""
    if cell is None:
        return "-"
    if cell.decided:
        return "ok"
    if cell.by is DecidedBy.ASSUMED:
        return "~"
    return "?" if cell.wanted else "."


def _pressed(stream: str, row: CoverageRow) -> Block | None:
    if row.considered:
        reopening = Target(name=Action.REOPEN_ROW, stream=stream, element=row.element)
        return button("Reopen row", ButtonKind.DO, reopening, suffix="again", spoken=f"Reopen {row.element}")
    if all(cell.decided for cell in row.cells):
        return None
    considering = SelectionTarget(name="consider", stream=stream, element=row.element, back="coverage")
    spoken = f"Mark {row.element} as reviewed"
    return button("Mark as reviewed…", ButtonKind.OPEN, considering, suffix="consider", spoken=spoken)


_LEGEND = (
    " · ".join(f"{one} {one.label.lower()}" for one in Stride),
    "`ok` decided · `~` assumed · `?` undecided · `.` not on a trust crossing · `-` does not apply",
)
_HEADINGS = {True: "*Undecided*", False: "*Decided, or not on a trust crossing*"}
_ON_A_PAGE = 25
_REASON = 200
_THREATS = 3
