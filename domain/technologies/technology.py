"""The types of the catalog: categories, technologies, protocols, and their assumptions."""

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind


class AppliesTo(StrEnum):
    """The element that an assumption is about."""

    ITSELF = "itself"
    """The element that has the technology or the protocol."""
    ENTRY_POINTS = "entry_points"
    """The entry points that lead to it."""
    FLOWS_FROM_BROWSERS = "flows_from_browsers"
    """A flow with the protocol, if a browser starts it."""


class SourcedAssumption(msgspec.Struct, frozen=True, kw_only=True):
    """A default of a product or a standard: the fact that it answers, in words, with its source.

    `since` says from when on or for what it holds, such as `since January 2023`, or which standard demands
    it, such as `RFC 9110`.
    """

    fact: str
    statement: str
    since: str
    source: str
    answer: Answer = Answer.YES
    applies_to: AppliesTo = AppliesTo.ITSELF

    @property
    def reason(self) -> str:
        """Return the statement with its date or standard, as people read it."""
        return f"{self.statement} ({self.since})"


class WordedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a fact in the words of a category; *yes* means the same as in general."""

    fact: str
    text: str


class Category(msgspec.Struct, frozen=True):
    """A category of technologies; it is a technology itself where the product does not matter.

    `names` are matched in the names of elements and when typed, `short_names` only when typed.
    `whole_names` have other meanings beside other words: they are matched as the whole name of an element.
    `questions` are what a security engineer would want to know first: they come first for its elements, and
    for the entry points, flows and assets there, in these words.
    """

    key: str
    name: str
    kind: ComponentKind
    protocol: str = ""
    names: tuple[str, ...] = ()
    whole_names: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    questions: tuple[WordedQuestion, ...] = ()
    assumptions: tuple[SourcedAssumption, ...] = ()


class Technology(msgspec.Struct, frozen=True):
    """A product, a framework or a language.

    `aliases` are matched in the names of elements and when typed; `short_names` are words with other
    meanings, which count only when typed as a technology. If it is `managed`, its provider operates it: the
    code, the hosts and the builds are not the team's. If it is `general`, such as a language, it serves
    several purposes, and the name of what is made with it tells which.
    """

    key: str
    name: str
    category: str = ""
    kind: ComponentKind = ComponentKind.PROCESS
    protocol: str = ""
    aliases: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    questions: tuple[WordedQuestion, ...] = ()
    managed: bool = False
    general: bool = False
    assumptions: tuple[SourcedAssumption, ...] = ()


class Protocol(msgspec.Struct, frozen=True):
    """A protocol of software, with its other names; `local` if it stays on one machine or in one browser."""

    name: str
    aliases: tuple[str, ...] = ()
    assumptions: tuple[SourcedAssumption, ...] = ()
    local: bool = False


def of_category(category: str, kind: ComponentKind, *rows: Technology) -> tuple[Technology, ...]:
    """Return technologies of one category, which are of one kind in a diagram."""
    return tuple(replace(row, category=category, kind=kind) for row in rows)


def asked(**texts: str) -> tuple[WordedQuestion, ...]:
    """Return questions by fact, in the order in which they are asked."""
    return tuple(WordedQuestion(fact=fact, text=text) for fact, text in texts.items())


def assumed(
    fact: str, statement: str, *, since: str, source: str, applies_to: AppliesTo = AppliesTo.ITSELF
) -> tuple[SourcedAssumption, ...]:
    """Return the one assumption that answers a fact with *yes*."""
    return (
        SourcedAssumption(fact=fact, statement=statement, since=since, source=source, applies_to=applies_to),
    )
