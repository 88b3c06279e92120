"""Data flows as a picture and a table."""

from collections.abc import Iterator

from bot.picture.diagram import (
    Diagram,
    LayoutFailed,
    build_diagram,
    describe_diagram,
    diagram_svg,
    flow_rows,
    lay_out,
)
from bot.picture.diagram.svg_renderer import frame_diagram
from bot.report.document_parts import Badge, Block, Column, Picture, ReportParagraph, Section, Tone, line_of
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import Cell, cell, table
from domain.kernel.text_formatting import count_phrase


def diagram_section(source: ReportSource) -> Section:
    """Return the data-flow diagram with its table; if it cannot be drawn, the reason and the table."""
    drawn = build_diagram(source.register, source.day_of(source.as_of))
    if not drawn.nodes:
        return Section("diagram", "Data flows")
    return Section("diagram", "Data flows", tuple(_blocks(drawn)))


def _blocks(drawn: Diagram) -> Iterator[Block]:
    yield ReportParagraph(line_of(_sentence(drawn)))
    try:
        yield _picture(drawn)
    except LayoutFailed as fault:
        yield ReportParagraph(line_of(str(fault)))
    if drawn.flows:
        yield table(_FLOWS, _rows(drawn), "The data flows by their numbers in the diagram")


def _sentence(drawn: Diagram) -> str:
    parts = count_phrase(len(drawn.nodes), "component")
    if not drawn.flows:
        return f"{parts}, and no data flow between them yet."
    crossing = sum(one.crosses for one in drawn.flows)
    cross = "none of which crosses" if not crossing else f"{crossing} of which cross"
    if crossing == len(drawn.flows):
        cross = "all of which cross" if crossing > 1 else "which crosses"
    elif crossing == 1:
        cross = "1 of which crosses"
    flows = count_phrase(len(drawn.flows), "data flow")
    return f"{parts} and {flows}, {cross} to another boundary or trust level: there an attacker comes in."


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


def _rows(drawn: Diagram) -> Iterator[tuple[Cell, ...]]:
    for one in flow_rows(drawn):
        yield (
            cell(one.number),
            cell(one.id),
            cell(one.source),
            cell(one.receiver),
            cell(one.name),
            cell(one.assets),
            cell(one.entry_point),
            cell(*([Badge("crosses", Tone.WAITING)] if one.crosses else [])),
            cell(one.threats),
        )


_FLOWS = (
    Column("No.", 0.5, numbers=True),
    Column("ID", 0.7),
    Column("From", 1.4),
    Column("To", 1.4),
    Column("Name", 1.4),
    Column("Carries", 2.0),
    Column("Through", 1.3),
    Column("Crosses", 1.0),
    Column("Open threats", 1.5),
)
