"""Schema types for JSON, with Slack's error messages."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, cast

from bot.sandbox.slack_json import Json

ErrorText = str
"""One message with the JSON pointer of its place, as Slack writes it."""


_LENGTH: ContextVar[Callable[[str], int]] = ContextVar("length", default=len)


@contextmanager
def counting_length_by(length: Callable[[str], int]) -> Generator[None]:
    """Use another counting of text lengths until the block ends."""
    before = _LENGTH.set(length)
    try:
        yield
    finally:
        _LENGTH.reset(before)


class Schema(Protocol):
    """Interface of a schema."""

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield the errors of a value at a path."""
        ...


class StringSchema:
    """A string with a length range."""

    def __init__(self, longest: int, *, shortest: int = 0, choices: tuple[str, ...] = ()) -> None:
        self.longest, self.shortest, self.choices = longest, shortest, choices

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield an error for another type, an invalid length, or an invalid choice."""
        if not isinstance(value, str):
            yield _at("must be a string", path)
        elif _LENGTH.get()(value) > self.longest:
            yield _at(f"must be less than {self.longest + 1} characters", path)
        elif len(value) < self.shortest:
            yield _at(f"must be more than {self.shortest - 1} characters", path)
        elif self.choices and value not in self.choices:
            yield _at(f"must be one of: {', '.join(self.choices)}", path)


class BooleanSchema:
    """True or false."""

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield an error for anything else."""
        if not isinstance(value, bool):
            yield _at("must be a boolean", path)


class NumberSchema:
    """A number in a closed range."""

    def __init__(self, least: float | None = None, most: float | None = None) -> None:
        self.least, self.most = least, most

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield an error for another type or a number out of range."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield _at("must be a number", path)
        elif self.least is not None and value < self.least:
            yield _at(f"must be at least {self.least:g}", path)
        elif self.most is not None and value > self.most:
            yield _at(f"must be at most {self.most:g}", path)


class AnySchema:
    """Any value; it is not checked."""

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield nothing."""
        del value, path
        return iter(())


class ArraySchema:
    """A list with a length range and one item schema."""

    def __init__(self, shape: Schema, *, fewest: int = 0, most: int) -> None:
        self.shape, self.fewest, self.most = shape, fewest, most

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield errors of the length, then those of each item."""
        if not isinstance(value, list):
            yield _at("must be an array", path)
            return
        listed = cast("list[object]", value)
        count = len(listed)
        if count > self.most:
            yield _at(f"no more than {self.most} items allowed", path)
        if count < self.fewest:
            yield _at(f"no fewer than {self.fewest} items allowed", path)
        for place, item in enumerate(listed):
            yield from self.shape.faults(item, f"{path}/{place}")


class ObjectSchema:
    """An object with named fields and no others."""

    def __init__(
        self,
        required: Mapping[str, Schema] | None = None,
        optional: Mapping[str, Schema] | None = None,
        also: Callable[[Mapping[str, object]], str | None] | None = None,
    ) -> None:
        self.required, self.optional, self.also = required or {}, optional or {}, also

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield missing and unknown fields, then the errors of each field."""
        if not isinstance(value, dict):
            yield _at("must be an object", path)
            return
        fields = cast("Json", value)
        for name in self.required:
            if fields.get(name) is None:
                yield _at(f"missing required field: {name}", path)
        for name, inner in fields.items():
            shape = self.required.get(name) or self.optional.get(name)
            if shape is None:
                yield _at(f"invalid additional property: {name}", path)
            elif inner is not None:
                yield from shape.faults(inner, f"{path}/{name}")
        sentence = self.also(fields) if self.also else None
        if sentence:
            yield _at(sentence, path)


class UnionSchema:
    """An object whose `type` selects the schema; choices are added after creation, so schemas may nest."""

    def __init__(self, kinds: Mapping[str, ObjectSchema] | None = None) -> None:
        self.kinds: dict[str, ObjectSchema] = dict(kinds or {})

    def only(self, *names: str) -> "UnionSchema":
        """Return the schema limited to some types."""
        return UnionSchema({name: self.kinds[name] for name in names})

    def faults(self, value: object, path: str) -> Iterator[ErrorText]:
        """Yield an unknown type, or the errors under the schema of the type."""
        if not isinstance(value, dict):
            yield _at("must be an object", path)
            return
        fields = cast("Json", value)
        kind = fields.get("type")
        if not isinstance(kind, str):
            yield _at("missing required field: type", path)
        elif kind not in self.kinds:
            yield _at(f"unsupported type: {kind}", path)
        else:
            rest = {name: inner for name, inner in fields.items() if name != "type"}
            yield from self.kinds[kind].faults(rest, path)


def _at(sentence: str, path: str) -> ErrorText:
    return f"{sentence} [json-pointer:{path}]"
