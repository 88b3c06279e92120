"""Page of the coverage grid: a row for each element, a letter for each category."""

from bot.slack.protocol.block_builders import Block, View, actions, button, context, divider, modal, section
from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.screening_texts import screened_out_text
from domain.analysis.coverage import CoverageCell, CoverageRow, DecidedBy
from domain.commands import ConfirmScreening, ConsiderRow
from domain.kernel.person_names import Naming
from domain.kernel.stride import Stride
from domain.kernel.text_formatting import count_phrase


def coverage_page(showing: PageData) -> View:
    """Return the coverage grid, rows of crossing elements first."""
    target, register = showing.target, showing.register
    grid = register.coverage
    shown = list_page(grid.rows, target, _ON_A_PAGE)
    onward = [
        button("What came up", ButtonKind.SHOW, Target(name="seen", stream=target.stream)),
        button("Threats", ButtonKind.SHOW, Target(name="threats", stream=target.stream)),
    ]
    blocks = [
        section(_counts(grid.open_cells, assumed=grid.assumed_cells, of=len(grid.rows))),
        actions(*onward),
        context(*_LEGEND),
    ]
    blocks += _screened_out(showing)
    before: bool | None = None
    for row in shown.items:
        if row.crossing is not before:
            blocks += [divider(), section(_HEADINGS[row.crossing])]
        before = row.crossing
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
    return [section(f"*Screened out*\n{text}", accessory=pressed if allowed else None)]


def _counts(cells: int, *, assumed: int, of: int) -> str:
    if not of:
        return "*Nothing to cover yet.* Place the components and draw the flows between them first."
    if not cells and assumed:
        number = count_phrase(assumed, "cell")
        return f"*Covered, but {number} by assumption.* Confirm the assumptions to decide them."
    if not cells:
        return "*Covered.* Whatever a crossing flow makes matter is decided."
    return (
        f"*{count_phrase(cells, 'cell')} to decide.* Judge what came up, report a threat, "
        "or say for a whole row why there is nothing more."
    )


def _row(row: CoverageRow, naming: Naming) -> str:
    cells = "   ".join(_cell(cell) for cell in row.cells)
    lines = [f"*{escape_name(row.name)}* · {row.element}", cells]
    if row.considered:
        reason = escape(one_line(row.considered.reason), _REASON)
        lines.append(f"Nothing more, because: “{reason}” ({person_name(naming, row.considered.by)})")
    return "\n".join(lines)


def _cell(cell: CoverageCell) -> str:
    # No-break spaces keep a letter and its sign on the same line on a phone.
    sign = "✓" if cell.decided else "◐" if cell.by is DecidedBy.ASSUMED else "●" if cell.wanted else "○"
    threats = ",".join(f"\N{NO-BREAK SPACE}{one}" for one in cell.threats[:_THREATS])
    bold = cell.wanted and cell.by is DecidedBy.NOTHING
    letter = f"*{cell.category}*" if bold else str(cell.category)
    return f"{letter}\N{NO-BREAK SPACE}{sign}{threats}"


def _pressed(stream: str, row: CoverageRow) -> Block | None:
    if row.considered:
        reopening = Target(name=Action.REOPEN_ROW, stream=stream, element=row.element)
        return button(
            "Look again", ButtonKind.DO, reopening, suffix="again", spoken=f"Open {row.element} again"
        )
    if all(cell.decided for cell in row.cells):
        return None
    considering = Target(name="consider", stream=stream, element=row.element, back="coverage")
    spoken = f"Say why there is nothing more at {row.element}"
    return button("No more…", ButtonKind.OPEN, considering, suffix="consider", spoken=spoken)


_LEGEND = (
    " · ".join(f"{one} {one.label.lower()}" for one in Stride),
    "✓ decided · ◐ assumed · ● to decide · ○ open, but no crossing flow makes it matter",
)
_HEADINGS = {
    True: "*Touched by flows that cross a boundary or a trust level*",
    False: "*The rest*: shown, not asked for",
}
_ON_A_PAGE = 25
_REASON = 200
_THREATS = 2
