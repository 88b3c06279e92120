"""Slack's untyped JSON, and its refusals."""

from collections.abc import Iterator
from typing import Any, TypeAlias, cast

Json: TypeAlias = dict[str, Any]
"""One JSON object of Slack; its fields are defined by Slack and not typed here."""


class ApiError(Exception):
    """Error: Slack refuses something, by one of its codes, and optionally messages with their paths."""

    def __init__(self, code: str, messages: tuple[str, ...] = (), /, **more: object) -> None:
        super().__init__(code)
        self.code, self.messages, self.more = code, messages, more


def json_objects(value: object) -> list[Json]:
    """Return the JSON objects of a list; nothing if the value is not a list."""
    return [cast("Json", item) for item in json_items(value) if isinstance(item, dict)]


def json_items(value: object) -> list[object]:
    """Return the items of a list; nothing if the value is not a list."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text_of(text_object: object) -> str:
    """Return the text of a text object or of a plain string."""
    if isinstance(text_object, dict):
        return str(cast("Json", text_object).get("text", ""))
    return text_object if isinstance(text_object, str) else ""


def nested_objects(value: object) -> Iterator[Json]:
    """Yield every JSON object inside a value, outermost first."""
    for json_object in json_objects([value]):
        yield json_object
        for inner in json_object.values():
            yield from nested_objects(inner)
    for inner in json_items(value):
        yield from nested_objects(inner)
