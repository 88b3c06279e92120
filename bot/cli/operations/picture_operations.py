"""Diagrams and charts of a model, to a file, and its flows as a table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rich.table import Table

from bot.cli.local_moments import local_day, local_time_of
from bot.cli.model_queries.model_lookup import AskedModel, ModelSnapshot, find_model
from bot.cli.operations.export_operation import write_private_file
from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError
from bot.picture.charts import Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.diagram import (
    Diagram,
    ThemeName,
    build_diagram,
    diagram_png,
    diagram_svg,
    flow_rows,
    lay_out,
)
from bot.picture.png_renderer import render_png
from domain.threat_trend import open_threats

SUFFIXES = (".svg", ".png")


def draw_diagram(seen: ModelSnapshot, zone: str | None) -> Diagram:
    """Return the diagram of a model as it was read, with the day of that moment in a zone."""
    return build_diagram(seen.register, local_day(seen.as_of, zone))


def check_diagram_file(file: Path) -> Path:
    """Return a file that a diagram can be written to, by its name; raises OperatorError."""
    if file.suffix.lower() not in SUFFIXES:
        raise OperatorError(
            f"-o: {terminal_text(str(file))} is neither .svg nor .png. Choose a file with one of these "
            f"extensions."
        )
    return file


def write_diagram(diagram: Diagram, file: Path, theme: ThemeName) -> None:
    """Draw into a file; raises OperatorError if it cannot be written, LayoutFailed if there is no layout."""
    layout = lay_out(diagram)
    if is_svg(file):
        write_private_file(file, diagram_svg(layout, theme).encode())
    else:
        write_private_file(file, diagram_png(layout, theme))


def is_svg(file: Path) -> bool:
    """Return whether a file is to hold SVG, by its name; else PNG."""
    return file.suffix.lower() == ".svg"


def flows_table(diagram: Diagram) -> Table:
    """Return the flows of a diagram, for those who cannot see it or where it cannot be drawn."""
    return text_grid(
        ("No.", "ID", "From", "To", "Through", "With", "Crosses", "Open threats"),
        (
            (
                *(row.number, row.id, row.source, row.receiver),
                *(", ".join(filter(None, (row.name, row.entry_point))), row.assets),
                *("yes" if row.crosses else "", row.threats),
            )
            for row in flow_rows(diagram)
        ),
    )


Charted = Literal["scores", "coverage", "open-threats"]


def draw_chart(asked: AskedModel, seen: ModelSnapshot, what: Charted, theme: ThemeName) -> tuple[Chart, ...]:
    """Return the pages of a chart of a model as it was read; days are in a zone, or in this machine's."""
    match what:
        case "scores":
            return (draw_ranking(seen.register, theme),)
        case "coverage":
            return draw_coverage(seen.register, theme)
        case "open-threats":
            until = seen.as_of if asked.as_of else max(seen.as_of, datetime.now(UTC))
            events = list(asked.store.events(find_model(asked.store, asked.model, asked.workspace)))
            days = open_threats(events, local_time_of(asked.zone), until)
            return (draw_trend(seen.register, days, theme),)


def write_charts(pages: Sequence[Chart], file: Path) -> list[Path]:
    """Draw into a file, further pages into files with a number behind the name; return them all.

    Raises OperatorError where one cannot be written.
    """
    names = [file, *(file.with_stem(f"{file.stem}-{page}") for page in range(2, len(pages) + 1))]
    for page, name in zip(pages, names, strict=True):
        write_private_file(name, page.svg.encode() if is_svg(name) else render_png(page.svg))
    return names
