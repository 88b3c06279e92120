"""Questions that answers still to come could raise, found without trying every combination of answers."""

from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.analysis.assumed_rules import waits_for_unknown
from domain.catalog import Catalog
from domain.kernel.answer import Answer
from domain.kernel.elements import Element, ElementAssumptions, ElementId, ElementLink
from domain.kernel.persistent_maps import items_of, values_of
from domain.kernel.threat import AcceptedRatings
from domain.model import ThreatModel
from domain.model.threat_model import Assumed, Elements, Links
from domain.rules.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    AllOf,
    AnyAmong,
    AnyOf,
    Asked,
    Condition,
    FactHolds,
    Not,
    Structure,
    Truth,
)
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.rules.preconditions import why_excluded
from domain.rules.rule import Rule

AskingRule = tuple[str, ElementId]
"""A rule that asks something, by its ID, and the element that it is applied to."""


class PossibleResults(NamedTuple):
    """The results that a condition can have, depending on answers that are not given yet.

    `unknown` holds the possible unknown results: the question asked next, and whether the result is unclear.
    """

    true: bool
    false: bool
    unknown: frozenset[tuple[Asked | None, bool]]


def possible_questions(model: ThreatModel, accepted: Iterable[AcceptedRatings] = ()) -> frozenset[Asked]:
    """Return each question that some combination of answers could raise, whatever was answered so far.

    `accepted` are the acceptances in force.
    """
    comparing = _unanswered_survey(model.catalog, model.elements, model.assumed, model.links, accepted)
    plain = _without_answers(
        model.catalog,
        tuple(values_of(model.elements)),
        tuple(items_of(model.assumed)),
        tuple(items_of(model.links)),
    )
    return plain | _raised_by(comparing, comparing_rules=True)


def remaining_questions(
    survey: ModelIndex, undecided: Iterable[AskingRule], asked: Iterable[Asked]
) -> frozenset[Asked]:
    """Return the questions that further answers could raise, including those that are asked now.

    `undecided` are the rules that answers leave open: the others can no longer raise a question. `asked` are
    the questions to which an answer is expected. A rule that waits for an unknown answer goes on as soon as
    answers to others decide it, so the questions that can be reached are collected step by step.
    """
    by_id = survey.catalog.rules_by_id
    waiting = [
        (by_id[rule], target)
        for rule, about in dict.fromkeys(undecided)
        for target in _targets(by_id[rule], survey, about)
    ]
    reached = frozenset(asked)
    held_up: list[tuple[tuple[Rule, RuleTarget], frozenset[Asked]]] = []
    results = _Results(reached)
    while waiting:
        raised = set[Asked]()
        for rule, about in waiting:
            raised |= results.raised_by(rule, about)
            held_up.append(((rule, about), results.held_up_by()))
        more = raised - reached
        reached |= more
        results.reach(more)
        waiting = [pair for pair, blocks in held_up if not more.isdisjoint(blocks)]
        held_up = [(pair, blocks) for pair, blocks in held_up if blocks and more.isdisjoint(blocks)]
    return reached


@lru_cache(maxsize=64)
def _without_answers(
    catalog: Catalog,
    elements: tuple[Element, ...],
    assumed: tuple[tuple[ElementId, ElementAssumptions], ...],
    links: tuple[tuple[tuple[ElementId, ElementId], ElementLink], ...],
) -> frozenset[Asked]:
    """Return the questions that a model with these elements and no answers could raise.

    Cached, since the elements stay the same while people answer.
    """
    survey = _unanswered_survey(
        catalog,
        HashTrieMap({element.id: element for element in elements}),
        HashTrieMap(dict(assumed)),
        HashTrieMap(dict(links)),
    )
    return _raised_by(survey, comparing_rules=False)


def _unanswered_survey(
    catalog: Catalog,
    elements: Elements,
    assumed: Assumed,
    links: Links,
    accepted: Iterable[AcceptedRatings] = (),
) -> ModelIndex:
    """Return the index without answers; where facts are assumed, a secure protocol does not decide."""
    return ModelIndex(
        ThreatModel(catalog=catalog, elements=elements, assumed=assumed, links=links), accepted=accepted
    )


def _raised_by(survey: ModelIndex, *, comparing_rules: bool) -> frozenset[Asked]:
    """Return the questions of the rules that compare an element with others, or of the other rules.

    Some of those that compare depend on more than the elements.
    """
    results = _Results(None)
    return frozenset[Asked]().union(
        *(
            results.raised_by(rule, target)
            for rule in survey.catalog.rules
            if (rule.peers is not None) is comparing_rules
            for kind in rule.kinds
            for element in survey.of_kind[kind]
            for target in _targets(rule, survey, element.id)
        )
    )


def _targets(rule: Rule, survey: ModelIndex, element: ElementId) -> Iterator[RuleTarget]:
    about = survey.about(survey.model.elements[element])
    if rule.peers is None:
        yield about
    else:
        yield from (replace(about, peer=peer, cache={}) for peer in rule.peers(about))


