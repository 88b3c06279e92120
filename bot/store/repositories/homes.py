"""The Home tabs that people have looked at lately, and what each shows."""

from datetime import datetime
from typing import Protocol

import msgspec

from domain.kernel.elements import PersonId


class OpenedHome(msgspec.Struct, frozen=True, kw_only=True):
    """A Home tab that was opened at a moment; `shown` is a digest of what it shows."""

    person: PersonId
    opened_at: datetime
    shown: str = ""


class OpenedHomes(Protocol):
    """The Home tabs of one workspace; raises StoreUnavailable like every store."""

    def find(self, person: PersonId) -> OpenedHome | None:
        """Return a person's Home tab, if they have opened it lately."""
        ...

    def since(self, moment: datetime, *, most: int) -> list[OpenedHome]:
        """Return those that were opened since a moment, the last one first."""
        ...

    def keep(self, one: OpenedHome) -> None:
        """Remember a Home tab as it is now."""
        ...

    def forget(self, person: PersonId) -> None:
        """Forget a person's Home tab."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget those that were opened before a moment."""
        ...
