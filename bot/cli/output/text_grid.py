"""Plain text tables."""

from rich import box
from rich.table import Table
from rich.text import Text

from bot.cli.terminal_text import terminal_text


def text_grid(*columns: str) -> Table:
    """Return an empty table with these columns."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def add_row(table: Table, *cells: str) -> None:
    """Add a row."""
    # Text, not str: square brackets in a name are a name, not markup.
    table.add_row(*(Text(terminal_text(cell)) for cell in cells))
