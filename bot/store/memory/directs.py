"""The direct messages that the bot has written in memory."""

from collections.abc import Callable

from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import owned
from bot.store.records import StreamId
from bot.store.repositories.directs import Direct, DirectKind
from domain.elements import PersonId


class MemoryDirects:
    """Directs of one kind in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str, kind: DirectKind) -> None:
        self._database = database
        self._directs = Table(database, tenant, f"directs of {kind.value}", Direct)

    def of(self, stream: StreamId) -> dict[tuple[str, PersonId], Direct]:
        """Return the messages about a model, by what they are about and to whom they are."""
        return {(one.about, one.person): one for one in self._directs.all(stream)}

    def changing(self) -> set[StreamId]:
        """Return the models with messages that may still change."""
        return self._streams(lambda one: not one.over)

    def unclear(self) -> set[StreamId]:
        """Return the models with messages of which it is not known whether Slack took them."""
        return self._streams(lambda one: not one.over and not one.ts and one.digest != "")

    def waiting(self) -> set[StreamId]:
        """Return the models with messages that were not tried yet, or that Slack did not take."""
        return self._streams(lambda one: not one.over and not one.ts and not one.digest)

    def claim(self, direct: Direct) -> bool:
        """Note that somebody is about to be told, unless they were already; whether it is ours to do."""
        return self._directs.add(direct, *self._key(direct))

    def take_over(self, claimed: Direct, mark: str) -> bool:
        """Go on with what somebody claimed and did not end; whether it is ours to do."""
        with self._database.writing():
            held = self._held(claimed)
            if held is not None:
                self._directs.put(replace(held, digest=mark), *self._key(claimed))
            return held is not None

    def is_held(self, claimed: Direct) -> bool:
        """Whether a claim stands as it was written: nothing was posted, nobody took it over."""
        return self._held(claimed) is not None

    def settle(self, claimed: Direct, became: Direct) -> bool:
        """Remember what became of a claim; False where it is not held: then nothing is remembered."""
        with self._database.writing():
            held = self._held(claimed)
            if held is not None:
                told = replace(
                    held, channel=became.channel, ts=became.ts, digest=became.digest, over=became.over
                )
                self._directs.put(told, *self._key(claimed))
            return held is not None

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        self._directs.put(direct, *self._key(direct))

    def release(self, claimed: Direct) -> None:
        """Give up a claim that Slack did not take: the next one who comes may claim it."""
        self.settle(claimed, replace(claimed, digest=""))

    def _held(self, claimed: Direct) -> Direct | None:
        known = self._directs.get(claimed.stream, claimed.about, claimed.person)
        if known is None or known.ts or known.over or known.digest != claimed.digest:
            return None
        return known

    def _streams(self, wanted: Callable[[Direct], bool]) -> set[StreamId]:
        return {one.stream for one in self._directs.all() if wanted(one)}

    def _key(self, one: Direct) -> tuple[str, str, str]:
        return owned(one.stream, self._directs.tenant), one.about, one.person
