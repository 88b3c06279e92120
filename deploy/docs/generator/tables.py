"""Markdown tables and lists."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar within a cell is escaped, and a line break becomes a space."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def listed(lines: Iterable[str]) -> str:
    """Return a list, one line for each."""
    return "\n".join(f"- {' '.join(line.split())}" for line in lines)


def code(words: Iterable[str]) -> str:
    """Return words as inline code, with commas between them."""
    return ", ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
