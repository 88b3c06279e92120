"""Drafts from files and agents, in memory."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.repositories.drafts import MAX_DRAFTS, StoredDraft, draft_id, encode_draft
from domain.draft_comparison.choices import DraftChoices
from domain.drafts.draft import Draft
from domain.drafts.settlement import DraftId
from domain.kernel.elements import PersonId


class _Number(msgspec.Struct, frozen=True, kw_only=True):
    number: int


class MemoryDrafts:
    """Drafts in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._drafts = Table(database, tenant, "drafts", StoredDraft)
        self._numbers = Table(database, tenant, "draft numbers", _Number)

    def add(self, home: str, draft: Draft, *, person: PersonId, client: str, at: datetime) -> StoredDraft:
        """Store a draft, or return the one with the same content; raises DraftTooLarge."""
        _, digest = encode_draft(draft)
        with self._database.writing():
            there = self.of_home(home)
            same = next((one for one in there if one.digest == digest), None)
            if same is not None:
                same = replace(same, at=at)
                self._drafts.put(same, same.id)
                return same
            for oldest in there[: -(MAX_DRAFTS - 1)]:
                self.forget(oldest.id)
            last = self._numbers.get(home)
            number = last.number + 1 if last else 1
            self._numbers.put(_Number(number=number), home)
            new = StoredDraft(
                id=draft_id(home, number),
                home=home,
                person=person,
                client=client,
                digest=digest,
                draft=draft,
                at=at,
            )
            self._drafts.put(new, new.id)
            return new

    def find(self, id: DraftId) -> StoredDraft | None:
        """Return a draft, if there is one."""
        return self._drafts.get(id)

    def of_home(self, home: str) -> list[StoredDraft]:
        """Return the drafts of a model or channel, the oldest first."""
        return sorted(
            (one for one in self._drafts.all() if one.home == home), key=lambda one: (one.at, one.id)
        )

    def latest(self, home: str, most: int) -> list[StoredDraft]:
        """Return the latest drafts of a model or channel, the newest first."""
        return self.of_home(home)[::-1][:most]

    def choose(self, id: DraftId, more: DraftChoices) -> StoredDraft | None:
        """Add choices to those of a draft, and return it; None if it is no longer there."""
        with self._database.writing():
            found = self.find(id)
            if found is None:
                return None
            chosen = replace(found, choices=found.choices.with_choices(more))
            self._drafts.put(chosen, id)
            return chosen

    def forget(self, id: DraftId) -> None:
        """Delete a draft."""
        self._drafts.delete(id)

    def forget_person(self, person: PersonId) -> int:
        """Delete the drafts that a person brought; return how many."""
        with self._database.writing():
            return sum(self._drafts.delete(one.id) for one in self._drafts.all() if one.person == person)

    def forget_homes(self, *homes: str | None) -> None:
        """Delete the drafts of models or channels."""
        for one in self._drafts.all():
            if one.home in homes:
                self.forget(one.id)

    def forget_before(self, moment: datetime) -> None:
        """Delete the drafts that are older than a moment."""
        with self._database.writing():
            for one in self._drafts.all():
                if one.at < moment:
                    self.forget(one.id)
