"""What forms showed when they were opened, until they are submitted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a form about a model showed, and at which version of the model that was so.

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
        """Remember what forms show; one that is known already stays as it is."""
        ...

    def find(self, token: str) -> OpenForm | None:
        """Return what a form showed, if it is known."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget the forms that are older than a moment."""
        ...
