"""Variables in values: replaced where their values are known, and found where they are not."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from bot.drafts.environment_values import is_secret_name
from bot.drafts.lined_values import LinedList, LinedMapping, text_of
from domain.drafts.draft import SourcePlace

Variables = Mapping[str, str]
"""Names of variables with their values."""

_MAX_TEXT: Final = 4_000
_VARIABLE: Final = re.compile(
    r"\$(?:\$|(?P<bare>[A-Za-z_][A-Za-z0-9_]{0,99})|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]{0,99})(?P<how>:?[-?+])?)|\}"
)
_OPEN: Final = re.compile(r"(?<!\$)\$[A-Za-z_{(]|\{\{")
"""The beginning of a variable of Compose, envsubst, Kustomize or OpenShift, or of a template."""

_LINE: Final = re.compile(
    r"^[ \t]*+(?:export[ \t]++)?(?P<name>[A-Za-z_][A-Za-z0-9_]{0,99})[ \t]*+=[ \t]*+"
    r"(?:'(?P<plain>[^'\n]*+)'|\"(?P<quoted>[^\"\n]*+)\"|(?P<bare>[^\n]*+))",
    re.MULTILINE,
)


class _Opened(msgspec.Struct, frozen=True):
    """Braces that are being read: the variable, the sign after it, and the parts of the text around them."""

    name: str
    how: str
    start: int
    before: list[str]


class OpenValue(msgspec.Struct, frozen=True):
    """A value that holds a variable without a value, below a key that was looked for."""

    key: str
    text: str
    place: SourcePlace


def read_variables(text: str) -> dict[str, str]:
    """Return the variables of an environment file; those that are credentials by name are dropped."""
    found: dict[str, str] = {}
    for line in _LINE.finditer(text):
        name, plain = line["name"], line["plain"]
        given = (
            line["quoted"] if line["bare"] is None else re.split(r"(?:^|\s)#", line["bare"], maxsplit=1)[0]
        )
        if not is_secret_name(name):
            found[name] = plain if plain is not None else substitute((given or "").strip(), found)
    return found


def substitute(text: str, variables: Variables) -> str:
    """Return a text with its variables replaced, as Compose does it; one without a value stays as `${NAME}`.

    What a variable without a value only switches on (`${NAME:+…}`) counts as switched on.
    """
    text, at = text[:_MAX_TEXT], 0
    outer: list[str] = []
    parts, opened = outer, list[_Opened]()
    for found in _VARIABLE.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found["braced"]:
            opened.append(_Opened(found["braced"], found["how"] or "", found.start(), parts))
            parts = []
        elif found["bare"]:
            parts.append(_value_of(found["bare"], "", "", variables))
        elif found[0] == "}" and opened:
            one = opened.pop()
            one.before.append(_value_of(one.name, one.how, "".join(parts), variables))
            parts = one.before
        else:
            parts.append(found[0])
    if opened:  # braces that are never closed
        return ("".join(opened[0].before) + text[opened[0].start :])[:_MAX_TEXT]
    # Else a value of values of values could fill the memory.
    return ("".join(outer) + text[at:])[:_MAX_TEXT]


def is_open(text: str) -> bool:
    """Return whether a text holds a variable without a value, or a mark of a template."""
    return _OPEN.search(text) is not None


def resolve_values(
    body: LinedMapping, variables: Variables, keys: frozenset[str], passed_over: frozenset[str] = frozenset()
) -> list[OpenValue]:
    """Replace the variables below some keys of a mapping, at any depth; return the values that stay open.

    What stands below a key that is passed over is left alone, because it may hold secrets.
    """
    found: list[OpenValue] = []
    waiting: list[LinedMapping] = [body]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for key, value in one.items():
            if key in keys:
                one[key] = _resolved(value, variables)
                found += _open_below(key, one[key], one.place(key))
            elif key not in passed_over:
                waiting += _mappings_in(value)
    return found


def _value_of(name: str, how: str, word: str, variables: Variables) -> str:
    """Return what a variable stands for; `how` is the sign before the word in its braces, if it has one."""
    value = variables.get(name)
    has_value = value is not None and (value != "" or not how.startswith(":"))
    if how.endswith("+"):
        return word if has_value or value is None else ""
    if has_value and value is not None:
        return value
    return word if how.endswith("-") else f"${{{name}}}"


def _resolved(value: object, variables: Variables) -> object:
    """Return a copy of a value with its variables replaced."""
    if isinstance(value, LinedMapping):
        made = LinedMapping(value.file)
        for key, inner in value.items():
            made.put(key, _resolved(inner, variables), value.lines[key])
        return made
    if isinstance(value, LinedList):
        listed = LinedList(value.file)
        for inner, line in zip(value, value.lines, strict=True):
            listed.add(_resolved(inner, variables), line)
        return listed
    return substitute(value, variables) if isinstance(value, str) else value


def _open_below(key: str, value: object, place: SourcePlace) -> Iterator[OpenValue]:
    if isinstance(value, LinedMapping):
        for name, inner in value.items():
            yield from _open_below(key, inner, value.place(name))
    elif isinstance(value, LinedList):
        for inner, where in value.places():
            yield from _open_below(key, inner, where)
    elif is_open(text := text_of(value)):
        yield OpenValue(key, text, place)


def _mappings_in(value: object) -> list[LinedMapping]:
    if isinstance(value, LinedMapping):
        return [value]
    return [one for inner in value for one in _mappings_in(inner)] if isinstance(value, LinedList) else []
