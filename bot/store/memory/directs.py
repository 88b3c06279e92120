"""The direct messages that the bot has written in memory."""

from collections.abc import Callable

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.directs import Direct, DirectKind
from domain.kernel.elements import PersonId


class MemoryDirects:
    """Directs of one kind in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str, kind: DirectKind) -> None:
        self._database = database
        self._directs = Table(database, tenant, f"directs of {kind.value}", Direct)

    def of(self, stream: StreamId) -> dict[tuple[str, PersonId], Direct]:
        """Return the messages about a model, by what they are about and to whom they are."""
        return {(one.about, one.person): one for one in self._directs.all(stream)}

    def unclear(self) -> set[StreamId]:
        """Return the models with messages of which it is not known whether Slack took them."""
        return self._streams(lambda one: not one.over and not one.ts and one.digest != "")

    def waiting(self) -> set[StreamId]:
        """Return the models with messages that were not tried yet, or that Slack did not take."""
        return self._streams(lambda one: not one.over and not one.ts and not one.digest)

    def claim(self, direct: Direct) -> bool:
        """Note a message that is to be posted, unless it is noted already; whether it was not."""
        return self._directs.add(direct, *self._key(direct))

    def settle(self, attempt: Direct, became: Direct) -> bool:
        """Remember what became of a message; False where that is known already: then nothing is changed."""
        with self._database.writing():
            held = self._held(attempt)
            if held is not None:
                told = replace(
                    held, channel=became.channel, ts=became.ts, digest=became.digest, over=became.over
                )
                self._directs.put(told, *self._key(attempt))
            return held is not None

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        self._directs.put(direct, *self._key(direct))

    def release(self, attempt: Direct) -> None:
        """Note that Slack did not take a message: the person is still to be told."""
        self.settle(attempt, replace(attempt, digest=""))

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what the messages about a model show."""
        with self._database.writing():
            for one in self._directs.all(stream):
                if one.ts and not one.over:
                    self._directs.put(replace(one, digest=""), *self._key(one))

    def _held(self, attempt: Direct) -> Direct | None:
        known = self._directs.get(attempt.stream, attempt.about, attempt.person)
        if known is None or known.ts or known.over or known.digest != attempt.digest:
            return None
        return known

    def _streams(self, wanted: Callable[[Direct], bool]) -> set[StreamId]:
        return {one.stream for one in self._directs.all() if wanted(one)}

    def _key(self, one: Direct) -> tuple[str, str, str]:
        return owned(one.stream, self._directs.tenant), one.about, one.person
