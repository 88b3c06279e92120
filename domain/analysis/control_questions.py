"""Questions about controls for the whole system, asked before whether each rule applies.

Most controls are a property of the whole system: queries are parameterized everywhere, with exceptions.
One answer for all elements settles a rule wherever the control exists, without the question whether the rule
applies there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from domain.analysis.stakes import Stakes
from domain.catalog import Catalog
from domain.implied_facts import assumptions_in_force
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, kind_of_id
from domain.model import ThreatModel, id_order
from domain.rules.conditions import (
    FALSE,
    UNKNOWN,
    AllOf,
    AnyAmong,
    AnyOf,
    Asked,
    Condition,
    FactHolds,
    Not,
    Structure,
)
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.rules.rule import Rule
from domain.screening.screened_facts import with_screening, without_open_topics


class ControlQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A control, the kind of element that it is mainly about, and the elements for which it is unanswered.

    `needed_where` states what must hold of an element for the control to be needed there. A person who says
    that it is missing there says this as well. Empty if it is needed at every element. `exposed` are the
    entry points among its elements that strangers reach; `settled` counts the elements with an answer, and
    the flows of which the protocol that a line states tells it.
    """

    fact: str
    kind: Kind
    text: str
    why: str
    needed_where: str
    elements: tuple[ElementId, ...]
    exposed: tuple[ElementId, ...] = ()
    settled: int = 0


def control_questions(
    survey: ModelIndex, undecided: Iterable[tuple[str, ElementId]], left: Set[Asked]
) -> tuple[ControlQuestion, ...]:
    """Return the controls that are still open somewhere where much is at stake, the most urgent first.

    `undecided` are the rules that answers leave open, and `left` the questions that answers could still
    raise. A control is asked about all its elements, also where little is at stake, since one answer holds
    for all. What an element is comes first, so that no one is asked about the queries of a plumber. So does
    the screening: a topic that was not answered yet asks once for all that depends on it.
    """
    stakes, catalog = Stakes(survey), survey.catalog
    unscreened = ModelIndex(without_open_topics(survey.model), survey.crossings)
    rules, controls = catalog.rules_by_id, _controls(catalog)
    elements: dict[str, set[ElementId]] = {}
    weights: dict[str, float] = {}
    for id, about in undecided:
        target = survey.about(survey.model.elements[about])
        applies = rules[id].applies.of(target)
        if applies.truth is UNKNOWN and _waits_for_screening(unscreened, rules[id], about):
            continue
        if applies.unclear or (
            applies.truth is UNKNOWN and _ASKED_FIRST & {fact for _, fact in applies.open}
        ):
            continue
        for element, fact in asked_by(rules[id].controlled, target):
            if fact in controls and (element, fact) in left:
                elements.setdefault(fact, set()).add(element)
                weights[fact] = max(weights.get(fact, 0), stakes.of(rules[id], about).weight)
    stated = (about for about in assumptions_in_force(survey.model) if about[0] in survey.flows)
    known = (*survey.model.facts, *stated)
    settled = Counter(fact for element, fact in known if element in survey.model.elements)
    found = (
        ControlQuestion(
            fact=fact,
            kind=min(catalog.facts[fact].kinds, key=_KINDS.index),
            text=catalog.facts[fact].question,
            why=catalog.facts[fact].why or controls[fact][0].explanation,
            needed_where=needed_where(catalog, fact),
            elements=tuple(sorted(open_at, key=_place_of_element)),
            exposed=tuple(filter(stakes.exposed, sorted(open_at, key=_place_of_element))),
            settled=settled[fact],
        )
        for fact, open_at in elements.items()
        if any(map(stakes.at, open_at))
    )
    return tuple(sorted(found, key=lambda one: (-weights[one.fact], _place(catalog, one))))


def _waits_for_screening(unscreened: ModelIndex, rule: Rule, id: ElementId) -> bool:
    """Return whether a rule applies only with a feature that the screening has not been answered about."""
    return rule.applies.of(unscreened.about(unscreened.model.elements[id])).truth is FALSE


def presupposed_answers(model: ThreatModel, element: ElementId, fact: str) -> Iterator[tuple[Asked, Answer]]:
    """Yield the answers that follow once a control is stated to be missing where it would be needed.

    Who says that queries are not parameterized there also says that input reaches a query. What an element
    is and how it is rated does not follow: it is asked.
    """
    survey = ModelIndex(with_screening(model))
    for rule in _controls(model.catalog).get(fact, ()):
        for kind in rule.kinds:
            for about in survey.of_kind[kind]:
                controlled = rule.controlled.of(survey.about(about))
                if controlled.truth is FALSE and (element, fact) in controlled.used:
                    yield from _making_it_apply(survey, rule, about.id)


