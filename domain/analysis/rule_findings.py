"""Candidates and questions: every rule asked of every element."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from domain.facts import FACTS
from domain.kernel.accepted_ratings import AcceptedRatings
from domain.kernel.answer import Answer
from domain.kernel.decisions import Reappearance
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.stride import Stride
from domain.model import ThreatModel
from domain.model.crossings import Crossing
from domain.model.labels import label, name_of
from domain.rules import RULES
from domain.rules.conditions import FALSE, TRUE, Asked, Finding
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.rules.rule import Rule


class FactUsed(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that made a rule fire: whose it is, what it asserts and what was answered."""

    element: ElementId
    fact: str
    statement: str
    answer: Answer


class ObservedProperty(msgspec.Struct, frozen=True, kw_only=True):
    """What made a rule apply and can be seen in the model: of which element, and what."""

    element: ElementId
    statement: str


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A threat that a rule derives from the facts; its id is `rule@element`, or `rule@element@peer`.

    `facts` are what people answered and `seen` what the model itself shows. It has `returned` after somebody
    dismissed it, because one of its facts has changed since.
    """

    id: str
    rule: Rule
    element: ElementId
    element_name: str
    facts: tuple[FactUsed, ...]
    seen: tuple[ObservedProperty, ...] = ()
    peer: str = ""
    peer_name: str = ""
    returned: Reappearance | None = None

    @property
    def about(self) -> str:
        """What it is about, by name: the element, and the other one where the rule looks at two."""
        return f"{self.element_name}, {self.peer_name}" if self.peer_name else self.element_name


class SimilarElements(msgspec.Struct, frozen=True, kw_only=True):
    """Elements of one sort of which the same is asked: what they are called together, and how many."""

    words: str
    count: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that some live rule needs; `said_unknown` if somebody answered that they do not know.

    `crossing` if a rule about a flow that crosses needs it. `asked_of` is the person to whom somebody
    handed it.
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
    alike: SimilarElements | None = None


class Verdict(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """What a rule makes of one element, and the cell of the coverage grid that it fills.

    Only of live rules: those that apply, that may apply, or that answers of people have ruled out.
    It is `clear` where nothing is left to be known; `candidate` is the id of what it came to, if anything.
    """

    element: ElementId
    category: Stride
    clear: bool
    candidate: str = ""


class RuleFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules make of a model; questions come by element, those touched by crossing flows first.

    `cautions` come of rules that warn of something in the model itself.
    """

    candidates: tuple[Candidate, ...]
    questions: tuple[Question, ...]
    verdicts: tuple[Verdict, ...] = ()
    cautions: tuple[Candidate, ...] = ()


def apply_rules(
    model: ThreatModel,
    rules: tuple[Rule, ...] = RULES,
    *,
    crossing: dict[ElementId, Crossing] | None = None,
    accepted: Sequence[AcceptedRatings] = (),
) -> RuleFindings:
    """Ask every rule of every element of its kind; `accepted` are the acceptances in force."""
    survey = ModelIndex(model, crossing, accepted)
    order = _crossing_first(survey)
    candidates: list[Candidate] = []
    cautions: list[Candidate] = []
    verdicts: list[Verdict] = []
    asked: dict[Asked, list[tuple[Rule, RuleTarget]]] = {}
    for rule, about in _asked_of_all(rules, survey, order):
        applies = rule.applies.of(about)
        if applies.truth is FALSE:
            if applies.used and not rule.warns:
                verdicts.append(_verdict(about, rule, clear=True))
            continue
        controlled = rule.controlled.of(about)
        fires = applies.truth is TRUE and controlled.truth is FALSE
        if fires:
            found = _candidate(about, rule, applies, controlled)
            (cautions if rule.warns else candidates).append(found)
        if not rule.warns:
            clear = fires or controlled.truth is TRUE
            verdicts.append(_verdict(about, rule, clear=clear, fires=fires))
        for question in _open_facts(applies, controlled):
            asked.setdefault(question, []).append((rule, about))
    questions = [_question(model, about, asking) for about, asking in asked.items()]
    return RuleFindings(
        candidates=tuple(candidates),
        questions=_by_element(questions, order),
        verdicts=tuple(verdicts),
        cautions=tuple(cautions),
    )


def _asked_of_all(
    rules: tuple[Rule, ...], survey: ModelIndex, order: dict[ElementId, int]
) -> Iterator[tuple[Rule, RuleTarget]]:
    for kind in Kind:
        fitting = [rule for rule in rules if rule.kind is kind]
        for element in sorted(survey.of_kind[kind], key=lambda one: order.get(one.id, len(order))):
            about = survey.about(element)
            for rule in fitting:
                if rule.peers is None:
                    yield rule, about
                else:
                    for peer in rule.peers(about):
                        yield rule, replace(about, peer=peer, memo={})


def _open_facts(applies: Finding, controlled: Finding) -> tuple[Asked, ...]:
    """First whether the rule is about this element at all, and only then whether something guards it."""
    if controlled.truth is TRUE:
        return ()
    if applies.truth is TRUE:
        return controlled.open
    return () if applies.unclear else applies.open


def _crossing_first(survey: ModelIndex) -> dict[ElementId, int]:
    """The elements that crossing flows touch, in the order of those flows, and of each first what it carries.

    What is known of an asset opens questions about the flows that carry it; so those come after it.
    """
    order: dict[ElementId, int] = {}
    for flow in (survey.flows[id] for id in survey.crossings):
        for touched in (*flow.assets, flow.entry_point, flow.id, flow.target, flow.source):
            if touched is not None:
                order.setdefault(touched, len(order))
    return order


def _verdict(about: RuleTarget, rule: Rule, *, clear: bool, fires: bool = False) -> Verdict:
    return Verdict(
        element=rule.cell(about),
        category=rule.category,
        clear=clear,
        candidate=_id(about, rule) if fires else "",
    )


def _id(about: RuleTarget, rule: Rule) -> str:
    peer = f"@{about.peer}" if about.peer else ""
    return f"{rule.id}@{about.element.id}{peer}"


def _candidate(about: RuleTarget, rule: Rule, applies: Finding, controlled: Finding) -> Candidate:
    element = about.element
    return Candidate(
        id=_id(about, rule),
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
        seen=tuple(
            ObservedProperty(element=subject, statement=name) for subject, name in dict.fromkeys(applies.seen)
        ),
        peer=about.peer or "",
        peer_name=name_of(about.model, ElementId(about.peer)) if about.peer else "",
    )


def _question(model: ThreatModel, asked: Asked, asking: list[tuple[Rule, RuleTarget]]) -> Question:
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
        asked_of=model.asked_of.get(asked),
    )


def _by_element(questions: list[Question], order: dict[ElementId, int]) -> tuple[Question, ...]:
    """All of one element together, what opens other questions before them.

    What is software comes first of all, because much else hangs on it.
    """
    place = dict(order)
    for question in questions:
        place.setdefault(question.element, len(place))
    return tuple(
        sorted(questions, key=lambda one: (one.fact != _FIRST, place[one.element], _PLACE_OF_FACT[one.fact]))
    )


_FIRST = "software"
"""The fact that decides whether most rules are about a component at all."""
_PLACE_OF_FACT = {fact: place for place, fact in enumerate(FACTS)}