class _Results:
    """Possible results of conditions, each computed once for a target.

    Only questions in `reached` get answers; if it is None, every question may.
    """

    def __init__(self, reached: frozenset[Asked] | None) -> None:
        self._reached = reached
        self._known: dict[tuple[int, int], tuple[PossibleResults, frozenset[Asked]]] = {}
        self._facts: dict[Asked, PossibleResults] = {}
        self._targets: dict[int, RuleTarget] = {}
        self._held_up: set[Asked] = set()

    def reach(self, more: Set[Asked]) -> None:
        """Let further questions get answers; results that they do not concern stay."""
        if self._reached is None or not more:
            return
        self._reached |= more
        for asked in more:
            self._facts.pop(asked, None)
        self._known = {key: known for key, known in self._known.items() if known[1].isdisjoint(more)}

    def held_up_by(self) -> frozenset[Asked]:
        """Return the questions outside `reached` that were met since the last call."""
        met, self._held_up = frozenset(self._held_up), set[Asked]()
        return met

    def raised_by(self, rule: Rule, about: RuleTarget) -> frozenset[Asked]:
        """Return the questions of a rule that answers could raise."""
        if why_excluded(rule, about):
            return frozenset()
        applies = self.of(rule.applies, about)
        if not applies.true and not applies.unknown:
            return frozenset()
        controlled = self.of(rule.controlled, about)
        if not controlled.false and not controlled.unknown:
            return frozenset()
        after = (asked for asked, _ in controlled.unknown if asked and applies.true)
        if not controlled.false and waits_for_unknown(rule.controlled.of(about), about.model):
            return frozenset(after)
        return frozenset((*after, *(asked for asked, unclear in applies.unknown if asked and not unclear)))

    def of(self, condition: Condition, about: RuleTarget) -> PossibleResults:
        """Return the possible results of a condition."""
        if isinstance(condition, FactHolds):
            return self._of_fact(condition, about)
        if isinstance(condition, Structure):
            return self._of_structure(condition, about)
        key = (id(condition), id(about))
        known = self._known.get(key)
        if known is None:
            self._targets[id(about)] = about  # kept, so that its identity is not given to another
            before, self._held_up = self._held_up, set[Asked]()
            result = self._of_parts(condition, about)
            known = self._known[key] = (result, frozenset(self._held_up) if self._held_up else _NONE)
            self._held_up = before
        if known[1]:
            self._held_up |= known[1]
        return known[0]

    def _of_fact(self, condition: FactHolds, about: RuleTarget) -> PossibleResults:
        found = condition.look_up(about)
        if found is None:
            return _UNCLEAR
        truth, asked = found
        if truth is not UNKNOWN:
            return _TRUE if truth is TRUE else _FALSE
        expected = self._reached is None or asked in self._reached
        if not expected:
            self._held_up.add(asked)
        known = self._facts.get(asked)
        if known is None:
            answerable = expected and about.model.facts.get(asked) is not Answer.UNKNOWN
            known = self._facts[asked] = PossibleResults(
                true=answerable, false=answerable, unknown=frozenset({(asked, False)})
            )
        return known

    def _of_structure(self, condition: Structure, about: RuleTarget) -> PossibleResults:
        known = condition.holds(about)
        if known is not UNKNOWN:
            return _TRUE if known is TRUE else _FALSE
        return self._of_fact(condition.question, about) if condition.question else _UNCLEAR

    def _of_parts(self, condition: AllOf | AnyOf | AnyAmong | Not, about: RuleTarget) -> PossibleResults:
        if isinstance(condition, Not):
            found = self.of(condition.part, about)
            return PossibleResults(true=found.false, false=found.true, unknown=found.unknown)
        deciding = FALSE if isinstance(condition, AllOf) else TRUE
        if isinstance(condition, AnyAmong):
            others = (about.model.elements.get(one) for one in condition.among(about))
            targets = (about.index.about(other) for other in others if other)
            return _joined((self.of(condition.part, target) for target in targets), deciding)
        return _joined((self.of(part, about) for part in condition.parts), deciding)


def _joined(parts: Iterable[PossibleResults], deciding: Truth) -> PossibleResults:
    """Combine parts as conditions do: one may decide alone; otherwise the first open one is asked next."""
    certainly = _TRUE if deciding is FALSE else _FALSE
    undecided = _UNDECIDED
    decided = False
    for part in parts:
        if part is certainly:  # most parts are settled: nothing to combine
            continue
        true, false, unknown = part
        decides, other = (true, false) if deciding is TRUE else (false, true)
        decided = decided or decides
        if not unknown:
            if not other:
                undecided = _NONE_UNDECIDED
                break
            continue
        after = set(undecided) if other else set[tuple[Asked | None, bool, bool]]()
        for asked, unclear in unknown:
            # A disjunction asks nothing of a part that no question can clarify.
            next_one = None if unclear and deciding is TRUE else asked
            after.update((first or next_one, earlier or unclear, True) for first, earlier, _ in undecided)
        undecided = after
    settled = any(not unknown for _, _, unknown in undecided)
    still_open = frozenset(
        (asked, asked is None if deciding is TRUE else unclear)
        for asked, unclear, unknown in undecided
        if unknown
    )
    if deciding is FALSE:
        return PossibleResults(true=settled, false=decided, unknown=still_open)
    return PossibleResults(true=decided, false=settled, unknown=still_open)


_NONE = frozenset[Asked]()
_UNDECIDED: Set[tuple[Asked | None, bool, bool]] = frozenset({(None, False, False)})
_NONE_UNDECIDED: Set[tuple[Asked | None, bool, bool]] = frozenset()

_TRUE = PossibleResults(true=True, false=False, unknown=frozenset())
_FALSE = PossibleResults(true=False, false=True, unknown=frozenset())
_UNCLEAR = PossibleResults(true=False, false=False, unknown=frozenset({(None, True)}))
