"""Digests of commands stay as they were: a command that Slack repeats after an upgrade is known."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast, get_args, get_type_hints

import msgspec

from bot.commands.command_digests import ADDED_FIELDS, REMOVED_FIELDS, command_digest
from tests.for_each import for_each

FIRST_FIELDS = cast(
    "Mapping[str, list[str]]",
    json.loads((Path(__file__).parent / "fixtures" / "command_fields.json").read_text()),
)
"""The fields of each command and of the structs in it, as they were first released."""

HELD_BY = {"FlowByNames": "flows", "Placement": "placements"}
"""The field of a command that holds such structs."""


def structs() -> dict[str, msgspec.inspect.StructType]:
    found: dict[str, msgspec.inspect.StructType] = {}
    digested = get_args(get_type_hints(command_digest)["command"])
    waiting = [msgspec.inspect.type_info(one) for one in digested]
    while waiting:
        one = waiting.pop()
        if isinstance(one, msgspec.inspect.StructType):
            if one.cls.__name__ in found:
                continue
            found[one.cls.__name__] = one
        waiting += _parts(one)
    return found


def _parts(one: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    match one:
        case msgspec.inspect.StructType():
            yield from (field.type for field in one.fields)
        case msgspec.inspect.UnionType():
            yield from one.types
        case msgspec.inspect.VarTupleType() | msgspec.inspect.FrozenSetType():
            yield one.item_type
        case msgspec.inspect.DictType():
            yield from (one.key_type, one.value_type)
        case _:
            pass


STRUCTS = structs()


@for_each("name", sorted(FIRST_FIELDS.keys() & STRUCTS.keys()))
def test_a_field_that_was_added_to_a_command_does_not_count_at_its_default(name: str) -> None:
    fields = {one.encode_name: one for one in STRUCTS[name].fields}
    added = {
        key: msgspec.to_builtins(one.default)
        for key, one in fields.items()
        if key not in FIRST_FIELDS[name] and key != "type"
    }
    assert added == ADDED_FIELDS.get(HELD_BY.get(name, name), {})
    assert {*FIRST_FIELDS[name]} - {*fields} == {*REMOVED_FIELDS.get(name, {})}


def test_the_tables_name_only_commands_and_fields_that_exist() -> None:
    known = {HELD_BY.get(name, name) for name in FIRST_FIELDS.keys() & STRUCTS.keys()}
    assert {*ADDED_FIELDS, *REMOVED_FIELDS} <= known
