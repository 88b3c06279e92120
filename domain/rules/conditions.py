"""Conditions over tri-state facts in Kleene's logic: unknown stays unknown until an answer decides it."""

from collections.abc import Callable, Iterable
from enum import Enum
from functools import wraps
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from domain.rules.model_index import RuleTarget


class Truth(Enum):
    """The truth value of a condition."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


TRUE, FALSE, UNKNOWN = Truth
"""The values as constants: rules use them thousands of times, and access to enum members is slow."""

Subject = Callable[[RuleTarget], ElementId | None]
"""Finds the element whose fact counts: a flow's caller is authenticated at its entry point."""


Asked = tuple[ElementId, str]
"""A question: its element and its fact."""

Observed = tuple[ElementId, str]
"""An observed property: an element, and the name of a predicate that holds for it."""


class ConditionResult(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The result of a condition.

    `open` are the facts to ask for next, `used` those that decided it, `observed` the explanatory predicates
    that held, each with its element; it is `unclear` while something is missing that no question
    asks for. It is `exempt` if it holds by a predicate that is no control, so that nothing had to be done.
    """

    truth: Truth
    open: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    observed: tuple[Observed, ...] = ()
    unclear: bool = False
    exempt: bool = False


class FactHolds(msgspec.Struct, frozen=True, kw_only=True):
    """A condition on a fact: true for yes, `if_not_applicable` for *not applicable*.

    If it is `negated`, the condition is that the fact does not hold.
    """

    fact: str
    subject: Subject
    if_not_applicable: Truth
    negated: bool = False

    def of(self, about: RuleTarget) -> ConditionResult:
        """Return the answer, or the open question."""
        found = self.look_up(about)
        if found is None:
            return _UNCLEAR
        known, fact = found
        return (
            ConditionResult(truth=known, open=(fact,))
            if known is UNKNOWN
            else ConditionResult(truth=known, used=(fact,))
        )

    def look_up(self, about: RuleTarget) -> tuple[Truth, Asked] | None:
        """Return the truth by the answer, and the fact that counts; None if the element is missing."""
        subject = self.subject(about)
        if subject is None:
            return None
        told = about.index.facts.get(subject) or _NO_ANSWERS
        known = _MEANING[told.get(self.fact)] or self.if_not_applicable
        if self.negated:
            known = _OPPOSITE[known]
        return known, (subject, self.fact)


_Shared = TypeVar("_Shared", bound="Condition")


def _remembered(
    of: Callable[[_Shared, RuleTarget], ConditionResult],
) -> Callable[[_Shared, RuleTarget], ConditionResult]:
    """Cache the result of a condition for each element, because many rules share it."""

    @wraps(of)
    def recalled(self: _Shared, about: RuleTarget) -> ConditionResult:
        known: ConditionResult | None = about.cache.get(id(self))
        if known is None:
            known = about.cache[id(self)] = of(self, about)
        return known

    return recalled


class Structure(msgspec.Struct, frozen=True, kw_only=True):
    """A named predicate over attributes and structure; if they leave it open, `question` is evaluated.

    `explains` is false for predicates that only state a kind, which explains nothing to people. It is a
    `control` if it holds only because someone saw to it; such predicates explain.
    """

    name: str
    holds: Callable[[RuleTarget], Truth]
    question: FactHolds | None = None
    explains: bool = True
    control: bool = False

    @_remembered
    def of(self, about: RuleTarget) -> ConditionResult:
        """Return the predicate's result; if it is open, the result of its question."""
        known = self.holds(about)
        if known is FALSE:
            return _NOT_SO
        if known is TRUE:
            if not self.explains:
                return _EXEMPT
            return ConditionResult(
                truth=TRUE, observed=((about.element.id, self.name),), exempt=not self.control
            )
        found = self.question.of(about) if self.question else _UNCLEAR
        return found if self.control or found.truth is not TRUE else replace(found, exempt=True)


class AllOf(msgspec.Struct, frozen=True):
    """A conjunction; open parts are asked one after the other."""

    parts: "tuple[Condition, ...]"

    @_remembered
    def of(self, about: RuleTarget) -> ConditionResult:
        """Return the combined result; one part that fails decides alone."""
        found = (part.of(about) for part in self.parts)
        return _joined(found, deciding=FALSE, otherwise=TRUE)


class AnyOf(msgspec.Struct, frozen=True):
    """A disjunction; open parts are asked one after the other."""

    parts: "tuple[Condition, ...]"

    @_remembered
    def of(self, about: RuleTarget) -> ConditionResult:
        """Return the combined result; one part that holds decides alone."""
        found = (part.of(about) for part in self.parts)
        return _joined(found, deciding=TRUE, otherwise=FALSE)


class AnyAmong(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that holds if the part holds for one of the elements that `among` finds."""

    among: Callable[[RuleTarget], tuple[ElementId, ...]]
    part: "Condition"

    @_remembered
    def of(self, about: RuleTarget) -> ConditionResult:
        """Return the combined result for these elements; one for which it holds decides alone."""
        survey = about.index
        others = (about.model.elements.get(other) for other in self.among(about))
        found = (self.part.of(survey.about(other)) for other in others if other)
        return _joined(found, deciding=TRUE, otherwise=FALSE)


class Not(msgspec.Struct, frozen=True):
    """The negation of a predicate or of a quantified condition; unknown stays unknown."""

    part: "Structure | AnyAmong"

    @_remembered
    def of(self, about: RuleTarget) -> ConditionResult:
        """Return the opposite result, which asks the same questions."""
        found = self.part.of(about)
        known = _OPPOSITE[found.truth]
        return replace(found, truth=known, observed=(), exempt=known is TRUE and not found.used)


Condition = FactHolds | Structure | AllOf | AnyOf | AnyAmong | Not


def facts_of(condition: Condition) -> frozenset[str]:
    """Return the names of all facts that a condition may ask for."""
    match condition:
        case FactHolds():
            return frozenset({condition.fact})
        case Structure():
            return facts_of(condition.question) if condition.question else frozenset()
        case AllOf() | AnyOf():
            return frozenset[str]().union(*(facts_of(part) for part in condition.parts))
        case AnyAmong() | Not():
            return facts_of(condition.part)


def failing_facts(condition: Condition, about: RuleTarget) -> dict[str, Asked]:
    """Return every fact that makes a condition fail, with the question whose answer counts for it.

    A conjunction is decided by the first part that fails; here the others that fail count as well.
    """
    if condition.of(about).truth is not FALSE:
        return {}
    match condition:
        case FactHolds():
            found = condition.look_up(about)
            return {condition.fact: found[1]} if found else {}
        case AllOf() | AnyOf():
            parts = condition.parts
        case Structure():
            parts = (condition.question,) if condition.question else ()
        case AnyAmong() | Not():
            parts = ()
    return {fact: asked for part in parts for fact, asked in failing_facts(part, about).items()}


def itself(about: RuleTarget) -> ElementId:
    """Return the subject of most facts: the target element itself."""
    return about.element.id


def it_is(fact: str) -> FactHolds:
    """Return the condition that a fact about the element holds; if it is *not applicable*, so is the rule."""
    return FactHolds(fact=fact, subject=itself, if_not_applicable=FALSE)


def it_is_not(fact: str, subject: Subject = itself) -> FactHolds:
    """Return the condition that a fact does not hold, or is *not applicable*."""
    return FactHolds(fact=fact, subject=subject, if_not_applicable=FALSE, negated=True)


def guarded(fact: str, subject: Subject = itself) -> FactHolds:
    """Return the condition that a control exists; *not applicable* means that none is missing."""
    return FactHolds(fact=fact, subject=subject, if_not_applicable=TRUE)


def truth(holds: bool | None) -> Truth:  # noqa: FBT001 (the thing itself)
    """Convert an optional boolean to a truth value."""
    return UNKNOWN if holds is None else TRUE if holds else FALSE


_MEANING: dict[Answer | None, Truth | None] = {
    Answer.YES: TRUE,
    Answer.NO: FALSE,
    Answer.NOT_APPLICABLE: None,
    Answer.UNKNOWN: UNKNOWN,
    None: UNKNOWN,
}
"""The truth value of each answer; *not applicable* is decided by the condition."""

_OPPOSITE = {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}
_NO_ANSWERS: dict[str, Answer] = {}
_EXEMPT = ConditionResult(truth=TRUE, exempt=True)
_NOT_SO = ConditionResult(truth=FALSE)
_UNCLEAR = ConditionResult(truth=UNKNOWN, unclear=True)


def _joined(found: Iterable[ConditionResult], *, deciding: Truth, otherwise: Truth) -> ConditionResult:
    """Combine parts: one may decide alone; otherwise the first open one is asked next.

    In a disjunction, a part with a question may still decide, unless it is a conjunction that no
    question can clarify; in a conjunction, one such part leaves nothing to ask.
    """
    open_next: tuple[Asked, ...] = ()
    used: tuple[Asked, ...] = ()
    seen: tuple[Observed, ...] = ()
    unclear = unknown = False
    exempt = True
    for finding in found:
        if finding.truth is deciding:
            return finding
        if finding.truth is UNKNOWN:
            unknown = True
            unclear = unclear or finding.unclear
            if not (deciding is TRUE and finding.unclear):
                open_next = open_next or finding.open
        exempt = exempt and finding.exempt
        used += finding.used
        seen += finding.observed
    if not unknown:
        return ConditionResult(truth=otherwise, used=used, observed=seen, exempt=exempt and otherwise is TRUE)
    if deciding is TRUE:
        unclear = not open_next
    return ConditionResult(truth=UNKNOWN, open=open_next, used=used, observed=seen, unclear=unclear)
