"""Digests of commands stay as they were: a command that Slack repeats after an upgrade is known."""

import msgspec
from msgspec import inspect

from bot.commands.command_digests import ADDED_FIELDS, REMOVED_FIELDS
from tests.for_each import for_each
from tests.store.recorded_commands import (
    DIGESTS_FILE,
    FIELDS_FILE,
    FIRST_FIELDS,
    RECORDED,
    command_types,
    defaults,
    digest_of,
    missing_fields,
    parts_of,
    struct_types,
)

COMMANDS = command_types()
STRUCTS = struct_types()

TO_RECORD = "Run `python -m tests.store.recorded_commands` in the commit that adds it."


def test_each_command_and_each_struct_in_one_is_recorded() -> None:
    faults = [
        *(f"{name} is missing in {FIELDS_FILE.name}. {TO_RECORD}" for name in STRUCTS.keys() - FIRST_FIELDS),
        *(f"{name} is missing in {DIGESTS_FILE.name}. {TO_RECORD}" for name in COMMANDS.keys() - RECORDED),
        *(f"{name} is gone: remove it from {FIELDS_FILE.name}." for name in FIRST_FIELDS.keys() - STRUCTS),
        *(f"{name} is gone: remove it from {DIGESTS_FILE.name}." for name in RECORDED.keys() - COMMANDS),
    ]
    assert not faults, "\n".join(sorted(faults))


@for_each("name", sorted(FIRST_FIELDS.keys() & STRUCTS.keys()))
def test_a_field_that_was_added_to_a_command_does_not_count_at_its_default(name: str) -> None:
    added, named = defaults(STRUCTS[name]), ADDED_FIELDS.get(name, {})
    assert added == named, (
        f"{name} has fields that are not in {FIELDS_FILE.name}: give them defaults and name them in "
        "ADDED_FIELDS of bot/commands/command_digests.py. Do not add them to the file."
    )


@for_each("name", sorted(FIRST_FIELDS.keys() & STRUCTS.keys()))
def test_a_field_that_was_removed_from_a_command_counts_as_it_was_recorded(name: str) -> None:
    gone = missing_fields(name, STRUCTS[name])
    assert not gone, f"{name} has lost {gone}: name them in REMOVED_FIELDS with the values that they had."


@for_each("name", sorted(RECORDED.keys() & COMMANDS.keys()))
def test_a_command_that_an_earlier_version_recorded_is_known(name: str) -> None:
    recorded = RECORDED[name]
    assert digest_of(recorded.command, COMMANDS[name]) == recorded.digest, (
        f"The digest of {name} has changed: a submission that Slack repeats after an upgrade is not known."
    )


def test_the_tables_name_only_commands_and_fields_that_exist() -> None:
    assert {*ADDED_FIELDS, *REMOVED_FIELDS} <= FIRST_FIELDS.keys() & STRUCTS.keys()


def test_all_structs_in_a_command_are_reached() -> None:
    taken_whole = (inspect.FrozenSetType, inspect.SetType, inspect.DictType)
    held = [
        f"{name}.{field.name}"
        for name, struct in STRUCTS.items()
        for field in struct.fields
        if any(isinstance(one, taken_whole) and _holds_structs(one) for one in _with_parts(field.type))
    ]
    assert not held, f"Fields added to structs in {held} could not be left out of the digest: use a tuple."


def test_a_field_added_to_a_struct_in_a_struct_does_not_count_at_its_default() -> None:
    recorded = RECORDED["DrawFlows"]
    (flow,) = msgspec.convert(recorded.command["flows"], list[dict[str, object]])
    later = {**flow, "source_end": {"technology": "", "boundary": ""}, "two_way": False}
    at_defaults, two_way = (
        digest_of({**recorded.command, "flows": [{**later, **one}]}, COMMANDS["DrawFlows"])
        for one in ({}, {"two_way": True})
    )
    assert at_defaults == recorded.digest != two_way


def _with_parts(kind: inspect.Type) -> list[inspect.Type]:
    if isinstance(kind, inspect.StructType):
        return []
    return [kind, *(inner for part in parts_of(kind) for inner in _with_parts(part))]


def _holds_structs(kind: inspect.Type) -> bool:
    return any(isinstance(part, inspect.StructType) or _holds_structs(part) for part in parts_of(kind))