def needed_where(catalog: Catalog, fact: str) -> str:
    """Return the most specific statement that a missing control presupposes: what its rule asks last."""
    asked = tuple(_presupposed_by(_controls(catalog)[fact][0].applies))
    return catalog.facts[asked[-1]].statement if asked else ""


def _presupposed_by(condition: Condition) -> Iterator[str]:
    """Yield the facts that a condition presupposes, in their order; of alternatives the first.

    That something is not so is not stated with a missing control: it would deny another control.
    """
    if isinstance(condition, AnyOf):
        yield from next(filter(None, (tuple(_presupposed_by(part)) for part in condition.parts)), ())
    elif isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _presupposed_by(part)
    elif not (isinstance(condition, Not) or (isinstance(condition, FactHolds) and condition.negated)):
        yield from (fact for fact in _facts_of(condition) if fact not in _NOT_PRESUPPOSED)


def rules_of_control(catalog: Catalog, fact: str) -> tuple[str, ...]:
    """Return the IDs of the rules that need a control."""
    return tuple(rule.id for rule in _controls(catalog).get(fact, ()))


def _making_it_apply(survey: ModelIndex, rule: Rule, id: ElementId) -> Iterator[tuple[Asked, Answer]]:
    """Yield the answers to what a rule asks before its control, as far as they are features of an element."""
    model = survey.model
    while True:
        about = survey.about(model.elements[id])
        applies = rule.applies.of(about)
        asked = applies.open[0] if applies.truth is UNKNOWN and not applies.unclear and applies.open else None
        if asked is None or asked[1] in _NOT_PRESUPPOSED or asked in model.facts:
            return
        for answer in (Answer.YES, Answer.NO):
            survey = ModelIndex(replace(model, facts=model.facts.insert(asked, answer)), survey.crossings)
            if rule.applies.of(survey.about(model.elements[id])).truth is not FALSE:
                break
        else:
            return
        if answer is Answer.NO and model.catalog.facts[asked[1]].denial:
            return  # that one control is missing does not say that another one is
        model = survey.model
        yield asked, answer


def _place(catalog: Catalog, one: ControlQuestion) -> tuple[int, int]:
    """Return the place of a control: by the kind of its elements, then as the facts are declared."""
    return _KINDS.index(one.kind), catalog.fact_positions[one.fact]


def _place_of_element(id: ElementId) -> tuple[int, tuple[int, ...]]:
    return _KINDS.index(kind_of_id(id)), id_order(id)


def asked_by(condition: Condition, about: RuleTarget) -> Iterator[Asked]:
    """Yield the facts that a condition may ask for at an element, each with the element that it is about."""
    match condition:
        case FactHolds(fact=fact, subject=subject):
            if element := subject(about):
                yield element, fact
        case Structure(question=question):
            if question is not None:
                yield from asked_by(question, about)
        case AnyAmong(part=part):
            for id in condition.among(about):
                if other := about.model.elements.get(id):
                    yield from asked_by(part, about.index.about(other))
        case Not(part=part):
            yield from asked_by(part, about)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from asked_by(part, about)


def _facts_of(condition: Condition) -> Iterator[str]:
    match condition:
        case FactHolds(fact=fact):
            yield fact
        case Structure(question=question):
            if question is not None:
                yield question.fact
        case AnyAmong(part=part) | Not(part=part):
            yield from _facts_of(part)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _facts_of(part)


@lru_cache(maxsize=8)
def _controls(catalog: Catalog) -> dict[str, tuple[Rule, ...]]:
    """Return each control with the rules that need it."""
    found: dict[str, dict[str, Rule]] = {}
    for rule in catalog.rules:
        for fact in _facts_of(rule.controlled):
            if fact not in _DESCRIPTIVE:
                found.setdefault(fact, {})[rule.id] = rule
    return {fact: tuple(rules.values()) for fact, rules in found.items()}


_KINDS = (
    Kind.ENTRY_POINT,
    Kind.DATA_FLOW,
    Kind.COMPONENT,
    Kind.ASSET,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.TRUST_LEVEL,
    Kind.TRUST_BOUNDARY,
)
_DESCRIPTIVE = frozenset({"software", "anonymous_by_design", "indispensable", "kept_apart", "public"})
"""Facts in the conditions of controls that say what an element is, and are no controls themselves."""
_NOT_PRESUPPOSED = frozenset(
    {
        "software",
        "public",
        "over_network",
        "runs_submitted_code",
        "confidential",
        "integrity_critical",
        "availability_critical",
        "personal",
        "credential",
        "indispensable",
    }
)
_ASKED_FIRST = _NOT_PRESUPPOSED - {"over_network", "runs_submitted_code"}
