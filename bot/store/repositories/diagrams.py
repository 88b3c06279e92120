"""The diagram of each model that somebody asked for: what is shown of it, and what it is of."""

from typing import Protocol

import msgspec

from bot.store.records import CommandKey, StreamId


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The one diagram that a model's thread shows, or is to show.

    `asked` counts who asked, `answered` how many of them were: there is one to be posted while they differ.
    `shown` is Slack's id of the file, or the place of the message that tells the flows in words; `old` is the
    one before, until it is deleted. `phase` and `erasures` are those of the model that is shown.
    """

    stream: StreamId
    asked: int
    answered: int = 0
    shown: str = ""
    old: str = ""
    phase: str = ""
    erasures: int = 0


class Diagrams(Protocol):
    """The diagrams of one workspace; raises StoreUnavailable like every store."""

    def ask(self, stream: StreamId, key: CommandKey) -> bool:
        """Have a model's diagram shown, the same request once; False where another request for it waits.

        A request that comes while the diagram is drawn is counted, so that it is drawn again as it is then.
        """
        ...

    def find(self, stream: StreamId) -> Kept | None:
        """Return the diagram of a model, if it was ever asked for."""
        ...

    def all(self) -> list[Kept]:
        """Return every diagram."""
        ...

    def keep(self, one: Kept) -> None:
        """Remember what is shown now; who asked meanwhile is not forgotten."""
        ...

    def forget(self, stream: StreamId) -> None:
        """Forget the diagram of a model, and that it was asked for."""
        ...
