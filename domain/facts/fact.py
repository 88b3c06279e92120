"""A fact: a statement about an element, with the question that settles it."""

import msgspec

from domain.kernel.elements import Kind


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A statement about an element that is true, false or unknown.

    `question` is shown in forms; `statement` is what a *yes* asserts, `denial` what a *no* asserts (empty
    unless a *no* can raise a threat), and `denial_of_several` what it asserts of several elements, if that is
    worded differently. If many rules need one fact, `why` replaces their explanations.
    """

    name: str
    kinds: frozenset[Kind]
    question: str
    statement: str
    denial: str = ""
    denial_of_several: str = ""
    why: str = ""


def facts_about(*kinds: Kind) -> "FactDeclarer":
    """Return a declarer of facts about these kinds of element."""
    return FactDeclarer(frozenset(kinds))


class FactDeclarer:
    """A declarer of facts about the same kinds of element."""

    def __init__(self, kinds: frozenset[Kind]) -> None:
        self._kinds = kinds

    def __call__(
        self, name: str, question: str, statement: str, denial: str = "", *, several: str = "", why: str = ""
    ) -> Fact:
        """Declare one fact; `several` is the denial in the plural."""
        return Fact(
            name=name,
            kinds=self._kinds,
            question=question,
            statement=statement,
            denial=denial,
            denial_of_several=several,
            why=why,
        )
