"""A fact: a statement about an element, with the question that settles it."""

import re

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


class FactDeclarer(msgspec.Struct, frozen=True):
    """A declarer of facts about the same kinds of element."""

    kinds: frozenset[Kind]

    def __call__(self, name: str, question: str, statement: str, *, why: str = "") -> Fact:
        """Declare a fact of which a *no* raises no threat."""
        return Fact(name=name, kinds=self.kinds, question=question, statement=statement, why=why)

    def control(
        self, name: str, question: str, statement: str, denial: str = "", *, several: str = "", why: str = ""
    ) -> Fact:
        """Declare a control; `several` is the denial in the plural. Its denial is by default the negation."""
        return Fact(
            name=name,
            kinds=self.kinds,
            question=question,
            statement=statement,
            denial=denial or _VERB.sub(r"\g<0> not", statement, count=1),
            denial_of_several=several,
            why=why,
        )


_VERB = re.compile(r"\b(?:is|are|can|has)\b")
