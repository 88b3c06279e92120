"""What is known of a system: a file without secrets and people, to be kept in its repository."""

from typing import Final, Literal

import msgspec

from bot.formats.importers.untrusted_document import MAX_BYTES, UnreadableFile
from domain.drafts.draft import Certainty, Draft, DraftItem
from domain.kernel.answer import Answer
from domain.kernel.elements import Exposure, Kind


class KnownItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known element: what makes a change of it a drift."""

    kind: Kind
    name: str = ""
    exposure: Exposure | None = None
    protocol: str = ""
    answers: dict[str, Answer] = {}


class KnownDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The known elements by the keys of their sources, and the known values that the sources do not have."""

    format: Literal["threatmodel-known"]
    version: Literal[1]
    items: dict[str, KnownItem]
    unresolved: dict[str, str] = {}


def known_of(draft: Draft) -> KnownDraft:
    """Return what a draft makes known, without guesses."""
    return KnownDraft(
        format="threatmodel-known",
        version=1,
        items={one.key: known_item(one) for one in draft.items if one.certainty is not Certainty.GUESS},
        unresolved={one.key: one.text for one in draft.assumptions if one.unresolved},
    )


def known_item(item: DraftItem) -> KnownItem:
    """Return what an item makes known."""
    return KnownItem(
        kind=item.kind,
        name=item.name,
        exposure=item.exposure,
        protocol=item.protocol,
        answers={
            answer.fact: answer.answer for answer in item.answers if answer.certainty is not Certainty.GUESS
        },
    )


def encode_known(known: KnownDraft) -> bytes:
    """Return the file: the same for the same content, an entry a few lines."""
    content = msgspec.json.encode(known, order="sorted")
    return msgspec.json.format(content, indent=1) + b"\n"


def decode_known(content: bytes) -> KnownDraft:
    """Return the content of a file; raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_NOT_OURS)
    try:
        return msgspec.json.decode(content, type=KnownDraft)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise UnreadableFile(_NOT_OURS) from None


_NOT_OURS: Final = (
    "The file does not hold what is known of a system, or was written by a later release. "
    "Write it again: threatmodel draft FILE --known known.json."
)
