"""Places in a TOML file: where the value of a key of a table stands, which tomllib does not tell."""

import re
from functools import cached_property
from typing import Final

_HEADER: Final = re.compile(r"^[ \t]*\[\[?[ \t]*([\w.\"-]+)[ \t]*\]\]?", re.MULTILINE)


class TomlPlaces:
    """The lines of a file, searched only for problems: a place is a help for people and decides nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _tables(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Return where each table starts and ends, by its header and its number among those with the same."""
        found = list(_HEADER.finditer(self._text))
        ends = [*(one.start() for one in found[1:]), len(self._text)][: len(found)]
        tables: dict[tuple[str, int], tuple[int, int]] = {}
        numbers: dict[str, int] = {}
        for header, end in zip(found, ends, strict=True):
            number = numbers[header[1]] = numbers.get(header[1], -1) + 1
            tables[header[1], number] = (header.start(), end)
        return tables

    def of(self, table: str, number: int, key: str = "", offset: int = -1) -> tuple[int, int]:
        """Return line and column of a table, or of the value of its key and a character in that."""
        start, end = self._tables.get((table, number), (0, len(self._text)))
        found = key and re.compile(rf"(?<![\w.-]){re.escape(key)}[\w.\"-]*[ \t]*=[ \t]*").search(
            self._text, start, end
        )
        if found:
            start = found.end()
            quotes = re.compile(r"(?:\"\"\"|''')\n?|[\"']").match(self._text, start)
            start += (len(quotes[0]) if quotes and offset >= 0 else 0) + max(offset, 0)
        return self.line_and_column(start)

    def of_entry(self, table: str, id: str, key: str = "") -> tuple[int, int]:
        """Return line and column of the entry with an ID, or of the value of its key."""
        declared = re.compile(rf"^[ \t]*(?:id|key|name)[ \t]*=[ \t]*[\"']{re.escape(id)}[\"']", re.MULTILINE)
        for (header, number), (start, end) in self._tables.items():
            if header == table and declared.search(self._text, start, end):
                return self.of(table, number, key)
        return self.of(table, 0, key)

    def line_and_column(self, position: int) -> tuple[int, int]:
        """Return line and column of a character."""
        before = self._text[: min(position, len(self._text))]
        return before.count("\n") + 1, len(before) - before.rfind("\n")
