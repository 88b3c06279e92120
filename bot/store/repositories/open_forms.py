"""Open forms: their initial content, until they are submitted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.records import StreamId


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a form about a model when it was opened, and the version of the model.

    `shown` is JSON, which this store does not parse.
    """

    token: str
    stream: StreamId
    version: int
    shown: bytes
    at: datetime


class OpenForms(Protocol):
    """Open forms of one workspace; raises StoreUnavailable like every store."""

    def save(self, forms: Iterable[OpenForm]) -> None:
        """Store the content of forms; a stored one stays unchanged."""
        ...

    def find(self, token: str) -> OpenForm | None:
        """Return the content of a form, if it is stored."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Delete the forms that are older than a moment."""
        ...
