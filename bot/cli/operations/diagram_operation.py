"""Draws a model's diagram into a file, or tells its flows as a table."""

from pathlib import Path

from rich.table import Table

from bot.cli.local_moments import day_of
from bot.cli.operations.private_file import write_file
from bot.cli.output.text_grid import grid
from bot.cli.output.text_grid import row as add_row
from bot.cli.queries.model_lookup import Seen
from bot.cli.terminal_text import plain
from bot.operator_error import Unfit
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


def diagram_seen(seen: Seen, zone: str | None) -> Diagram:
    """The diagram of a model as it was read, with the day of that moment in a zone."""
    return build_diagram(seen.register, day_of(seen.of, zone))


def checked(file: Path) -> Path:
    """A file that a diagram can be written to, by its name; raises Unfit."""
    if file.suffix.lower() not in SUFFIXES:
        raise Unfit(f"-o: {plain(str(file))} is neither .svg nor .png: name a file that ends in one of them.")
    return file


def write_diagram(diagram: Diagram, file: Path, look: ThemeName) -> None:
    """Draw into a file; raises Unfit where it cannot be written, NotLaidOut where nothing can be drawn."""
    layout = lay_out(diagram)
    if is_svg(file):
        write_file(file, diagram_svg(layout, look).encode())
    else:
        write_file(file, diagram_png(layout, look))


def is_svg(file: Path) -> bool:
    """Whether a file is to hold SVG, by its name; else PNG."""
    return file.suffix.lower() == ".svg"


def flows_table(diagram: Diagram) -> Table:
    """The flows of a diagram, for those who cannot see it or where it cannot be drawn."""
    table = grid("No.", "From", "To", "Through", "With", "Crosses", "Open threats")
    for row in flow_rows(diagram):
        through = ", ".join(one for one in (row.name, row.entry_point) if one)
        crosses = "yes" if row.crosses else ""
        cells = (row.number, row.source, row.target, through, row.assets, crosses, row.threats)
        add_row(table, *cells)
    return table
