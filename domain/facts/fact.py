"""A fact: a statement about an element, with the question that settles it."""

import msgspec

from domain.kernel.elements import Kind


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A statement about an element that is true, false or unknown.

    `question` is shown in checklists; `statement` is what a *yes* asserts. If many
    rules need one fact, `why` explains it in short instead of all their reasons.
    """

    name: str
    kinds: frozenset[Kind]
    question: str
    statement: str
    why: str = ""


def facts_about(*kinds: Kind) -> "FactDeclarer":
    """Return a declarer of facts about these kinds of element."""
    return FactDeclarer(frozenset(kinds))


class FactDeclarer:
    """A declarer of facts about the same kinds of element."""

    def __init__(self, kinds: frozenset[Kind]) -> None:
        self._kinds = kinds

    def __call__(self, name: str, question: str, statement: str, why: str = "") -> Fact:
        """Declare one fact."""
        return Fact(name=name, kinds=self._kinds, question=question, statement=statement, why=why)
