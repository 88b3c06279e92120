"""Plain text tables."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.terminal_text import terminal_text

WIDE = 200
"""Columns without a terminal: wide enough for tools that process lines."""

Listed = TypeVar("Listed")


def console() -> Console:
    """Return the console for tables: standard output, without colors if it is not a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def text_grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table with these columns and rows."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for cells in rows:
        # Text, not str: square brackets in a name are a name, not markup.
        table.add_row(*(Text(terminal_text(cell)) for cell in cells))
    return table
