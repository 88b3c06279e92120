"""Data flows as a picture and a table."""

from collections.abc import Iterator

from bot.picture.diagram import (
    Diagram,
    FlowRow,
    LayoutFailed,
    build_diagram,
    describe_diagram,
    diagram_svg,
    flow_rows,
    lay_out,
)
from bot.picture.diagram.svg_renderer import frame_diagram
from bot.report.document_parts import Block, Column, Picture, ReportParagraph, Section, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, band_badge, cell, quiet, table
from domain.kernel.text_formatting import count_phrase


def diagram_section(source: ReportSource) -> Section:
    """Return the data-flow diagram with its table; if it cannot be drawn, the reason and the table."""
    drawn = build_diagram(source.register, source.day_of(source.as_of))
    if not drawn.nodes:
        return Section("diagram", "Data flows")
    return Section("diagram", "Data flows", tuple(_blocks(drawn, full=source.full, pictures=source.pictures)))


def _blocks(drawn: Diagram, *, full: bool, pictures: bool) -> Iterator[Block]:
    yield ReportParagraph(line_of(_sentence(drawn)))
    if pictures or not drawn.flows:
        try:
            yield _picture(drawn)
        except LayoutFailed as fault:
            yield ReportParagraph(line_of(str(fault)))
    if drawn.flows:
        yield table(_FLOWS, _rows(drawn, full=full), "Data flows, numbered as in the diagram")


def _sentence(drawn: Diagram) -> str:
    parts = count_phrase(len(drawn.nodes), "component")
    if not drawn.flows:
        return f"{parts}, and no data flow between them yet."
    flows = count_phrase(len(drawn.flows), "data flow")
    crossing = sum(one.crosses for one in drawn.flows)
    if not crossing:
        return f"{parts} and {flows}. No data flow crosses a trust boundary or trust level."
    return (
        f"{parts} and {flows}. {crossing} of them {'crosses' if crossing == 1 else 'cross'} "
        "a trust boundary or trust level; "
        "attackers usually enter at these crossings."
    )


def _picture(drawn: Diagram) -> Picture:
    layout = lay_out(drawn)
    frame = frame_diagram(layout)
    return Picture(
        id="data-flow-diagram",
        title="Data-flow diagram",
        svg=diagram_svg(layout),
        width=frame.width,
        height=frame.height,
        alt_text=describe_diagram(drawn),
        dark=diagram_svg(layout, "dark"),
        described_by_table=bool(drawn.flows),
    )


def _rows(drawn: Diagram, *, full: bool) -> Iterator[tuple[Cell, ...]]:
    for one in flow_rows(drawn):
        yield (
            (line_of(one.number), *([line_of(quiet(one.id))] if full else [])),
            cell(one.source),
            cell(one.receiver),
            tuple(line_of(words) for words in (one.name, one.entry_point) if words) or cell(""),
            cell(_carried(one.assets, full=full)),
            cell("yes" if one.crosses else ""),
            _threats(one),
        )


def _carried(assets: str, *, full: bool) -> str:
    """Return what a flow carries; the first few in a short report, with the number of omitted ones."""
    named = assets.split(", ")
    if full or len(named) <= _ASSETS:
        return assets
    return f"{', '.join(named[:_ASSETS])} and {len(named) - _ASSETS} more"


def _threats(row: FlowRow) -> Cell:
    if not row.open_threats.number:
        return cell("")
    worst = row.open_threats.worst
    return cell(f"{row.open_threats.number} ", *([band_badge(worst)] if worst else ["not scored"]))


_ASSETS = 2
_FLOWS = (
    Column("No.", 0.5, numbers=True),
    Column("From", 1.7),
    Column("To", 1.9),
    Column("Name, entry point", 1.5),
    Column("Assets", 2.4),
    Column("Crossing", 0.8),
    Column("Open threats", 1.2),
)
