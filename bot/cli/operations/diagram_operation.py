"""Diagram of a model, to a file, and its flows as a table."""

from pathlib import Path

from rich.table import Table

from bot.cli.local_moments import local_day
from bot.cli.model_queries.model_lookup import ModelSnapshot
from bot.cli.operations.private_file import write_private_file
from bot.cli.output.text_grid import add_row, text_grid
from bot.cli.terminal_text import terminal_text
from bot.operator_error import OperatorError
from bot.picture.diagram import (
    Diagram,
    ThemeName,
    build_diagram,
    diagram_png,
    diagram_svg,
    flow_rows,
    lay_out,
)

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
    table = text_grid("No.", "ID", "From", "To", "Through", "With", "Crosses", "Open threats")
    for row in flow_rows(diagram):
        through = ", ".join(one for one in (row.name, row.entry_point) if one)
        crosses = "yes" if row.crosses else ""
        cells = (row.number, row.id, row.source, row.receiver, through, row.assets, crosses, row.threats)
        add_row(table, *cells)
    return table
