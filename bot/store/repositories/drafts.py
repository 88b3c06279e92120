"""Drafts from files and agents, until people have accepted or rejected their parts."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.store.sql.rows import WorkspaceRows
from bot.store.timestamps import format_timestamp, parse_timestamp
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


_COLUMNS = "id, home, person, client, digest, content, choices, at"
_NUMBER = """
    INSERT INTO draft_numbers (tenant, home, number) VALUES (?1, ?2, 1)
    ON CONFLICT (tenant, home) DO UPDATE SET number = draft_numbers.number + 1
"""
_NUMBERED = "SELECT number FROM draft_numbers WHERE tenant = ?1 AND home = ?2"
_SAME = "SELECT id FROM drafts WHERE tenant = ?1 AND home = ?2 AND digest = ?3"
_SAVE = f"INSERT INTO drafts (tenant, {_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"  # noqa: S608  (our own names)
_AGAIN = "UPDATE drafts SET at = ?3 WHERE tenant = ?1 AND id = ?2"
_FIND = f"SELECT {_COLUMNS} FROM drafts WHERE tenant = ?1 AND id = ?2"  # noqa: S608  (our own names)
_OF_HOME = f"SELECT {_COLUMNS} FROM drafts WHERE tenant = ?1 AND home = ?2 ORDER BY at, id"  # noqa: S608  (our own names)
_LATEST = f"""
    SELECT {_COLUMNS} FROM drafts WHERE tenant = ?1 AND home = ?2 ORDER BY at DESC, id DESC LIMIT ?3
"""  # noqa: S608  (our own names)
_IDS = "SELECT id FROM drafts WHERE tenant = ?1 AND home = ?2 ORDER BY at, id"
_CHOOSE = "UPDATE drafts SET choices = ?3 WHERE tenant = ?1 AND id = ?2"
_FORGET = "DELETE FROM drafts WHERE tenant = ?1 AND id = ?2"
_FORGET_PERSON = "DELETE FROM drafts WHERE tenant = ?1 AND person = ?2"


class Drafts:
    """Drafts of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, rows: WorkspaceRows) -> None:
        self._rows = rows

    def add(self, home: str, draft: Draft, *, person: PersonId, client: str, at: datetime) -> StoredDraft:
        """Store a draft and return it under a new ID, which is never used again; raises DraftTooLarge.

        The same content for the same model or channel is the same draft, and is kept longer.
        """
        content, digest = encode_draft(draft)
        with self._rows.together():
            known = self._rows.one(_SAME, home, digest)
            if known is not None and (found := self.find(DraftId(known[0]))) is not None:
                self._rows.write(_AGAIN, found.id, format_timestamp(at))
                return replace(found, at=at)
            for (oldest,) in self._rows.all(_IDS, home)[: -(MAX_DRAFTS - 1)]:
                self._rows.write(_FORGET, oldest)
            self._rows.write(_NUMBER, home)
            new = StoredDraft(
                id=draft_id(home, self._rows.one(_NUMBERED, home)[0]),
                home=home,
                person=person,
                client=client,
                digest=digest,
                draft=draft,
                at=at,
            )
            choices = msgspec.json.encode(new.choices)
            row = (new.id, home, person, client, digest, content, choices, format_timestamp(at))
            self._rows.write(_SAVE, *row)
        return new

    def find(self, id: DraftId) -> StoredDraft | None:
        """Return a draft; None if there is none, or another release wrote it."""
        row = self._rows.one(_FIND, id)
        return _draft(row) if row else None

    def of_home(self, home: str) -> list[StoredDraft]:
        """Return the drafts of a model or channel, the oldest first."""
        found = (_draft(row) for row in self._rows.all(_OF_HOME, home))
        return [one for one in found if one is not None]

    def latest(self, home: str, most: int) -> list[StoredDraft]:
        """Return the latest drafts of a model or channel, the newest first."""
        found = (_draft(row) for row in self._rows.all(_LATEST, home, most))
        return [one for one in found if one is not None]

    def choose(self, id: DraftId, more: DraftChoices) -> StoredDraft | None:
        """Add choices to those of a draft, and return it; None if it is no longer there."""
        with self._rows.together():
            found = self.find(id)
            if found is None:
                return None
            chosen = replace(found, choices=found.choices.with_choices(more))
            self._rows.write(_CHOOSE, id, msgspec.json.encode(chosen.choices))
        return chosen

    def forget(self, id: DraftId) -> None:
        """Delete a draft."""
        self._rows.write(_FORGET, id)

    def forget_person(self, person: PersonId) -> int:
        """Delete the drafts that a person brought; return how many."""
        return self._rows.write(_FORGET_PERSON, person)


def _draft(row: tuple[str, str, str, str, str, bytes, bytes, str]) -> StoredDraft | None:
    id, home, person, client, digest, content, choices, at = row
    draft = decode_draft(bytes(content))
    if draft is None:
        return None
    return StoredDraft(
        id=DraftId(id),
        home=home,
        person=PersonId(person),
        client=client,
        digest=digest,
        draft=draft,
        choices=msgspec.json.decode(bytes(choices), type=DraftChoices),
        at=parse_timestamp(at),
    )


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
