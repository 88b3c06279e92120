"""Check of JSON against the table of Block Kit's kinds, with Slack's error messages.

The table is `block_kit.json`. A kind names its fields, required ones with `!`; a field has a specification
such as `string 1..150`, `list 10 option` or `kind button overflow`. `mixins` adds the fields of others,
`check` names a rule between fields. What follows `/` in a kind's name only tells it from another.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import cast

from msgspec import Struct, json

from bot.sandbox.block_kit.element_state import options
from bot.sandbox.slack_json import Json, json_items, json_objects

ErrorText = str
"""One message with the JSON pointer of its place, as Slack writes it."""

_LENGTH: ContextVar[Callable[[str], int]] = ContextVar("length", default=len)


class _Kind(Struct, frozen=True):
    required: dict[str, str]
    optional: dict[str, str]
    check: str = ""


class _Table(Struct, frozen=True):
    shared: dict[str, str | dict[str, str]]
    mixins: dict[str, dict[str, str]]
    families: dict[str, str]
    parts: dict[str, dict[str, str]]
    elements: dict[str, str | dict[str, str]]
    blocks: dict[str, dict[str, str]]
    views: dict[str, dict[str, str]]


@contextmanager
def counting_length_by(length: Callable[[str], int]) -> Generator[None]:
    """Use another counting of text lengths until the block ends."""
    before = _LENGTH.set(length)
    try:
        yield
    finally:
        _LENGTH.reset(before)


def errors(specification: str, value: object, path: str) -> Iterator[ErrorText]:
    """Yield the errors of a value at a path."""
    name, _, rest = specification.partition(" ")
    match name:
        case "any":
            return
        case "bool":
            if not isinstance(value, bool):
                yield _at("must be a boolean", path)
        case "number":
            yield from _number_errors(rest, value, path)
        case "string":
            yield from _string_errors(rest, value, path)
        case "list":
            yield from _list_errors(rest, value, path)
        case "plain" | "text":
            kinds = {"plain_text": _Kind({"text": f"string 1..{rest}"}, {"emoji": "bool"})}
            if name == "text":
                kinds["mrkdwn"] = _Kind({"text": f"string 1..{rest}"}, {"verbatim": "bool"})
            yield from _union_errors(kinds, value, path)
        case "kind":
            yield from _union_errors(_named_kinds(rest), value, path)
        case _ if name in _OBJECTS:
            yield from _object_errors(_OBJECTS[name], value, path)
        case _:
            yield from errors(cast("str", _TABLE.shared[name]), value, path)


def _number_errors(rest: str, value: object, path: str) -> Iterator[ErrorText]:
    least, _, most = rest.partition("..")
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield _at("must be a number", path)
    elif least and value < int(least):
        yield _at(f"must be at least {least}", path)
    elif most and value > int(most):
        yield _at(f"must be at most {most}", path)


def _string_errors(rest: str, value: object, path: str) -> Iterator[ErrorText]:
    length, *choices = rest.split()
    shortest, longest = _range(length)
    if not isinstance(value, str):
        yield _at("must be a string", path)
    elif _LENGTH.get()(value) > longest:
        yield _at(f"must be less than {longest + 1} characters", path)
    elif len(value) < shortest:
        yield _at(f"must be more than {shortest - 1} characters", path)
    elif choices and value not in choices:
        yield _at(f"must be one of: {', '.join(choices)}", path)


def _list_errors(rest: str, value: object, path: str) -> Iterator[ErrorText]:
    length, _, item = rest.partition(" ")
    fewest, most = _range(length)
    if not isinstance(value, list):
        yield _at("must be an array", path)
        return
    listed = cast("list[object]", value)
    if len(listed) > most:
        yield _at(f"no more than {most} items allowed", path)
    if len(listed) < fewest:
        yield _at(f"no fewer than {fewest} items allowed", path)
    for place, one in enumerate(listed):
        yield from errors(item, one, f"{path}/{place}")


def _union_errors(kinds: Mapping[str, _Kind], value: object, path: str) -> Iterator[ErrorText]:
    if not isinstance(value, dict):
        yield _at("must be an object", path)
        return
    fields = cast("Json", value)
    kind = fields.get("type")
    if not isinstance(kind, str):
        yield _at("missing required field: type", path)
    elif kind not in kinds:
        yield _at(f"unsupported type: {kind}", path)
    else:
        rest = {name: inner for name, inner in fields.items() if name != "type"}
        yield from _object_errors(kinds[kind], rest, path)


def _object_errors(kind: _Kind, value: object, path: str) -> Iterator[ErrorText]:
    if not isinstance(value, dict):
        yield _at("must be an object", path)
        return
    fields = cast("Json", value)
    for name in kind.required:
        if fields.get(name) is None:
            yield _at(f"missing required field: {name}", path)
    for name, inner in fields.items():
        specification = kind.required.get(name) or kind.optional.get(name)
        if specification is None:
            yield _at(f"invalid additional property: {name}", path)
        elif inner is not None:
            yield from errors(specification, inner, f"{path}/{name}")
    sentence = _CHECKS[kind.check](fields) if kind.check else ""
    if sentence:
        yield _at(sentence, path)


def _named_kinds(names: str) -> dict[str, _Kind]:
    """Return the kinds with some names, or of families with those names, by their `type`."""
    single = " ".join(_TABLE.families.get(name, name) for name in names.split()).split()
    return {name.partition("/")[0]: _OBJECTS[name] for name in single}


def _range(written: str) -> tuple[int, int]:
    least, _, most = written.rpartition("..")
    return int(least or 0), int(most)


def _at(sentence: str, path: str) -> ErrorText:
    return f"{sentence} [json-pointer:{path}]"


def _choice_is_offered(fields: Json) -> str:
    if bool(fields.get("options")) == bool(fields.get("option_groups")):
        return "must provide exactly one of: options, option_groups"
    offered = [str(option.get("value")) for option in options(fields)]
    chosen = [*json_objects([fields.get("initial_option")]), *json_objects(fields.get("initial_options"))]
    is_offered = all(str(option.get("value")) in offered for option in chosen)
    return "" if is_offered else "initial option must be one of the options"


def _range_in_order(fields: Json) -> str:
    least, most = fields.get("min_value"), fields.get("max_value")
    try:
        wrong = least is not None and most is not None and float(str(least)) > float(str(most))
    except ValueError:
        return "min_value and max_value must be numbers"
    return "min_value must not exceed max_value" if wrong else ""


def _lengths_in_order(fields: Json) -> str:
    shortest, longest = fields.get("min_length"), fields.get("max_length")
    wrong = isinstance(shortest, int) and isinstance(longest, int) and shortest > longest
    return "min_length must not exceed max_length" if wrong else ""


def _one_image_source(fields: Json) -> str:
    two_or_none = bool(fields.get("image_url")) == bool(fields.get("slack_file"))
    return "must provide exactly one of: image_url, slack_file" if two_or_none else ""


def _section_has_text(fields: Json) -> str:
    return "" if fields.get("text") or fields.get("fields") else "missing required field: text or fields"


def _rows_are_even(fields: Json) -> str:
    widths = {len(json_items(row)) for row in json_items(fields.get("rows"))}
    return "rows must have the same number of cells" if len(widths) > 1 else ""


_CHECKS: Mapping[str, Callable[[Json], str]] = {
    "choice_is_offered": _choice_is_offered,
    "range_in_order": _range_in_order,
    "lengths_in_order": _lengths_in_order,
    "one_image_source": _one_image_source,
    "section_has_text": _section_has_text,
    "rows_are_even": _rows_are_even,
}


def _kind(table: _Table, fields: Mapping[str, str], *, has_block_id: bool) -> _Kind:
    written = dict(fields)
    for name in written.pop("mixins", "").split():
        written |= table.mixins[name]
    check = written.pop("check", "")
    required = {name[:-1]: inner for name, inner in written.items() if name.endswith("!")}
    optional = {name: inner for name, inner in written.items() if not name.endswith("!")}
    return _Kind(required, {**optional, "block_id": "id"} if has_block_id else optional, check)


_TABLE = json.decode(Path(__file__).with_name("block_kit.json").read_bytes(), type=_Table)
_OBJECTS = {
    name: _kind(_TABLE, fields, has_block_id=group is _TABLE.blocks)
    for group in (_TABLE.shared, _TABLE.parts, _TABLE.elements, _TABLE.blocks, _TABLE.views)
    for name, fields in group.items()
    if not isinstance(fields, str)
}
