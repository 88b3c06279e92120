"""Drafts from files and agents, until people have accepted or rejected their parts."""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.store.sql.rows import PersonalRecords, Table
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


DRAFTS = Table("drafts", StoredDraft, "id")
_NUMBER = """
    INSERT INTO draft_numbers (tenant, home, number) VALUES (:tenant, :home, 1)
    ON CONFLICT (tenant, home) DO UPDATE SET number = draft_numbers.number + 1 RETURNING number
"""
_SAME = "SELECT id FROM drafts WHERE tenant = :tenant AND home = :home AND digest = :digest"
_IDS = "SELECT id FROM drafts WHERE tenant = :tenant AND home = :home ORDER BY at, id"


class Drafts(PersonalRecords):
    """Drafts of one workspace."""

    personal = DRAFTS

    def add(self, home: str, draft: Draft, *, person: PersonId, client: str, at: datetime) -> StoredDraft:
        """Store a draft and return it under a new ID, which is never used again; raises DraftTooLarge.

        The same content for the same model or channel is the same draft, and is kept longer.
        """
        digest = digest_of_draft(draft)
        with self._rows.together():
            known = self._rows.one(_SAME, home=home, digest=digest)
            if known is not None and (found := self.find(DraftId(known[0]))) is not None:
                self._rows.update(DRAFTS, {"at": at}, id=found.id)
                return replace(found, at=at)
            for (oldest,) in self._rows.all(_IDS, home=home)[: -(MAX_DRAFTS - 1)]:
                self.forget(oldest)
            (number,) = self._rows.one(_NUMBER, home=home)
            new = StoredDraft(
                id=DraftId(f"{home}/D-{number}"),
                home=home,
                person=person,
                client=client,
                digest=digest,
                draft=draft,
                at=at,
            )
            self._rows.insert(DRAFTS, new)
        return new

    def find(self, id: DraftId) -> StoredDraft | None:
        """Return a draft; None if there is none, or another release wrote it."""
        return next(iter(self._readable("", id=id)), None)

    def of_home(self, home: str) -> list[StoredDraft]:
        """Return the drafts of a model or channel, the oldest first."""
        return self._readable(" ORDER BY at, id", home=home)

    def latest(self, home: str, most: int) -> list[StoredDraft]:
        """Return the latest drafts of a model or channel, the newest first."""
        return self._readable(f" ORDER BY at DESC, id DESC LIMIT {most}", home=home)

    def choose(self, id: DraftId, more: DraftChoices) -> StoredDraft | None:
        """Add choices to those of a draft, and return it; None if it is no longer there."""
        with self._rows.together():
            found = self.find(id)
            if found is None:
                return None
            chosen = replace(found, choices=found.choices.with_choices(more))
            self._rows.update(DRAFTS, {"choices": chosen.choices}, id=id)
        return chosen

    def forget(self, id: DraftId) -> None:
        """Delete a draft."""
        self._rows.delete(DRAFTS, id=id)

    def _readable(self, order: str, **equal: str) -> list[StoredDraft]:
        """Return drafts, without those that another release wrote in another form."""
        found: list[StoredDraft] = []
        for row in self._rows.all(DRAFTS.where(equal) + order, **equal):
            with suppress(msgspec.ValidationError):
                found.append(DRAFTS.decoded(row))
        return found


def digest_of_draft(draft: Draft) -> str:
    """Return the digest of a draft; raises DraftTooLarge."""
    content = msgspec.json.encode(draft)
    if len(content) > MAX_DRAFT_BYTES:
        raise DraftTooLarge
    return hashlib.sha256(content).hexdigest()
