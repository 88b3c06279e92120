"""Conditions over tri-state facts, by Kleene's logic: unknown stays unknown until something decides it."""

from collections.abc import Callable, Iterable
from enum import Enum

import msgspec

from domain.elements import ElementId
from domain.facts import Answer
from domain.rules.survey import About


class Truth(Enum):
    """Whether a condition holds."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


Subject = Callable[[About], ElementId | None]
"""Finds the element whose fact counts: a flow's caller is authenticated at its entry point."""


class FactHolds(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the subject was answered with yes; *not applicable* counts as `elsewise`."""

    fact: str
    subject: Subject
    elsewise: Truth


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """A named predicate over attributes and structure; where they leave it open, `asking` is asked."""

    name: str
    holds: Callable[[About], Truth]
    asking: FactHolds | None = None


class AllOf(msgspec.Struct, frozen=True):
    """Holds when every part holds; what is open is asked one part after the other."""

    parts: "tuple[Condition, ...]"


class AnyOf(msgspec.Struct, frozen=True):
    """Holds when one part holds; what is open is asked one part after the other."""

    parts: "tuple[Condition, ...]"


class AnyAmong(msgspec.Struct, frozen=True, kw_only=True):
    """Holds when the part holds of one of the other elements that `among` finds."""

    among: Callable[[About], tuple[ElementId, ...]]
    part: "Condition"


Condition = FactHolds | Structure | AllOf | AnyOf | AnyAmong

Asked = tuple[ElementId, str]
"""A question: the element and the fact that it is about."""


class Finding(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """What a condition comes to.

    `open` are the facts to ask for next, `used` those that decided it, `seen` the names of the predicates
    that held; it is `unclear` while something is missing that no question asks for.
    """

    truth: Truth
    open: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    seen: tuple[str, ...] = ()
    unclear: bool = False


def evaluate(condition: Condition, about: About) -> Finding:
    """Ask a condition of an element; a part that another one already decides is not asked for."""
    if isinstance(condition, FactHolds):
        return _fact(condition, about)
    known: Finding | None = about.memo.get(id(condition))
    if known is None:
        known = about.memo[id(condition)] = _evaluated(condition, about)
    return known


def facts_of(condition: Condition) -> frozenset[str]:
    """The names of all facts that a condition may ask for."""
    match condition:
        case FactHolds():
            return frozenset({condition.fact})
        case Structure():
            return facts_of(condition.asking) if condition.asking else frozenset()
        case AllOf() | AnyOf():
            return frozenset[str]().union(*(facts_of(part) for part in condition.parts))
        case AnyAmong():
            return facts_of(condition.part)


def itself(about: About) -> ElementId:
    """The subject of most facts: the element that the rule is asked of."""
    return about.element.id


def it_is(fact: str, subject: Subject = itself) -> FactHolds:
    """The element is of a sort that the rule is about; where that does not apply, the rule does not."""
    return FactHolds(fact=fact, subject=subject, elsewise=Truth.FALSE)


def guarded(fact: str, subject: Subject = itself) -> FactHolds:
    """A control is in place; where it does not apply, none is missed."""
    return FactHolds(fact=fact, subject=subject, elsewise=Truth.TRUE)


def truth(holds: bool | None) -> Truth:  # noqa: FBT001 (the thing itself)
    """Three values out of two and nothing."""
    return Truth.UNKNOWN if holds is None else Truth.TRUE if holds else Truth.FALSE


_NOT_SO = Finding(truth=Truth.FALSE)
_UNCLEAR = Finding(truth=Truth.UNKNOWN, unclear=True)


def _evaluated(condition: Structure | AllOf | AnyOf | AnyAmong, about: About) -> Finding:
    match condition:
        case Structure():
            return _structure(condition, about)
        case AllOf():
            found = (evaluate(part, about) for part in condition.parts)
            return _joined(found, deciding=Truth.FALSE, otherwise=Truth.TRUE)
        case AnyOf():
            found = (evaluate(part, about) for part in condition.parts)
            return _joined(found, deciding=Truth.TRUE, otherwise=Truth.FALSE)
        case AnyAmong():
            survey = about.survey
            others = (about.model.elements.get(other) for other in condition.among(about))
            found = (evaluate(condition.part, survey.about(other)) for other in others if other)
            return _joined(found, deciding=Truth.TRUE, otherwise=Truth.FALSE)


def _fact(condition: FactHolds, about: About) -> Finding:
    subject = condition.subject(about)
    if subject is None:
        return _UNCLEAR
    told = about.survey.facts.get(subject)
    asked = (subject, condition.fact)
    match told.get(condition.fact) if told else None:
        case Answer.YES:
            return Finding(truth=Truth.TRUE, used=(asked,))
        case Answer.NO:
            return Finding(truth=Truth.FALSE, used=(asked,))
        case Answer.NOT_APPLICABLE:
            return Finding(truth=condition.elsewise, used=(asked,))
        case Answer.UNKNOWN | None:
            return Finding(truth=Truth.UNKNOWN, open=(asked,))


def _structure(condition: Structure, about: About) -> Finding:
    match condition.holds(about):
        case Truth.TRUE:
            return Finding(truth=Truth.TRUE, seen=(condition.name,))
        case Truth.FALSE:
            return _NOT_SO
        case Truth.UNKNOWN:
            return evaluate(condition.asking, about) if condition.asking else _UNCLEAR


def _joined(found: Iterable[Finding], *, deciding: Truth, otherwise: Truth) -> Finding:
    """Parts brought together: one may decide alone; else the first open one is what to ask for next.

    Of alternatives, one that can be asked for may still decide; of conditions that must all hold, one
    that cannot be made clear leaves nothing to ask.
    """
    open_next: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    seen: tuple[str, ...] = ()
    unclear = unknown = False
    for finding in found:
        if finding.truth is deciding:
            return finding
        if finding.truth is Truth.UNKNOWN:
            unknown = True
            unclear = unclear or finding.unclear
            open_next = open_next or finding.open
        used += finding.used
        seen += finding.seen
    if not unknown:
        return Finding(truth=otherwise, used=used, seen=seen)
    if deciding is Truth.TRUE:
        unclear = not open_next
    return Finding(truth=Truth.UNKNOWN, open=open_next, used=used, seen=seen, unclear=unclear)
