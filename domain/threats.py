"""Candidates and questions: every rule asked of every element."""

import msgspec

from domain.crossings import Crossing, crossings
from domain.elements import Element, ElementId, Kind, PersonId
from domain.facts import FACTS, Answer
from domain.judgements import Returned
from domain.labels import label, name_of
from domain.model import ThreatModel
from domain.rules import RULES
from domain.rules.conditions import About, Asked, Finding, Truth, evaluate
from domain.rules.rule import Rule
from domain.stride import Stride


class FactUsed(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that made a rule fire: whose it is, what it asserts and what was answered."""

    element: ElementId
    fact: str
    statement: str
    answer: Answer


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A threat that a rule derives from the facts; its id is `rule@element`.

    It has `returned` after somebody dismissed it, because one of its facts has changed since.
    """

    id: str
    rule: Rule
    element: ElementId
    element_name: str
    facts: tuple[FactUsed, ...]
    returned: Returned | None = None


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Elements of one sort of which the same is asked: what they are called together, and how many."""

    words: str
    count: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that some live rule needs; `said_unknown` if somebody answered that they do not know.

    `asked_of` is the person to whom somebody handed it.
    """

    element: ElementId
    element_name: str
    fact: str
    text: str
    why: tuple[str, ...]
    rules: tuple[str, ...]
    crossing: bool
    said_unknown: bool
    asked_of: PersonId | None = None
    alike: Alike | None = None


class Verdict(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """What a rule makes of one element, and the cell of the coverage grid that it fills.

    Only of live rules: those that apply, that may apply, or that answers of people have ruled out.
    It is `clear` where nothing is left to be known; `candidate` is the id of what it came to, if anything.
    """

    element: ElementId
    category: Stride
    clear: bool
    candidate: str = ""


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules make of a model; questions come by element, those of crossing flows first."""

    candidates: tuple[Candidate, ...]
    questions: tuple[Question, ...]
    verdicts: tuple[Verdict, ...] = ()


def analyse(model: ThreatModel, rules: tuple[Rule, ...] = RULES) -> Analysis:
    """Ask every rule of every element of its kind."""
    crossing = crossings(model)
    candidates: list[Candidate] = []
    verdicts: list[Verdict] = []
    asked: dict[Asked, list[tuple[Rule, bool]]] = {}
    for kind in Kind:
        fitting = [rule for rule in rules if rule.kind is kind]
        if not fitting:
            continue
        for element in _crossing_first(model, kind, crossing):
            about = About(model=model, element=element, crossing=element.id in crossing)
            for rule in fitting:
                applies = evaluate(rule.applies, about)
                controlled = evaluate(rule.controlled, about)
                if applies.truth is not Truth.FALSE or applies.used:
                    verdicts.append(_verdict(about, rule, applies.truth, controlled.truth))
                if applies.truth is Truth.FALSE or controlled.truth is Truth.TRUE:
                    continue
                if applies.truth is Truth.TRUE and controlled.truth is Truth.FALSE:
                    candidates.append(_candidate(about, rule, applies.used + controlled.used))
                for question in _open_facts(applies, controlled):
                    asked.setdefault(question, []).append((rule, about.crossing))
    questions = [_question(model, about, rules_asking) for about, rules_asking in asked.items()]
    return Analysis(
        candidates=tuple(candidates), questions=tuple(_by_element(questions)), verdicts=tuple(verdicts)
    )


def _open_facts(applies: Finding, controlled: Finding) -> tuple[Asked, ...]:
    """First whether the rule is about this element at all, and only then whether something guards it."""
    if applies.truth is Truth.TRUE:
        return controlled.open
    return () if applies.unclear else applies.open


def _crossing_first(model: ThreatModel, kind: Kind, crossing: dict[ElementId, Crossing]) -> list[Element]:
    order = {flow: place for place, flow in enumerate(crossing)}
    return sorted(model.of_kind(kind), key=lambda element: order.get(element.id, len(order)))


def _verdict(about: About, rule: Rule, applies: Truth, controlled: Truth) -> Verdict:
    fires = applies is Truth.TRUE and controlled is Truth.FALSE
    return Verdict(
        element=rule.cell(about),
        category=rule.category,
        clear=applies is Truth.FALSE or controlled is Truth.TRUE or fires,
        candidate=f"{rule.id}@{about.element.id}" if fires else "",
    )


def _candidate(about: About, rule: Rule, used: tuple[Asked, ...]) -> Candidate:
    element = about.element
    return Candidate(
        id=f"{rule.id}@{element.id}",
        rule=rule,
        element=element.id,
        element_name=label(about.model, element),
        facts=tuple(
            FactUsed(
                element=subject,
                fact=fact,
                statement=FACTS[fact].statement,
                answer=about.model.facts[(subject, fact)],
            )
            for subject, fact in used
        ),
    )


def _question(model: ThreatModel, asked: Asked, asking: list[tuple[Rule, bool]]) -> Question:
    element, fact = asked
    return Question(
        element=element,
        element_name=name_of(model, element),
        fact=fact,
        text=FACTS[fact].question,
        why=tuple(dict.fromkeys(rule.why for rule, _ in asking)),
        rules=tuple(dict.fromkeys(rule.id for rule, _ in asking)),
        crossing=any(crosses for _, crosses in asking),
        said_unknown=model.facts.get(asked) is Answer.UNKNOWN,
        asked_of=model.asked_of.get(asked),
    )


def _by_element(questions: list[Question]) -> list[Question]:
    first: dict[ElementId, int] = {}
    for place, question in enumerate(questions):
        first.setdefault(question.element, place)
    return sorted(questions, key=lambda one: (not one.crossing, first[one.element]))
