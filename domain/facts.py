"""The tri-state facts about controls, each declared once with its question."""

from enum import StrEnum

import msgspec

from domain.elements import Kind


class Answer(StrEnum):
    """What a person may answer to a question; only `no` ever points at a threat."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that is true, false or not yet known of an element.

    `question` is what a person reads in a checklist; `statement` is what a *yes* asserts.
    """

    name: str
    kinds: frozenset[Kind]
    question: str
    statement: str


def _declared(*facts: Fact) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts}


FACTS: dict[str, Fact] = _declared(
    Fact(
        name="caller_authenticated",
        kinds=frozenset({Kind.ENTRY_POINT, Kind.DATA_FLOW}),
        question="Does the receiver know who is calling?",
        statement="the caller is authenticated",
    ),
    Fact(
        name="encrypted",
        kinds=frozenset({Kind.DATA_FLOW}),
        question="Is it unreadable to somebody who listens on the way?",
        statement="the flow is encrypted on the way",
    ),
)
