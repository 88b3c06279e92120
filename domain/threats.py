"""Candidates and questions: every rule asked of every element."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from domain.acceptances import AcceptedRatings
from domain.crossings import Crossing
from domain.elements import ElementId, Kind
from domain.facts import FACTS, Answer
from domain.labels import label, name_of
from domain.model import ThreatModel
from domain.rules import RULES
from domain.rules.conditions import Asked, Finding, Truth, evaluate
from domain.rules.rule import Rule
from domain.rules.survey import About, Survey
from domain.stride import Stride

Cell = tuple[ElementId, Stride]
"""One place of the grid: an element, and what could happen to it."""


class FactUsed(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that made a rule fire: whose it is, what it asserts and what was answered."""

    element: ElementId
    fact: str
    statement: str
    answer: Answer


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A threat that a rule derives from the facts; its id is `rule@element`, or `rule@element@peer`.

    `seen` are the predicates over the model itself that made the rule apply; `cell` is what it fills.
    """

    id: str
    rule: Rule
    element: ElementId
    element_name: str
    facts: tuple[FactUsed, ...]
    seen: tuple[str, ...] = ()
    peer: str = ""
    cell: Cell


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that some live rule needs; `said_unknown` if somebody answered that they do not know.

    `crossing` if a rule about a flow that crosses needs it; `cells` are those that it keeps open.
    """

    element: ElementId
    element_name: str
    fact: str
    text: str
    why: tuple[str, ...]
    rules: tuple[str, ...]
    crossing: bool
    said_unknown: bool
    cells: tuple[Cell, ...] = ()


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules make of a model; questions come by element, those touched by crossing flows first.

    `cautions` come of rules that warn of something in the model itself.
    """

    candidates: tuple[Candidate, ...]
    questions: tuple[Question, ...]
    cautions: tuple[Candidate, ...] = ()


def analyse(
    model: ThreatModel,
    rules: tuple[Rule, ...] = RULES,
    *,
    crossing: dict[ElementId, Crossing] | None = None,
    accepted: Sequence[AcceptedRatings] = (),
) -> Analysis:
    """Ask every rule of every element of its kind; `accepted` are the acceptances in force."""
    survey = Survey(model, crossing, accepted)
    order = _crossing_first(survey)
    found: list[Candidate] = []
    asked: dict[Asked, list[tuple[Rule, About]]] = {}
    for kind in Kind:
        fitting = [rule for rule in rules if rule.kind is kind]
        for element in sorted(survey.of_kind[kind], key=lambda one: order.get(one.id, len(order))):
            for rule in fitting:
                for about in _abouts(rule, survey.about(element)):
                    applies = evaluate(rule.applies, about)
                    if applies.truth is Truth.FALSE:
                        continue
                    controlled = evaluate(rule.controlled, about)
                    if controlled.truth is Truth.TRUE:
                        continue
                    if applies.truth is Truth.TRUE and controlled.truth is Truth.FALSE:
                        found.append(_candidate(about, rule, applies, controlled))
                    for question in _open_facts(applies, controlled):
                        asked.setdefault(question, []).append((rule, about))
    questions = [_question(model, about, asking) for about, asking in asked.items()]
    return Analysis(
        candidates=tuple(one for one in found if not one.rule.warns),
        questions=_by_element(questions, order),
        cautions=tuple(one for one in found if one.rule.warns),
    )


def _abouts(rule: Rule, about: About) -> Iterator[About]:
    if rule.peers is None:
        yield about
    else:
        for peer in rule.peers(about):
            yield replace(about, peer=peer, memo={})


def _open_facts(applies: Finding, controlled: Finding) -> tuple[Asked, ...]:
    """First whether the rule is about this element at all, and only then whether something guards it."""
    if applies.truth is Truth.TRUE:
        return controlled.open
    return () if applies.unclear else applies.open


def _crossing_first(survey: Survey) -> dict[ElementId, int]:
    """The elements that crossing flows touch, in the order of those flows: the door first."""
    order: dict[ElementId, int] = {}
    for id in survey.crossings:
        flow = survey.flows[id]
        for touched in (flow.entry_point, id, flow.target, flow.source, *flow.assets):
            if touched is not None:
                order.setdefault(touched, len(order))
    return order


def _candidate(about: About, rule: Rule, applies: Finding, controlled: Finding) -> Candidate:
    element = about.element
    peer = f"@{about.peer}" if about.peer else ""
    return Candidate(
        id=f"{rule.id}@{element.id}{peer}",
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
            for subject, fact in dict.fromkeys(applies.used + controlled.used)
        ),
        seen=tuple(dict.fromkeys(applies.seen)),
        peer=about.peer or "",
        cell=(rule.cell(about), rule.category),
    )


def _question(model: ThreatModel, asked: Asked, asking: list[tuple[Rule, About]]) -> Question:
    element, fact = asked
    declared = FACTS[fact]
    return Question(
        element=element,
        element_name=name_of(model, element),
        fact=fact,
        text=declared.question,
        why=(declared.why,) if declared.why else tuple(dict.fromkeys(rule.why for rule, _ in asking)),
        rules=tuple(dict.fromkeys(rule.id for rule, _ in asking)),
        crossing=any(about.crossing for _, about in asking),
        said_unknown=model.facts.get(asked) is Answer.UNKNOWN,
        cells=tuple(dict.fromkeys((rule.cell(about), rule.category) for rule, about in asking)),
    )


def _by_element(questions: list[Question], order: dict[ElementId, int]) -> tuple[Question, ...]:
    """All of one element together; elements that no crossing flow touches keep the order of the rules."""
    place = dict(order)
    for question in questions:
        place.setdefault(question.element, len(place))
    return tuple(sorted(questions, key=lambda one: (place[one.element], not one.crossing)))
