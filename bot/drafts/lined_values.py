"""Values of a file with the lines on which they stand, read without errors for a wrong shape.

A scalar is a text, a bool or None: numbers stay as they are written.
"""

from collections.abc import Iterator
from typing import Final

from domain.drafts.draft import SourcePlace


class LinedList(list[object]):
    """A list that knows the line of each entry, and its file."""

    __slots__ = ("file", "lines")

    def __init__(self, file: str = "") -> None:
        super().__init__()
        self.file = file
        self.lines: list[int] = []

    def add(self, value: object, line: int) -> None:
        """Append a value that stands on a line."""
        self.append(value)
        self.lines.append(line)

    def places(self) -> Iterator[tuple[object, SourcePlace]]:
        """Yield each entry with its place."""
        for value, line in zip(self, self.lines, strict=True):
            yield value, SourcePlace(file=self.file, line=line)

    def mappings(self) -> Iterator["LinedMapping"]:
        """Yield the entries that are mappings."""
        for value in self:
            if isinstance(value, LinedMapping):
                yield value

    def texts(self) -> Iterator[tuple[str, SourcePlace]]:
        """Yield the entries that are scalars with a text, each with its place."""
        for value, place in self.places():
            if text := text_of(value):
                yield text, place


class LinedMapping(dict[str, object]):
    """A mapping that knows the line of each key, and its file."""

    __slots__ = ("file", "lines")

    def __init__(self, file: str = "") -> None:
        super().__init__()
        self.file = file
        self.lines: dict[str, int] = {}

    def put(self, key: str, value: object, line: int) -> None:
        """Set the value of a key that stands on a line."""
        self[key] = value
        self.lines[key] = line

    def place(self, key: str) -> SourcePlace:
        """Return the place of a key; the file without a line if the mapping does not have it."""
        return SourcePlace(file=self.file, line=self.lines.get(key, 0))

    def mapping(self, *keys: str) -> "LinedMapping":
        """Return the mapping at the end of a path of keys; an empty one if there is none."""
        found: LinedMapping = self
        for key in keys:
            value = found.get(key)
            if not isinstance(value, LinedMapping):
                return LinedMapping(self.file)
            found = value
        return found

    def list(self, key: str) -> LinedList:
        """Return the list of a key; an empty one if there is none."""
        value = self.get(key)
        return value if isinstance(value, LinedList) else LinedList(self.file)

    def text(self, key: str) -> str:
        """Return the text of a scalar; empty if there is none."""
        return text_of(self.get(key))

    def is_true(self, key: str) -> bool:
        """Return whether a value is true, or a word that tools take for it."""
        return self.text(key).casefold() in ("true", "yes", "on")

    def texts(self) -> Iterator[tuple[str, str, SourcePlace]]:
        """Yield each key whose value is a scalar, with its text and its place."""
        for key, value in self.items():
            if not isinstance(value, LinedMapping | LinedList):
                yield key, text_of(value), self.place(key)


NO_MAPPING: Final = LinedMapping()
"""An empty mapping, for what is missing; it is never changed."""


def text_of(value: object) -> str:
    """Return a scalar as text: `true` and `false` for a bool; empty for None, a list or a mapping."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else ""


def mapping_of(value: object) -> LinedMapping:
    """Return a value that is a mapping; an empty one otherwise."""
    return value if isinstance(value, LinedMapping) else NO_MAPPING


def list_of(value: object) -> LinedList:
    """Return a value that is a list; an empty one otherwise."""
    return value if isinstance(value, LinedList) else LinedList()
