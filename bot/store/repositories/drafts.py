"""Drafts from files and agents, until people have accepted or rejected their parts."""

import hashlib
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from domain.draft_comparison.choices import DraftChoices, DraftOrigin
from domain.drafts.draft import Draft
from domain.drafts.settlement import DraftId
from domain.kernel.elements import PersonId

DRAFTS_KEPT_FOR: Final = timedelta(days=30)
"""Time after which a draft is deleted."""

MAX_DRAFT_BYTES: Final = 4 * 1024 * 1024
"""The size of a draft as it is stored."""

MAX_DRAFTS: Final = 50
"""The number of drafts of one model or channel; a further one replaces the oldest."""


class DraftTooLarge(ValueError):
    """Error: a draft has too much text to be stored. The message is a sentence for users."""

    def __init__(self) -> None:
        super().__init__(
            f"The draft has more than {MAX_DRAFT_BYTES // 1024 // 1024} MB of names and descriptions. "
            "Draft from fewer files at a time."
        )


class StoredDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Draft of a model or of a channel without one, with what people have chosen in it so far.

    `home` is the key of the model or the ID of the channel. `digest` is that of the content.
    """

    id: DraftId
    home: str
    person: PersonId
    client: str
    digest: str
    draft: Draft
    choices: DraftChoices = DraftChoices()
    at: datetime

    @property
    def origin(self) -> DraftOrigin:
        """Return its ID, and who brought it."""
        return DraftOrigin(draft=self.id, brought_by=self.person, client=self.client)


class Drafts(Protocol):
    """Drafts of one workspace; raises StoreUnavailable like every store."""

    def add(self, home: str, draft: Draft, *, person: PersonId, client: str, at: datetime) -> StoredDraft:
        """Store a draft and return it under a new ID, which is never used again; raises DraftTooLarge.

        The same content for the same model or channel is the same draft, and is kept longer.
        """
        ...

    def find(self, id: DraftId) -> StoredDraft | None:
        """Return a draft; None if there is none, or another release wrote it."""
        ...

    def of_home(self, home: str) -> list[StoredDraft]:
        """Return the drafts of a model or channel, the oldest first."""
        ...

    def latest(self, home: str, most: int) -> list[StoredDraft]:
        """Return the latest drafts of a model or channel, the newest first."""
        ...

    def choose(self, id: DraftId, more: DraftChoices) -> StoredDraft | None:
        """Add choices to those of a draft, and return it; None if it is no longer there."""
        ...

    def forget(self, id: DraftId) -> None:
        """Delete a draft."""
        ...

    def forget_person(self, person: PersonId) -> int:
        """Delete the drafts that a person brought; return how many."""
        ...


def encode_draft(draft: Draft) -> tuple[bytes, str]:
    """Return the content of a draft, and its digest; raises DraftTooLarge."""
    content = msgspec.json.encode(draft)
    if len(content) > MAX_DRAFT_BYTES:
        raise DraftTooLarge
    return content, hashlib.sha256(content).hexdigest()


def decode_draft(content: bytes) -> Draft | None:
    """Return a draft from its content; None if another release wrote it in another form."""
    try:
        return msgspec.json.decode(content, type=Draft)
    except msgspec.ValidationError:
        return None


def draft_id(home: str, number: int) -> DraftId:
    """Return the ID of a draft."""
    return DraftId(f"{home}/D-{number}")
