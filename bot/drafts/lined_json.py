"""JSON with lines."""

import json
import re
from bisect import bisect_right
from typing import Final

from bot.drafts.lined_values import LinedList, LinedMapping
from bot.formats.importers.untrusted_document import UnreadableFile, count_values

_JSON_PART: Final = re.compile(
    r'[ \t\r\n]*+(?:(?P<text>"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+")'
    r"|(?P<mark>[\[\]{}:,])"
    r"|(?P<word>true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![\w.+-]))"
)
_WORDS: Final = {"true": True, "false": False, "null": None}


class NotJson(UnreadableFile):
    """Error: a text is not JSON."""


def read_json(text: str, file: str) -> object:
    """Return the value of a JSON file; of a file on one line, no value has a line.

    Numbers stay texts. Raises NotJson for text that is not JSON, UnreadableFile for too large or too deep.
    """
    count_values(text)
    return _JsonReader(text, file).document()


class _JsonReader:
    """A reader of one text; depth and size are limited before it starts."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._at = 0
        self._part = ""
        self._start = 0
        breaks = [one.start() for one in re.finditer("\n", text.rstrip())]
        self._breaks = breaks

    def document(self) -> object:
        self._next()
        value = self._value()
        if self._text[self._at :].strip(" \t\r\n"):
            raise self._invalid()
        return value

    def _value(self) -> object:
        part = self._part
        match part:
            case "{":
                return self._mapping()
            case "[":
                return self._list()
            case _ if part[0] == '"':
                return self._string(part)
            case "]" | "}" | ":" | ",":
                raise self._invalid()
            case _:
                return _WORDS.get(part, part)

    def _mapping(self) -> LinedMapping:
        found = LinedMapping(self._file)
        self._next()
        while self._part != "}":
            if self._part[0] != '"':
                raise self._invalid()
            key, line = self._string(self._part), self._line()
            self._next(":")
            self._next()
            found.put(key, self._value(), line)
            self._next_in("}")
        return found

    def _list(self) -> LinedList:
        found = LinedList(self._file)
        self._next()
        while self._part != "]":
            line = self._line()
            found.add(self._value(), line)
            self._next_in("]")
        return found

    def _next_in(self, end: str) -> None:
        """Go to the next entry, or to the end of the list or mapping."""
        self._next()
        if self._part == ",":
            self._next()
            if self._part == end:
                raise self._invalid()
        elif self._part != end:
            raise self._invalid()

    def _next(self, wanted: str = "") -> None:
        found = _JSON_PART.match(self._text, self._at)
        if found is None:
            raise self._invalid()
        kind = found.lastgroup or ""
        self._part, self._start, self._at = found[kind], found.start(kind), found.end()
        if wanted and self._part != wanted:
            raise self._invalid()

    def _string(self, part: str) -> str:
        if "\\" not in part:
            return part[1:-1]
        try:
            text: str = json.loads(part)
        except ValueError:
            raise self._invalid() from None
        # Half of a pair cannot be encoded, and nothing that is shown may hold one.
        return text.encode("utf-8", "replace").decode()

    def _line(self) -> int:
        return bisect_right(self._breaks, self._start) + 1 if self._breaks else 0

    def _invalid(self) -> UnreadableFile:
        line = bisect_right(self._breaks, self._at) + 1
        return NotJson(f"The file is not valid JSON (line {line}).")
