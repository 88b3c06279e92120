"""YAML with lines: aliases are shared, merges are resolved, and the size that they unfold to is limited."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bot.drafts.lined_values import LinedList, LinedMapping
from bot.formats.importers.untrusted_document import MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_MANY, UnreadableFile

if TYPE_CHECKING:
    import yaml

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
        return [one for one in _documents(text, file) if one is not None]
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
