"""Commands as they were first recorded; `python -m tests.store.recorded_commands` adds those that are new.

What is recorded is never changed: Slack may repeat, after an upgrade, what was answered before it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from msgspec import NODEFAULT, inspect

from bot.commands.command_digests import (
    ADDED_FIELDS,
    REMOVED_FIELDS,
    DigestedCommand,
    command_digest,
    struct_name,
)

_FIXTURES: Final = Path(__file__).parent / "fixtures"
FIELDS_FILE: Final = _FIXTURES / "command_fields.json"
DIGESTS_FILE: Final = _FIXTURES / "command_digests.json"


class RecordedCommand(msgspec.Struct, frozen=True):
    """Content of a command with the fields of its first release, and its digest in hexadecimal digits."""

    command: dict[str, object]
    digest: str


FIRST_FIELDS: Final = cast("dict[str, list[str]]", json.loads(FIELDS_FILE.read_text()))
"""The fields of each command and of the structs in it, as they were first released."""

RECORDED: Final = msgspec.json.decode(DIGESTS_FILE.read_bytes(), type=dict[str, RecordedCommand])
"""A command of each kind, by name."""


def command_types() -> dict[str, inspect.StructType]:
    """Return all commands that have a digest, by name."""
    kinds = parts_of(inspect.type_info(DigestedCommand))
    return {struct_name(one.cls): one for one in kinds if isinstance(one, inspect.StructType)}


def struct_types() -> dict[str, inspect.StructType]:
    """Return all commands that have a digest, and the structs in them, by name.

    Raises ValueError where two structs have one name.
    """
    found: dict[str, inspect.StructType] = {}
    waiting: list[inspect.Type] = [*command_types().values()]
    while waiting:
        one = waiting.pop()
        if isinstance(one, inspect.StructType):
            name = struct_name(one.cls)
            if name in found:
                if found[name].cls is not one.cls:
                    raise ValueError(f"{one.cls} and {found[name].cls} have the same name in a digest")
                continue
            found[name] = one
        waiting += parts_of(one)
    return found


def parts_of(kind: inspect.Type) -> Iterator[inspect.Type]:
    """Return the types inside a type."""
    match kind:
        case inspect.StructType():
            yield from (field.type for field in kind.fields)
        case inspect.UnionType():
            yield from kind.types
        case inspect.TupleType():
            yield from kind.item_types
        case inspect.VarTupleType() | inspect.ListType() | inspect.FrozenSetType() | inspect.SetType():
            yield kind.item_type
        case inspect.DictType():
            yield from (kind.key_type, kind.value_type)
        case _:
            pass


def first_fields(kind: inspect.StructType) -> list[str]:
    """Return the fields of a new command as they are recorded."""
    later = ADDED_FIELDS.get(struct_name(kind.cls), {})
    return sorted({one.encode_name for one in kind.fields} - {*later})


def sample(kind: inspect.StructType) -> RecordedCommand:
    """Return a command that has a value in each field of its first release."""
    content = cast("dict[str, object]", _value(kind))
    return RecordedCommand(command=content, digest=digest_of(content, kind))


def digest_of(content: Mapping[str, object], kind: inspect.StructType) -> str:
    """Return the digest of a command with such a content."""
    return command_digest(cast("DigestedCommand", msgspec.convert(content, kind.cls))).hex()


def _value(kind: inspect.Type) -> object:
    match kind:
        case inspect.StructType():
            return _content(kind)
        case inspect.UnionType():
            return _value(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
        case inspect.TupleType():
            return [_value(one) for one in kind.item_types]
        case inspect.VarTupleType() | inspect.ListType() | inspect.FrozenSetType() | inspect.SetType():
            return [_value(kind.item_type)]
        case inspect.DictType():
            return {str(_value(kind.key_type)): _value(kind.value_type)}
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.LiteralType():
            return kind.values[0]
        case _:
            return _PLAIN[type(kind)]


def _content(kind: inspect.StructType) -> object:
    first = FIRST_FIELDS.get(struct_name(kind.cls)) or first_fields(kind)
    values = {one.encode_name: _value(one.type) for one in kind.fields if one.encode_name in first}
    if kind.array_like:
        return [*values.values()]
    return {**({kind.tag_field: kind.tag} if kind.tag_field else {}), **values}


_PLAIN: Final[Mapping[type[inspect.Type], object]] = {
    inspect.StrType: "text",
    inspect.IntType: 1,
    inspect.FloatType: 1.5,
    inspect.BoolType: True,
    inspect.DateType: "2026-11-27",
    inspect.TimeType: "09:00:00",
    inspect.DateTimeType: "2026-11-27T09:00:00Z",
}


def defaults(kind: inspect.StructType) -> dict[str, Any]:
    """Return the fields that were added since the first release, with their defaults as they are written."""
    first = FIRST_FIELDS.get(struct_name(kind.cls), [])
    added = (one for one in kind.fields if one.encode_name not in first)
    return {
        one.encode_name: "no default" if one.default is NODEFAULT else msgspec.to_builtins(one.default)
        for one in added
    }


def missing_fields(name: str, kind: inspect.StructType) -> set[str]:
    """Return the fields of the first release that are gone and that `REMOVED_FIELDS` does not name."""
    return {*FIRST_FIELDS[name]} - {one.encode_name for one in kind.fields} - {*REMOVED_FIELDS.get(name, {})}


def _add_new() -> None:
    fields = {name: first_fields(one) for name, one in struct_types().items()} | FIRST_FIELDS
    FIELDS_FILE.write_text(_lines({name: fields[name] for name in sorted(fields)}))
    commands = {name: sample(one) for name, one in command_types().items()} | RECORDED
    DIGESTS_FILE.write_text(_lines({name: msgspec.to_builtins(commands[name]) for name in sorted(commands)}))
    new = sorted((fields.keys() - FIRST_FIELDS.keys()) | (commands.keys() - RECORDED.keys()))
    sys.stdout.write(f"recorded: {', '.join(new) or 'nothing new'}\n")


def _lines(content: Mapping[str, object]) -> str:
    written = (f"{json.dumps(key)}:{json.dumps(one, separators=(',', ':'))}" for key, one in content.items())
    return "{" + ",\n".join(written) + "}\n"


if __name__ == "__main__":
    _add_new()
