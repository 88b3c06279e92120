"""What sending reminders needs of Slack: to post one message to one place, and to find it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.kernel.elements import PersonId
from domain.nudge_deliveries import NudgeKey, SkipReason
from domain.reminders import Nudge


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Some nudges in one message, written at a moment."""

    to: PersonId
    nudges: tuple[Nudge, ...]
    at: datetime


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """Slack has the message."""

    channel: str
    ts: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is there already, and the nudges in it."""

    channel: str
    ts: str
    keys: frozenset[NudgeKey]


class Nothing(msgspec.Struct, frozen=True):
    """No message with any of these nudges is there."""


class NotTaken(msgspec.Struct, frozen=True, kw_only=True):
    """Slack will never take it; `code` is its own word for why."""

    code: str


class NotNow(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was done; it may be tried again after so many seconds."""

    why: SkipReason
    seconds: float


class Unclear(msgspec.Struct, frozen=True, kw_only=True):
    """No answer came: Slack may have taken the message or not."""

    code: str


class Courier(Protocol):
    """Brings messages; whatever Slack says is an outcome. Raises StoreUnavailable and Overtaken."""

    def where(self, to: PersonId, place: str) -> str | NotTaken | NotNow:
        """The conversation to which a place leads."""
        ...

    def post(self, channel: str, place: str, letter: Letter) -> Posted | NotTaken | NotNow | Unclear:
        """Post a message that carries the keys of its nudges; raises Overtaken before it calls Slack."""
        ...

    def find(self, channel: str, place: str, keys: Sequence[NudgeKey]) -> Found | Nothing | NotTaken | NotNow:
        """Look for a message that carries one of these keys."""
        ...

    def take_back(self, channel: str, ts: str) -> bool:
        """Delete a message; whether it is gone, or cannot be deleted at all."""
        ...
