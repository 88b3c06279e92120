"""Assumed facts: answers that follow from a technology or a protocol until someone gives one."""

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId


class AssumedFact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that follows from a technology or a protocol.

    `follows_from` is the key of the technology or the name of the protocol. `reason` and `url`, its source,
    are kept as the catalog had them, so that a later catalog does not change what was assumed.
    """

    fact: str
    answer: Answer = Answer.YES
    follows_from: str
    reason: str
    url: str


class ElementAssumptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that is assumed of an element, and the version of the catalog that it follows from.

    `technology` is that of the element at the time; a technology of which nothing is assumed is kept, too.
    """

    element: ElementId
    catalog: int
    technology: str = ""
    facts: tuple[AssumedFact, ...] = ()
