"""Coverage grid: the categories considered for each element."""

from collections.abc import Iterator
from functools import partial

from bot.picture.charts import Chart, draw_coverage
from bot.picture.diagram import ThemeName
from bot.report.document_parts import Badge, Block, Column, ReportParagraph, Section, Tone, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.chart_pictures import chart_picture
from bot.report.sections.section_formatting import Cell, cell, linked_threat, quiet, quote, table
from domain.analysis.coverage import CoverageCell as Square
from domain.analysis.coverage import CoverageRow, DecidedBy
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.stride import Stride
from domain.kernel.text_formatting import count_phrase, join_list
from domain.register import ThreatRegister


def coverage_section(source: ReportSource) -> Section:
    """Return the grid as a picture and a table; nothing while no cell can be decided."""
    known = source.register
    if not known.coverage.rows or known.phase == "collection":
        return Section("coverage", "Coverage")
    return Section("coverage", "Coverage", tuple(_blocks(source)))


def _blocks(source: ReportSource) -> Iterator[Block]:
    known = source.register
    still, assumed = known.coverage.open_cells, known.coverage.assumed_cells
    wanted = sum(cell.wanted for row in known.coverage.rows for cell in row.cells)
    counts = [f"{wanted - still - assumed} decided", f"{still} undecided"]
    counts += [f"{assumed} assumed"] if assumed else []
    yield ReportParagraph(
        line_of(
            "The grid shows for which elements and STRIDE categories the team has decided what can go wrong. "
            f"{count_phrase(wanted, 'cell is', 'cells are')} on trust crossings: {join_list(counts)}."
        )
    )
    if screened := screened_out(source):
        yield from (ReportParagraph(line_of(one)) for one in screened)
    for place in range(len(draw_coverage(known))):
        id = f"coverage-by-stride-{place + 1}" if place else "coverage-by-stride"
        yield chart_picture(id, "Coverage by STRIDE", partial(_page, known, place))
    yield table(_COLUMNS, (_row(known, row) for row in known.coverage.undecided_first), _CAPTION)


def _page(known: ThreatRegister, place: int, look: ThemeName) -> Chart:
    return draw_coverage(known, look)[place]


def screened_out(source: ReportSource) -> list[str]:
    """Return the features that were screened out: a sentence for each person and confirmation."""
    by_people: dict[str, list[str]] = {}
    for one in source.register.screening:
        if one.answer is not None and one.screened_out:
            by_people.setdefault(_people(source, one.answer), []).append(one.topic.label)
    return [f"Screened out {people}: {', '.join(topics)}." for people, topics in by_people.items()]


def _people(source: ReportSource, answer: ScreeningAnswer) -> str:
    second = answer.confirmed_by
    confirmation = f"confirmed by {source.naming(second)}" if second else "not confirmed"
    return f"by {source.naming(answer.by)}, {confirmation}"


def _row(known: ThreatRegister, row: CoverageRow) -> tuple[Cell, ...]:
    squares = {one.category: one for one in row.cells}
    considered = quote(row.considered.reason) if row.considered else ""
    return (
        cell(f"{row.name} ({row.element})"),
        *(_square(known, squares[one]) if one in squares else cell("") for one in Stride),
        cell(considered),
    )


def _square(known: ThreatRegister, one: Square) -> Cell:
    if one.threats:
        return tuple(line_of(linked_threat(known, threat)) for threat in one.threats)
    if one.decided:
        return cell("decided")
    if one.by is DecidedBy.ASSUMED:
        return cell(quiet("assumed"))
    return cell(Badge("open", Tone.WAITING)) if one.wanted else cell(quiet("not asked"))


_CAPTION = (
    "An ID is a threat in that cell. “Decided”: by answers, or by a reason. “Assumed”: from a technology or "
    "protocol, not confirmed. “Open”: undecided. “Not asked”: not on a trust crossing. "
    "A dash: the category does not apply."
)
_COLUMNS = (
    Column("Element", 2.4),
    *(Column(category.label, 1.1) for category in Stride),
    Column("No further threats, reason", 2.2),
)
