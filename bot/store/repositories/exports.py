"""Who asked for which file of a model, and the files that its thread shows."""

from typing import Final, Protocol

import msgspec

from bot.store.records import CommandKey, StreamId
from domain.kernel.elements import PersonId

CANVAS: Final = "canvas"
"""The word, and the key, of what is kept of a model's canvas: the report as one can read it in Slack."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a file, named by `key`: `word` says all about the file, `form` its format alone."""

    stream: StreamId
    key: CommandKey
    person: PersonId
    form: str
    word: str


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody asked for: `word` is that of its format.

    `file` is Slack's id once it is shown, `message` the place of what is told about it; it is `over` when
    nothing is to be shown any more. `erasures` is how often something of the model had been erased when the
    file was made.
    """

    stream: StreamId
    key: CommandKey
    word: str
    file: str = ""
    message: str = ""
    over: bool = False
    erasures: int = 0


class Exports(Protocol):
    """The files of one workspace; raises StoreUnavailable like every store."""

    def ask(self, order: Order) -> bool:
        """Queue an order; False where this person already waits for a file of that model in that format.

        The same request counts once, and is answered the same way again.
        """
        ...

    def of(self, stream: StreamId) -> list[Ordered]:
        """Return the files of a model, the first one first."""
        ...

    def all(self) -> list[Ordered]:
        """Return every file."""
        ...

    def canvas(self, stream: StreamId) -> Ordered | None:
        """Return the canvas of a model, if there is one."""
        ...

    def put(self, one: Ordered) -> None:
        """Remember what nobody ordered by itself, or what is there of it already."""
        ...

    def keep(self, one: Ordered) -> None:
        """Remember a file as it is now."""
        ...

    def forget(self, one: Ordered) -> None:
        """Forget a file that is no longer shown."""
        ...
