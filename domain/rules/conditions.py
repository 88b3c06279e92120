"""Conditions over tri-state facts, by Kleene's logic: unknown stays unknown until something decides it."""

from collections.abc import Callable
from enum import Enum

import msgspec
from msgspec.structs import replace

from domain.elements import Element, ElementId
from domain.facts import Answer
from domain.model import ThreatModel


class Truth(Enum):
    """Whether a condition holds."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The element that a rule is asked of, in its model, with the peer if the rule looks at two."""

    model: ThreatModel
    element: Element
    crossing: bool
    peer: ElementId | None = None


Subject = Callable[[About], ElementId]
"""Finds the element whose fact counts: a flow's caller is authenticated at its entry point."""


class FactHolds(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the subject was answered with yes; *not applicable* counts as `elsewise`."""

    fact: str
    subject: Subject
    elsewise: Truth = Truth.TRUE


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """A named predicate over attributes and structure, which nobody needs to be asked about."""

    name: str
    holds: Callable[[About], Truth]


class AllOf(msgspec.Struct, frozen=True):
    """Holds when every part holds."""

    parts: "tuple[Condition, ...]"


class AnyOf(msgspec.Struct, frozen=True):
    """Holds when one part holds."""

    parts: "tuple[Condition, ...]"


class Not(msgspec.Struct, frozen=True):
    """Holds when its part does not."""

    part: "Condition"


Condition = FactHolds | Structure | AllOf | AnyOf | Not

Asked = tuple[ElementId, str]
"""A question: the element and the fact that it is about."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a condition comes to.

    `open` are the facts that could still decide it, `used` those that did; it is `unclear` while an
    attribute is missing that no question asks for.
    """

    truth: Truth
    open: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    unclear: bool = False


def evaluate(condition: Condition, about: About) -> Finding:
    """Ask a condition of an element; a part that another one already decides is not asked for."""
    match condition:
        case FactHolds():
            return _fact(condition, about)
        case Structure():
            truth = condition.holds(about)
            return Finding(truth=truth, unclear=truth is Truth.UNKNOWN)
        case AllOf():
            return _joined(condition.parts, about, deciding=Truth.FALSE, otherwise=Truth.TRUE)
        case AnyOf():
            return _joined(condition.parts, about, deciding=Truth.TRUE, otherwise=Truth.FALSE)
        case Not():
            finding = evaluate(condition.part, about)
            return replace(finding, truth=_OPPOSITE[finding.truth])


def facts_of(condition: Condition) -> frozenset[str]:
    """The names of all facts that a condition may ask for."""
    match condition:
        case FactHolds():
            return frozenset({condition.fact})
        case Structure():
            return frozenset()
        case AllOf() | AnyOf():
            return frozenset[str]().union(*(facts_of(part) for part in condition.parts))
        case Not():
            return facts_of(condition.part)


def itself(about: About) -> ElementId:
    """The subject of most facts: the element that the rule is asked of."""
    return about.element.id


_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


def _fact(condition: FactHolds, about: About) -> Finding:
    asked = (condition.subject(about), condition.fact)
    match about.model.facts.get(asked):
        case Answer.YES:
            return Finding(truth=Truth.TRUE, used=(asked,))
        case Answer.NO:
            return Finding(truth=Truth.FALSE, used=(asked,))
        case Answer.NOT_APPLICABLE:
            return Finding(truth=condition.elsewise, used=(asked,))
        case Answer.UNKNOWN | None:
            return Finding(truth=Truth.UNKNOWN, open=(asked,))


def _joined(parts: tuple[Condition, ...], about: About, *, deciding: Truth, otherwise: Truth) -> Finding:
    open_facts: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    unclear = False
    truth = otherwise
    for part in parts:
        finding = evaluate(part, about)
        if finding.truth is deciding:
            return Finding(truth=deciding, used=finding.used)
        if finding.truth is Truth.UNKNOWN:
            truth = Truth.UNKNOWN
        open_facts += finding.open
        used += finding.used
        unclear = unclear or finding.unclear
    return Finding(truth=truth, open=open_facts, used=used, unclear=unclear)
