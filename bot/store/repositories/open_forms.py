"""Open forms: what they showed when they were opened, until they are submitted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    """Content that a form about a model showed, and the version of the model.

    `shown` is JSON, which this store does not read.
    """

    token: str
    stream: StreamId
    version: int
    shown: bytes
    at: datetime


class OpenForms(Protocol):
    """The forms that were opened in one workspace; raises StoreUnavailable like every store."""

    def keep(self, forms: Iterable[OpenForm]) -> None:
        """Store what forms show; a known one stays unchanged."""
        ...

    def find(self, token: str) -> OpenForm | None:
        """Return what a form showed, if it is known."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Delete the forms that are older than a moment."""
        ...
