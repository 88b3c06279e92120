"""A fact, and what may be answered."""

from enum import StrEnum

import msgspec

from domain.elements import Kind


class Answer(StrEnum):
    """What a person may answer to a question; only `no` ever points at a missing control."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"

    @property
    def words(self) -> str:
        """The answer as sentences quote it."""
        return _WORDS[self]


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


def of(*kinds: Kind) -> "Declaring":
    """How facts about these kinds are declared."""
    return Declaring(frozenset(kinds))


class Declaring:
    """Declares facts about the same kinds."""

    def __init__(self, kinds: frozenset[Kind]) -> None:
        self._kinds = kinds

    def __call__(self, name: str, question: str, statement: str, why: str = "") -> Fact:
        """Declare one."""
        return Fact(name=name, kinds=self._kinds, question=question, statement=statement, why=why)


_WORDS = {
    Answer.YES: "yes",
    Answer.NO: "no",
    Answer.UNKNOWN: "don't know",
    Answer.NOT_APPLICABLE: "doesn't apply",
}
