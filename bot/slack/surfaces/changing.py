"""When time alone changes what a card shows: something is overdue, runs out, or is to be reviewed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.store import StreamId

AT_A_LOOK: Final = 20
"""After a start so many models are looked at each time: it takes a while to see what waits in thousands."""


class Changing:
    """Remembers the next such moment of each model; after a start nothing is known of any."""

    def __init__(self) -> None:
        self._at: dict[StreamId, datetime | None] = {}
        self._told: set[StreamId] = set()

    def learn(self, stream: StreamId, at: datetime | None, now: datetime) -> bool:
        """A model was looked at, and changes by itself next at that moment (None: never).

        Whether it had changed by itself since it was looked at before.
        """
        before = self._at.get(stream)
        self._at[stream] = at
        self._told.discard(stream)
        return before is not None and before <= now

    def due(self, now: datetime) -> list[StreamId]:
        """The models that have changed by themselves since they were looked at; each is told once."""
        found = [one for one, at in self._at.items() if at is not None and at <= now]
        found = [one for one in found if one not in self._told]
        self._told.update(found)
        return found

    def unseen(self, streams: Iterable[StreamId]) -> list[StreamId]:
        """Some of those that nobody has looked at since the start; each is told once."""
        found = [one for one in streams if one not in self._at][:AT_A_LOOK]
        self._at.update(dict.fromkeys(found))
        return found
