"""Values with the lines on which they stand, read from JSON and YAML without errors for a wrong shape.

A scalar is a text, a bool or None: numbers stay as they are written.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bot.formats.importers.untrusted_document import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_DEEP,
    TOO_MANY,
    UnreadableFile,
    count_values,
)
from domain.drafts.draft import SourcePlace

if TYPE_CHECKING:
    import yaml


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


_JSON_PART: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]|[^\s\[\]{}:,"]++')
_WORDS: Final = {"true": True, "false": False, "null": None}


class NotJson(UnreadableFile):
    """Error: a text is not JSON."""

    def __init__(self, line: int) -> None:
        super().__init__(f"The file is not valid JSON (line {line}).")


def read_json(text: str, file: str) -> object:
    """Return the value of a JSON file; of a file on one line, no value has a line.

    Numbers stay texts. Raises NotJson for text that is not JSON, UnreadableFile for too large or too deep.
    """
    count_values(text)
    try:
        json.loads(text.rstrip(), parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno) from None
    parts = _json_parts(text)
    return _json_value(next(parts)[0], parts, file)


def _json_parts(text: str) -> Iterator[tuple[str, int]]:
    """Yield the texts, words and brackets of a valid text, each with its line."""
    lined = "\n" in text.rstrip()
    line, at = 1, 0
    for found in _JSON_PART.finditer(text):
        part = found[0]
        line, at = line + text.count("\n", at, found.start()), found.start()
        if part[-1].isalpha() and part not in _WORDS:  # NaN and Infinity, which Python reads
            raise NotJson(line)
        yield part, line if lined else 0


def _json_value(part: str, parts: Iterator[tuple[str, int]], file: str) -> object:
    """Return the value that begins with a part; its depth is limited before."""
    match part[0]:
        case "{":
            found = LinedMapping(file)
            for key, line in parts:
                if key == "}":
                    break
                found.put(_json_text(key), _json_value(next(parts)[0], parts, file), line)
            return found
        case "[":
            listed = LinedList(file)
            for first, line in parts:
                if first == "]":
                    break
                listed.add(_json_value(first, parts, file), line)
            return listed
        case '"':
            return _json_text(part)
        case _:
            return _WORDS.get(part, part)


def _json_text(part: str) -> str:
    if "\\" not in part:
        return part[1:-1]
    text: str = json.loads(part)
    # Half of a pair cannot be encoded, and nothing that is shown may hold one.
    return text.encode("utf-8", "replace").decode()


_MERGE: Final = "<<"
_NULL: Final = re.compile(r"~|null|Null|NULL|")
_BOOLS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_RESET: Final = "!reset"
"""The tag by which one Compose file removes what another one declares."""


class _Unfolded(msgspec.Struct, frozen=True):
    """A value with its number of values and its depth, in which each alias counts as what it stands for."""

    value: object
    size: int = 1
    depth: int = 1


class _Open(msgspec.Struct):
    """A list or mapping that is being read."""

    value: LinedList | LinedMapping
    anchor: str | None
    line: int
    key: str | None = None
    key_line: int = 0
    merged: list[LinedMapping] = []
    size: int = 1
    depth: int = 1


class TemplateInYaml(Exception):
    """Error: a key is no text, as where a template puts a value without quotes."""


def read_yaml(text: str, file: str) -> list[object]:
    """Return the documents of a YAML file, without empty ones.

    It is built from the events of the parser, which has lines, shares aliases, and needs no recursion. Tags
    are not obeyed. Raises UnreadableFile for text that is not YAML, too large or too deep, also by aliases,
    TemplateInYaml for a mapping with a mapping as a key, and ModuleNotFoundError without PyYAML.
    """
    import yaml

    try:
        return [document for document in _documents(text, file) if document is not None]
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        problem = error.problem if error.problem in _PROBLEMS else "it is not well-formed"
        raise UnreadableFile(f"The file is not valid YAML{line}: {problem}.") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise UnreadableFile("The file is not valid YAML.") from None


_PROBLEMS: Final = frozenset(
    {
        "mapping values are not allowed in this context",
        "found character that cannot start any token",
        "could not find expected ':'",
        "did not find expected key",
        "did not find expected <document start>",
        "found unexpected end of stream",
        "found a tab character that violates indentation",
        "block sequence entries are not allowed in this context",
    }
)
"""The messages of the parser that are shown; others may quote the file, which may hold a secret."""


def _documents(text: str, file: str) -> Iterator[object]:
    import yaml

    from bot.formats.importers.yaml_loader import PlainYamlLoader

    stack: list[_Open] = []
    anchors: dict[str, _Unfolded | None] = {}
    total = 0
    for event in yaml.parse(text, Loader=PlainYamlLoader):
        mark: Any = event.start_mark  # declared as optional, and always there
        match event:
            case yaml.DocumentStartEvent():
                anchors = {}
                continue
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                line = mark.line + 1
                made = LinedMapping(file) if isinstance(event, yaml.MappingStartEvent) else LinedList(file)
                stack.append(_Open(value=made, anchor=event.anchor, line=line, merged=[]))
                if event.anchor:
                    anchors[event.anchor] = None
                if len(stack) > MAX_DEPTH:
                    raise UnreadableFile(TOO_DEEP)
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                closed = stack.pop()
                done, line, anchor = _closed(closed), closed.line, closed.anchor
            case yaml.AliasEvent():
                line, anchor = mark.line + 1, None
                known = anchors.get(event.anchor or "")
                if known is None:
                    raise UnreadableFile(
                        f"The file is not valid YAML (line {line}): an alias refers to nothing, or to itself."
                    )
                done = known
                total += done.size - 1
            case yaml.ScalarEvent():
                line, anchor = mark.line + 1, event.anchor
                done = _Unfolded(_scalar(event))
            case _:
                continue
        total += 1
        if anchor:
            anchors[anchor] = done
        if total > MAX_NODES:
            raise UnreadableFile(TOO_MANY)
        if stack:
            _enter(stack[-1], done, line)
            if len(stack) + done.depth > MAX_DEPTH:
                raise UnreadableFile(TOO_DEEP)
        else:
            yield done.value


def _enter(parent: _Open, done: _Unfolded, line: int) -> None:
    """Put a complete value into the list or mapping around it."""
    parent.size += done.size
    parent.depth = max(parent.depth, 1 + done.depth)
    if isinstance(parent.value, LinedList):
        parent.value.add(done.value, line)
    elif parent.key is None:
        if isinstance(done.value, LinedMapping | LinedList):
            raise TemplateInYaml
        parent.key, parent.key_line = _key(done.value), line
    elif parent.key == _MERGE:
        several = done.value if isinstance(done.value, LinedList) else [done.value]
        parent.merged += [one for one in several if isinstance(one, LinedMapping)]
        parent.key = None
    else:
        parent.value.put(parent.key, done.value, parent.key_line)
        parent.key = None


def _closed(one: _Open) -> _Unfolded:
    """Return a complete list or mapping; what is merged into a mapping yields to its own keys."""
    if one.merged and isinstance(one.value, LinedMapping):
        for other in one.merged:
            for key, value in other.items():
                if key not in one.value:
                    one.value.put(key, value, other.lines[key])
    return _Unfolded(one.value, one.size, one.depth)


def _key(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value or "")


def _scalar(event: "yaml.ScalarEvent") -> object:
    if event.tag == _RESET:
        return None
    text: str = event.value
    if event.implicit[0] and event.style in (None, ""):
        if _NULL.fullmatch(text):
            return None
        return _BOOLS.get(text, text)
    return text
