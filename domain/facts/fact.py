"""A fact: a statement about an element, with the question that settles it."""

import msgspec

from domain.kernel.elements import Kind


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that is true, false or not yet known of an element.

    `question` is what a person reads in a checklist; `statement` is what a *yes* asserts. Where many
    rules wait for one fact, `why` says it in short instead of all their reasons.
    """

    name: str
    kinds: frozenset[Kind]
    question: str
    statement: str
    why: str = ""


def facts_about(*kinds: Kind) -> "FactDeclarer":
    """How facts about these kinds are declared."""
    return FactDeclarer(frozenset(kinds))


class FactDeclarer:
    """Declares facts about the same kinds."""

    def __init__(self, kinds: frozenset[Kind]) -> None:
        self._kinds = kinds

    def __call__(self, name: str, question: str, statement: str, why: str = "") -> Fact:
        """Declare one."""
        return Fact(name=name, kinds=self._kinds, question=question, statement=statement, why=why)
