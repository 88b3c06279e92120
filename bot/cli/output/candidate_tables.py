"""Tables of candidates, dismissals and coverage."""

from collections.abc import Iterable

from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.output.text_grid import add_row, text_grid
from bot.report.sections.section_formatting import candidate_evidence
from domain.analysis.candidates import DismissalState, DismissedCandidate
from domain.analysis.coverage import Coverage, CoverageCell, CoverageRow, DecidedBy
from domain.kernel.person_names import Naming
from domain.kernel.stride import Stride
from domain.register import ThreatRegister

LEGEND = "✓ decided, ◐ assumed, ● to decide, ○ open, without a flow across a trust boundary"
"""What the signs of the coverage table mean."""


def candidates_table(register: ThreatRegister) -> Table:
    """Return the open candidates with their evidence."""
    table = text_grid("Id", "Suggested threat", "Element", "Because", "STRIDE", "CWE")
    for one in register.candidates:
        weaknesses = ", ".join(str(number) for number in one.rule.cwe)
        why = "; ".join(candidate_evidence(register, one))
        add_row(table, one.id, one.rule.title, one.about, why, one.rule.category.label, weaknesses)
    return table


def dismissed_table(dismissed: Iterable[DismissedCandidate], naming: Naming) -> Table:
    """Return the dismissed candidates, the latest first: reason, author and current state."""
    table = text_grid("Id", "Suggested threat", "Element", "Because", "By", "When", "Since then")
    for one in dismissed:
        said = one.dismissal
        newer = ["the rule has a newer version"] if one.rule_changed else []
        add_row(
            table,
            said.candidate,
            one.title,
            one.element_name,
            said.reason,
            naming(said.by),
            format_moment(said.at),
            "; ".join([*([_FATES[one.state]] if _FATES[one.state] else []), *newer]),
        )
    return table


def coverage_table(coverage: Coverage, naming: Naming) -> Table:
    """Return the grid, a letter of STRIDE a column; an empty cell does not apply."""
    table = text_grid("Element", "Name", *Stride, "No further threats, because")
    for one in coverage.rows:
        cells = {cell.category: cell for cell in one.cells}
        signs = (_sign(cells[category]) if category in cells else "" for category in Stride)
        add_row(table, one.element, one.name, *signs, _considered(one, naming))
    return table


def _sign(cell: CoverageCell) -> str:
    if cell.decided:
        return " ".join(["✓", *cell.threats])
    if cell.by is DecidedBy.ASSUMED:
        return "◐"
    return "●" if cell.wanted else "○"


def _considered(one: CoverageRow, naming: Naming) -> str:
    return f"{one.considered.reason} ({naming(one.considered.by)})" if one.considered else ""


_FATES = {
    DismissalState.HOLDS: "",
    DismissalState.RETURNED: "to be decided again",
    DismissalState.SILENT: "the rule no longer suggests it",
    DismissalState.ORPHAN: "its element was removed",
}
