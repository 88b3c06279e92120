"""The settlement of a draft: what people took of it and what they left, by the keys of its source."""

import hashlib
from typing import Final, NewType

import msgspec

from domain.drafts.draft import (
    DraftItem,
    DraftSource,
    ProposedAnswer,
    ProposedAssumption,
    ProposedProgress,
    ProposedThreat,
    SourceKey,
    SourcePlace,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import PersonId

DraftId = NewType("DraftId", str)
"""The ID of a draft, such as `TM-7/D-3`; drafts of a channel without a model are named `C024BE91L/D-1`."""

Proposal = DraftItem | ProposedAnswer | ProposedThreat | ProposedAssumption | ProposedProgress
"""Anything that a draft proposes."""

ANSWERED: Final = "answers/"
"""Precedes the name of a fact in the name of a part that is an answer."""

ERASED_FILE: Final = "(erased)"
"""The file of a place whose name was erased."""


class ItemPart(msgspec.Struct, gc=False, frozen=True, array_like=True):
    """An attribute or an answer of a proposal, and a digest of its value, to find what changes later."""

    name: str
    digest: str


class TakenAnswer(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A fact whose answer was taken from a draft, with the place that shows it."""

    fact: str
    place: SourcePlace


class SettledItem(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A proposal that people took or left, by the key of its source.

    `id` is the ID of the element, threat, assumption or mitigation that it stands for; empty if it was left.
    `answers` are the facts that were answered by it. `draft` is empty within the event of that draft. With
    `absent`, its source no longer had it, and people decided that the element stays.
    """

    key: SourceKey
    digest: str
    place: SourcePlace
    id: str = ""
    parts: tuple[ItemPart, ...] = ()
    answers: tuple[TakenAnswer, ...] = ()
    draft: DraftId = DraftId("")
    absent: bool = False

    @property
    def describes_element(self) -> bool:
        """Return whether it was an element, and not an answer about one."""
        return any(part.name == "kind" for part in self.parts)

    def place_of(self, fact: str, answer: Answer) -> SourcePlace | None:
        """Return the place that shows an answer; None if it was not taken from here, or was another one."""
        said = (
            ItemPart(f"{ANSWERED}{fact}", _digest(answer, 8)),
            ItemPart("answer", _digest((fact, answer), 8)),
        )
        if not any(one in self.parts for one in said):
            return None
        return next((one.place for one in self.answers if one.fact == fact), None)


class ReleasedKey(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A key that stands for nothing from then on."""

    key: SourceKey


class SettledDraft(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A draft of which something was settled: its sources, and who brought it, a person or a client.

    `client` is the name of a program, such as a coding agent that acts for the person; empty for a file.
    """

    draft: DraftId
    sources: tuple[DraftSource, ...]
    brought_by: PersonId | None = None
    client: str = ""


def digest_of(proposal: Proposal) -> str:
    """Return a digest of what is proposed, the same wherever it stands."""
    if isinstance(proposal, DraftItem):
        return proposal.digest
    return _digest([[part.name, part.digest] for part in parts_of(proposal)], 16)


def parts_of(proposal: Proposal) -> tuple[ItemPart, ...]:
    """Return the attributes and answers that are proposed, each with a digest of its value, by name."""
    stated = {
        name: value
        for name in proposal.__struct_fields__
        if name not in _NOT_A_PART and (value := getattr(proposal, name)) not in _EMPTY
    }
    if isinstance(proposal, DraftItem):
        stated |= {f"{ANSWERED}{answer.fact}": answer.answer for answer in proposal.answers}
    elif isinstance(proposal, ProposedAnswer):
        stated["answer"] = (proposal.answer.fact, proposal.answer.answer)
    return tuple(ItemPart(name, _digest(stated[name], 8)) for name in sorted(stated))


def changed_parts(old: SettledItem, proposal: Proposal) -> tuple[str, ...]:
    """Return the names of the parts that differ from what was settled, in their order."""
    was = {part.name: part.digest for part in old.parts}
    now = {part.name: part.digest for part in parts_of(proposal)}
    return tuple(sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name)))


def said_before(old: SettledItem, part: str, value: object) -> bool:
    """Return whether a value is the one that was settled for a part."""
    return ItemPart(part, _digest(value, 8)) in old.parts


def settled(proposal: Proposal, *, id: str = "", answers: tuple[TakenAnswer, ...] = ()) -> SettledItem:
    """Return a proposal as settled: taken as the thing with that ID, or left."""
    return SettledItem(
        key=proposal.key,
        digest=digest_of(proposal),
        place=place_of(proposal),
        id=id,
        parts=parts_of(proposal),
        answers=answers,
    )


def place_of(proposal: Proposal) -> SourcePlace:
    """Return where a proposal stands in its source."""
    return proposal.answer.place if isinstance(proposal, ProposedAnswer) else proposal.place


def erased_key(key: SourceKey) -> SourceKey:
    """Return a key that is still recognized, and no longer contains a name."""
    return key if is_erased(key) else SourceKey(f"{_ERASED}{_digest(key, 32)}")


def is_erased(key: SourceKey) -> bool:
    """Return whether a key contains a digest in place of a name."""
    return key.startswith(_ERASED)


def _digest(value: object, length: int) -> str:
    content = msgspec.json.encode(value, order="deterministic")
    return hashlib.sha256(content).hexdigest()[:length]


_ERASED = "sha256:"
_EMPTY = ("", None, ())
_NOT_A_PART = frozenset({"key", "place", "certainty", "description", "answers", "answer", "unresolved"})
