"""The direct messages that the bot has written: to whom, about what, and where they are."""

from enum import Enum
from typing import Protocol

import msgspec

from bot.store.records import StreamId
from domain.elements import PersonId


class DirectKind(Enum):
    """What direct messages are about."""

    INVITATION = "invitation"
    HANDOVER = "handover"


class Direct(msgspec.Struct, frozen=True, kw_only=True):
    """One direct message; `ts` is empty where it is not known whether Slack took it, or it did not.

    `about` is what in the model it is about: a round, or the version of an event. `digest` is of what it
    shows, and before that the mark of whoever is about to post it, empty where nobody is; `over` says that it
    will never change any more.
    """

    stream: StreamId
    about: str
    person: PersonId
    channel: str = ""
    ts: str = ""
    digest: str = ""
    over: bool = False


class Directs(Protocol):
    """The direct messages of one kind in one workspace; raises StoreUnavailable like every store."""

    def of(self, stream: StreamId) -> dict[tuple[str, PersonId], Direct]:
        """Return the messages about a model, by what they are about and to whom they are."""
        ...

    def changing(self) -> set[StreamId]:
        """Return the models with messages that may still change."""
        ...

    def unclear(self) -> set[StreamId]:
        """Return the models with messages of which it is not known whether Slack took them."""
        ...

    def waiting(self) -> set[StreamId]:
        """Return the models with messages that were not tried yet, or that Slack did not take."""
        ...

    def claim(self, direct: Direct) -> bool:
        """Note that somebody is about to be told, unless they were already; whether it is ours to do."""
        ...

    def take_over(self, claimed: Direct, mark: str) -> bool:
        """Go on with what somebody claimed and did not end; whether it is ours to do."""
        ...

    def is_held(self, claimed: Direct) -> bool:
        """Whether a claim stands as it was written: nothing was posted, nobody took it over."""
        ...

    def settle(self, claimed: Direct, became: Direct) -> bool:
        """Remember what became of a claim; False where it is not held: then nothing is remembered."""
        ...

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        ...

    def release(self, claimed: Direct) -> None:
        """Give up a claim that Slack did not take: the next one who comes may claim it."""
        ...
