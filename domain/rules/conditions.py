"""Conditions over tri-state facts, by Kleene's logic: unknown stays unknown until something decides it."""

from collections.abc import Callable, Iterable
from enum import Enum
from functools import wraps
from typing import TypeVar

import msgspec

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from domain.rules.model_index import RuleTarget


class Truth(Enum):
    """Whether a condition holds."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


TRUE, FALSE, UNKNOWN = Truth
"""The values by names of their own: rules ask thousands of times, and an enum's members are slow to reach."""

Subject = Callable[[RuleTarget], ElementId | None]
"""Finds the element whose fact counts: a flow's caller is authenticated at its entry point."""


Asked = tuple[ElementId, str]
"""A question: the element and the fact that it is about."""

Observed = tuple[ElementId, str]
"""What can be seen in the model: an element, and the name of a predicate that holds of it."""


class Finding(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """What a condition comes to.

    `open` are the facts to ask for next, `used` those that decided it, `seen` the telling predicates that
    held, each with the element of which it does; it is `unclear` while something is missing that no question
    asks for.
    """

    truth: Truth
    open: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    seen: tuple[Observed, ...] = ()
    unclear: bool = False


class FactHolds(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the subject was answered with yes; *not applicable* counts as `elsewise`."""

    fact: str
    subject: Subject
    elsewise: Truth

    def of(self, about: RuleTarget) -> Finding:
        """What was answered, or the question that is open."""
        subject = self.subject(about)
        if subject is None:
            return _UNCLEAR
        told = about.survey.facts.get(subject)
        known = _MEANING[told.get(self.fact) if told else None] or self.elsewise
        asked = ((subject, self.fact),)
        return Finding(truth=known, open=asked) if known is UNKNOWN else Finding(truth=known, used=asked)


_Shared = TypeVar("_Shared", bound="Condition")


def _remembered(of: Callable[[_Shared, RuleTarget], Finding]) -> Callable[[_Shared, RuleTarget], Finding]:
    """Work a condition out once for each element: many rules share it."""

    @wraps(of)
    def recalled(self: _Shared, about: RuleTarget) -> Finding:
        known: Finding | None = about.memo.get(id(self))
        if known is None:
            known = about.memo[id(self)] = of(self, about)
        return known

    return recalled


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """A named predicate over attributes and structure; where they leave it open, `asking` is asked.

    One that only says what sort of thing it is explains nothing to people: it is not `telling`.
    """

    name: str
    holds: Callable[[RuleTarget], Truth]
    asking: FactHolds | None = None
    telling: bool = True

    @_remembered
    def of(self, about: RuleTarget) -> Finding:
        """What the predicate says; where it says nothing, what its question comes to."""
        known = self.holds(about)
        if known is FALSE:
            return _NOT_SO
        if known is TRUE:
            return Finding(truth=TRUE, seen=((about.element.id, self.name),)) if self.telling else _SO
        return self.asking.of(about) if self.asking else _UNCLEAR


class AllOf(msgspec.Struct, frozen=True):
    """Holds when every part holds; what is open is asked one part after the other."""

    parts: "tuple[Condition, ...]"

    @_remembered
    def of(self, about: RuleTarget) -> Finding:
        """What the parts come to; one that fails decides alone."""
        found = (part.of(about) for part in self.parts)
        return _joined(found, deciding=FALSE, otherwise=TRUE)


class AnyOf(msgspec.Struct, frozen=True):
    """Holds when one part holds; what is open is asked one part after the other."""

    parts: "tuple[Condition, ...]"

    @_remembered
    def of(self, about: RuleTarget) -> Finding:
        """What the parts come to; one that holds decides alone."""
        found = (part.of(about) for part in self.parts)
        return _joined(found, deciding=TRUE, otherwise=FALSE)


class AnyAmong(msgspec.Struct, frozen=True, kw_only=True):
    """Holds when the part holds of one of the other elements that `among` finds."""

    among: Callable[[RuleTarget], tuple[ElementId, ...]]
    part: "Condition"

    @_remembered
    def of(self, about: RuleTarget) -> Finding:
        """What the part comes to for each of them; one for which it holds decides alone."""
        survey = about.survey
        others = (about.model.elements.get(other) for other in self.among(about))
        found = (self.part.of(survey.about(other)) for other in others if other)
        return _joined(found, deciding=TRUE, otherwise=FALSE)


Condition = FactHolds | Structure | AllOf | AnyOf | AnyAmong


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


def itself(about: RuleTarget) -> ElementId:
    """The subject of most facts: the element that the rule is asked of."""
    return about.element.id


def it_is(fact: str) -> FactHolds:
    """The element is of a sort that the rule is about; where that does not apply, the rule does not."""
    return FactHolds(fact=fact, subject=itself, elsewise=FALSE)


def guarded(fact: str, subject: Subject = itself) -> FactHolds:
    """A control is in place; where it does not apply, none is missed."""
    return FactHolds(fact=fact, subject=subject, elsewise=TRUE)


def truth(holds: bool | None) -> Truth:  # noqa: FBT001 (the thing itself)
    """Three values out of two and nothing."""
    return UNKNOWN if holds is None else TRUE if holds else FALSE


_MEANING: dict[Answer | None, Truth | None] = {
    Answer.YES: TRUE,
    Answer.NO: FALSE,
    Answer.NOT_APPLICABLE: None,
    Answer.UNKNOWN: UNKNOWN,
    None: UNKNOWN,
}
"""What an answer says of a fact; *not applicable* leaves that to the condition."""

_SO = Finding(truth=TRUE)
_NOT_SO = Finding(truth=FALSE)
_UNCLEAR = Finding(truth=UNKNOWN, unclear=True)


def _joined(found: Iterable[Finding], *, deciding: Truth, otherwise: Truth) -> Finding:
    """Parts brought together: one may decide alone; else the first open one is what to ask for next.

    Of alternatives, one that can be asked for may still decide; of conditions that must all hold, one
    that cannot be made clear leaves nothing to ask.
    """
    open_next: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    seen: tuple[Observed, ...] = ()
    unclear = unknown = False
    for finding in found:
        if finding.truth is deciding:
            return finding
        if finding.truth is UNKNOWN:
            unknown = True
            unclear = unclear or finding.unclear
            open_next = open_next or finding.open
        used += finding.used
        seen += finding.seen
    if not unknown:
        return Finding(truth=otherwise, used=used, seen=seen)
    if deciding is TRUE:
        unclear = not open_next
    return Finding(truth=UNKNOWN, open=open_next, used=used, seen=seen, unclear=unclear)
