"""The direct messages that the bot has written: to whom, about what, and where they are."""

from enum import Enum
from typing import Final, Protocol

import msgspec

from bot.store.records import StreamId
from domain.kernel.elements import PersonId


class DirectKind(Enum):
    """What direct messages are about."""

    INVITATION = "invitation"
    HANDOVER = "handover"


ATTEMPTED: Final = "attempted"
"""In place of a digest: Slack may have taken the message. Earlier releases wrote a mark of theirs there."""


class Direct(msgspec.Struct, frozen=True, kw_only=True):
    """One direct message; `ts` is empty where it is not known whether Slack took it, or it did not.

    `about` is what in the model it is about: a round, or the version of an event. `digest` is of what it
    shows; before that it says that posting it was attempted, or is empty. A message that is `over` does not
    change again.
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

    def unclear(self) -> set[StreamId]:
        """Return the models with messages of which it is not known whether Slack took them."""
        ...

    def waiting(self) -> set[StreamId]:
        """Return the models with messages that were not tried yet, or that Slack did not take."""
        ...

    def claim(self, direct: Direct) -> bool:
        """Note a message that is to be posted, unless it is noted already; whether it was not."""
        ...

    def settle(self, attempt: Direct, became: Direct) -> bool:
        """Remember what became of a message; False where that is known already: then nothing is changed."""
        ...

    def keep(self, direct: Direct) -> None:
        """Remember a message as it is now."""
        ...

    def release(self, attempt: Direct) -> None:
        """Note that Slack did not take a message: the person is still to be told."""
        ...

    def doubt(self, stream: StreamId) -> None:
        """Note that it is not known what the messages about a model show."""
        ...
