"""Rule findings: suggested threats and questions from every rule and element."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from domain.analysis.assumed_rules import AssumedRules, open_facts
from domain.analysis.control_questions import asked_by
from domain.analysis.excluded_checks import ExcludedCheck
from domain.analysis.question_owners import question_owner
from domain.analysis.stakes import Stake, Stakes
from domain.catalog import Catalog
from domain.implied_facts import AssumedFacts
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis, BasisKind, weakest_of
from domain.kernel.elements import AssumedFact, ElementId, Kind, PersonId
from domain.kernel.threat import AcceptedRatings, Reappearance, Stride
from domain.model import ThreatModel
from domain.model.crossings import Crossing
from domain.model.element_labels import label, name_of
from domain.rules.conditions import FALSE, TRUE, Asked, ConditionResult, failing_facts
from domain.rules.flow_predicates import call_of
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.rules.preconditions import why_excluded
from domain.rules.rule import Control, Rule
from domain.technologies.technology import WordedQuestion


class FactUsed(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that decided a rule: its element, its statement, the answer, and what that rests on.

    The screening answers for the whole system, and such an answer has no basis of its own.
    """

    element: ElementId
    fact: str
    statement: str
    answer: Answer
    basis: AnswerBasis | None = None


class ObservedProperty(msgspec.Struct, frozen=True, kw_only=True):
    """A property of the model that made a rule apply, and its element."""

    element: ElementId
    statement: str


class SuggestedThreat(msgspec.Struct, frozen=True, kw_only=True):
    """A suggested threat that a rule derives; its id is `rule@element`, or `rule@element@peer`.

    `facts` are the answers used, `missing` the controls that these deny, `observed` the properties of the
    model itself. `returned` is set if it was dismissed and a fact has changed since. `stake` decides its
    place among the others.
    """

    id: str
    rule: Rule
    element: ElementId
    element_name: str
    facts: tuple[FactUsed, ...]
    missing: tuple[Control, ...] = ()
    observed: tuple[ObservedProperty, ...] = ()
    peer: str = ""
    peer_name: str = ""
    returned: Reappearance | None = None
    stake: Stake = Stake()

    @property
    def about(self) -> str:
        """Return the name of its element, and of its peer if the rule compares two."""
        if not self.peer_name or self.element_name.endswith(f": {self.peer_name}"):  # a flow of one asset
            return self.element_name
        return f"{self.element_name}, {self.peer_name}"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that an applicable rule needs; `answered_unknown` if it was answered with *don't know*.

    `crossing` if a rule about a crossing flow needs it. `asked_of` is the person who owns it, because it was
    assigned to them or because of a *don't know*, and `due` the day until which they are to answer.
    `suggested` is the assumed answer, which a person has to confirm because something is at stake. `asking`
    are the rules that need it, each with the element it is applied to. `at_stake` if a suggested threat
    depends on it that concerns a high-rated asset or an exposed entry point.
    """

    element: ElementId
    element_name: str
    fact: str
    text: str
    why: tuple[str, ...]
    rules: tuple[str, ...]
    crossing: bool
    answered_unknown: bool
    asked_of: PersonId | None = None
    due: date | None = None
    suggested: AssumedFact | None = None
    asking: tuple[tuple[str, ElementId], ...] = ()
    at_stake: bool = False


class Verdict(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The result of a rule for one element, with its cell in the coverage grid.

    It exists for rules that apply, that may apply, or that answers have ruled out.
    `clear` if no answer is missing; `suggested_threat` is the id of the resulting suggested threat, if any.
    `assumed` are the assumed facts without which it would not be clear, and `answers` those it rests on.
    """

    element: ElementId
    category: Stride
    clear: bool
    suggested_threat: str = ""
    assumed: tuple[Asked, ...] = ()
    answers: tuple[Asked, ...] = ()


class ControlInPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A rule whose control exists at an element, by which answers, and what the weakest of them rests on.

    Without answers, the description of the model itself states the control, as `observed`. `peers` are
    the names of the elements that the rule compares with, as far as the control exists there. It is `exempt`
    if the threat is not possible there, so that no control is needed. `stake` says what would be at stake
    without the control.
    """

    rule: Rule
    element: ElementId
    element_name: str
    facts: tuple[FactUsed, ...] = ()
    observed: tuple[ObservedProperty, ...] = ()
    peers: tuple[str, ...] = ()
    basis: BasisKind = BasisKind.STATED
    exempt: bool = False
    stake: Stake = Stake()

    @property
    def id(self) -> str:
        """Return the ID of the threat that it prevents, whatever the peer: `rule@element`."""
        return f"{self.rule.id}@{self.element}"

    @property
    def about(self) -> str:
        """Return the name of its element, and of its peers."""
        return ", ".join((self.element_name, *self.peers))

    @property
    def applicable(self) -> bool:
        """Return whether the control exists, and is not only said to be not applicable."""
        return not self.facts or any(used.answer is not Answer.NOT_APPLICABLE for used in self.facts)

    @property
    def prevents(self) -> bool:
        """Return whether a control prevents the threat, which none does where it is not applicable."""
        return not self.exempt and self.applicable

    @property
    def vouched_for(self) -> bool:
        """Return whether someone stated of this element that the control exists, or confirmed it."""
        return self.basis in (BasisKind.STATED, BasisKind.CONFIRMED)


class WaitingControl(msgspec.Struct, frozen=True, kw_only=True):
    """A control that was stated to be missing, and no suggested threat yet: questions decide if it is needed.

    `questions` are those asked next, by element and fact; none while something is missing that no question
    asks for, such as a placement.
    """

    element: ElementId
    fact: str
    statement: str
    questions: tuple[Asked, ...]


class RuleFindings(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of all rules: suggested threats with most at stake first, and questions by element.

    `cautions` come from rules that warn about the model itself. `undecided` are the rules that neither
    answers nor assumptions settle, each with the element it is applied to; `assumed` are those that
    assumptions settle, and `controlled` those whose control exists by the answers, those with most at stake
    first; of several peers, the one with the weakest basis counts. `waiting` are the controls stated to be
    missing that have not raised a suggested threat, and still may; `excluded` is what the model rules out.
    """

    suggested_threats: tuple[SuggestedThreat, ...]
    questions: tuple[Question, ...]
    verdicts: tuple[Verdict, ...] = ()
    cautions: tuple[SuggestedThreat, ...] = ()
    undecided: tuple[tuple[str, ElementId], ...] = ()
    assumed: tuple[tuple[str, ElementId], ...] = ()
    controlled: tuple[ControlInPlace, ...] = ()
    waiting: tuple[WaitingControl, ...] = ()
    excluded: tuple[ExcludedCheck, ...] = ()


def apply_rules(
    model: ThreatModel,
    *,
    crossing: dict[ElementId, Crossing] | None = None,
    accepted: Sequence[AcceptedRatings] = (),
) -> RuleFindings:
    """Apply every rule to every element of its kind; `accepted` are the acceptances in force."""
    survey = ModelIndex(model, crossing, accepted)
    assumptions, stakes = AssumedRules(survey), Stakes(survey)
    order = _crossing_first(survey)
    suggested_threats: list[SuggestedThreat] = []
    cautions: list[SuggestedThreat] = []
    verdicts: list[Verdict] = []
    asked: dict[Asked, list[tuple[Rule, RuleTarget]]] = {}
    undecided: dict[tuple[str, ElementId], None] = {}
    assumed: dict[tuple[str, ElementId], None] = {}
    in_place: dict[tuple[str, ElementId], ControlInPlace] = {}
    denied: dict[Asked, dict[Asked, None]] = {}
    raised: set[Asked] = set()
    excluded: list[ExcludedCheck] = []
    for rule, about in _asked_of_all(survey, order):
        applies = rule.applies.of(about)
        if applies.truth is FALSE:
            if applies.used and not rule.warns:
                verdicts.append(_verdict(about, rule, clear=True, answers=applies.used))
            continue
        controlled = rule.controlled.of(about)
        fires = applies.truth is TRUE and controlled.truth is FALSE
        if not fires and controlled.truth is not TRUE and (absent := why_excluded(rule, about)):
            excluded.append(ExcludedCheck(rule=rule.id, element=about.element.id, absent=absent))
            continue
        if fires:
            found = _suggested_threat(about, rule, applies, controlled, stakes)
            (cautions if rule.warns else suggested_threats).append(found)
            raised.update(_missing(rule, about, controlled))
        clear = fires or controlled.truth is TRUE
        settled = None if clear or rule.warns else assumptions.settle(rule, about)
        if not rule.warns:
            by, used = settled.facts if settled and settled.clear else (), (*applies.used, *controlled.used)
            verdicts.append(
                _verdict(about, rule, clear=clear or bool(by), fires=fires, assumed=by, answers=used)
            )
        if not clear:
            by_assumption = settled is not None and settled.clear
            (assumed if by_assumption else undecided)[rule.id, about.element.id] = None
        elif not fires and not rule.warns:
            control = _in_place(about, rule, controlled, stakes)
            known = in_place.get((rule.id, about.element.id))
            in_place[rule.id, about.element.id] = _weaker(known, control) if known else control
        left = settled.open if settled else open_facts(applies, controlled, model)
        for question in left:
            asked.setdefault(question, []).append((rule, about))
        if not clear and not rule.warns and not (settled and settled.clear):
            for missing in _missing(rule, about, controlled):
                denied.setdefault(missing, {}).update(dict.fromkeys(left))
    questions = [_question(survey, assumptions.facts, about, asking) for about, asking in asked.items()]
    return RuleFindings(
        suggested_threats=_most_at_stake(suggested_threats),
        questions=_by_element(questions, order, survey),
        verdicts=tuple(verdicts),
        cautions=tuple(cautions),
        undecided=tuple(undecided),
        assumed=tuple(assumed),
        controlled=_most_at_stake(in_place.values()),
        waiting=tuple(
            WaitingControl(
                element=missing[0],
                fact=missing[1],
                statement=model.catalog.facts[missing[1]].denial,
                questions=tuple(deciding),
            )
            for missing, deciding in denied.items()
            if missing not in raised
        ),
        excluded=tuple(excluded),
    )


def _missing(rule: Rule, about: RuleTarget, controlled: ConditionResult) -> Iterator[Asked]:
    """Yield the controls of a rule that are stated to be missing: the facts whose *no* can raise a threat."""
    facts, catalog = about.model.facts, about.index.catalog
    if not any(facts.get(used) is Answer.NO for used in controlled.used):
        return
    for asked in asked_by(rule.controlled, about):
        if facts.get(asked) is Answer.NO and catalog.facts[asked[1]].denial:
            yield asked


def _asked_of_all(survey: ModelIndex, order: dict[ElementId, int]) -> Iterator[tuple[Rule, RuleTarget]]:
    for kind in Kind:
        for element in sorted(survey.of_kind[kind], key=lambda one: order.get(one.id, len(order))):
            about = survey.about(element)
            for rule in survey.catalog.rules_of_kind[kind]:
                if rule.peers is None:
                    yield rule, about
                else:
                    for peer in rule.peers(about):
                        yield rule, replace(about, peer=peer, cache={})


def _crossing_first(survey: ModelIndex) -> dict[ElementId, int]:
    """Return the elements that crossing flows touch, in the order of the flows, assets first.

    Answers about an asset open questions about the flows that carry it, so these follow.
    """
    order: dict[ElementId, int] = {}
    for flow in (survey.flows[id] for id in survey.crossings):
        for touched in (*flow.carried, flow.entry_point, flow.id, flow.target, flow.source):
            if touched is not None:
                order.setdefault(touched, len(order))
    return order


def _verdict(
    about: RuleTarget,
    rule: Rule,
    *,
    clear: bool,
    answers: Iterable[Asked],
    fires: bool = False,
    assumed: tuple[Asked, ...] = (),
) -> Verdict:
    return Verdict(
        element=rule.cell(about),
        category=rule.category,
        clear=clear,
        suggested_threat=_id(about, rule) if fires else "",
        assumed=assumed,
        answers=tuple(answers),
    )


_AtStake = TypeVar("_AtStake", SuggestedThreat, ControlInPlace)


def _most_at_stake(found: Iterable[_AtStake]) -> tuple[_AtStake, ...]:
    """Return findings with those first that have most at stake, ties by rule."""
    return tuple(sorted(found, key=lambda one: (-one.stake.weight, one.rule.id)))


def _in_place(about: RuleTarget, rule: Rule, controlled: ConditionResult, stakes: Stakes) -> ControlInPlace:
    element, peer = about.element, ElementId(about.peer or "")
    facts = _facts_used(about, controlled.used)
    return ControlInPlace(
        rule=rule,
        element=element.id,
        element_name=label(about.model, element),
        facts=facts,
        observed=_observed(controlled),
        peers=(name_of(about.model, peer),) if peer else (),
        # The screening answers for the whole system.
        basis=weakest_of(used.basis.kind if used.basis else BasisKind.STATED_FOR_ALL for used in facts),
        exempt=controlled.exempt,
        stake=stakes.of(rule, element.id, peer),
    )


def _weaker(one: ControlInPlace, other: ControlInPlace) -> ControlInPlace:
    """Return the control with the weaker basis of two at the same element, with the peers of both."""
    weaker = one if weakest_of((one.basis, other.basis)) is one.basis else other
    stake = max(one.stake, other.stake, key=lambda stake: stake.weight)
    return replace(weaker, peers=(*one.peers, *other.peers), stake=stake)


def _id(about: RuleTarget, rule: Rule) -> str:
    peer = f"@{about.peer}" if about.peer else ""
    return f"{rule.id}@{about.element.id}{peer}"


def _suggested_threat(
    about: RuleTarget, rule: Rule, applies: ConditionResult, controlled: ConditionResult, stakes: Stakes
) -> SuggestedThreat:
    element, peer = about.element, ElementId(about.peer or "")
    failing = failing_facts(rule.controlled, about)
    return SuggestedThreat(
        id=_id(about, rule),
        rule=rule,
        element=element.id,
        element_name=label(about.model, element),
        facts=_facts_used(about, (*applies.used, *controlled.used, *failing.values())),
        missing=rule.missing_controls(failing),
        observed=_observed(applies),
        peer=peer,
        peer_name=name_of(about.model, peer),
        stake=stakes.of(rule, element.id, peer),
    )


def _facts_used(about: RuleTarget, used: Iterable[Asked]) -> tuple[FactUsed, ...]:
    return tuple(
        FactUsed(
            element=asked[0],
            fact=asked[1],
            statement=_statement(about.index.catalog, asked[1]),
            answer=about.model.facts[asked],
            basis=about.model.bases.get(asked),
        )
        for asked in dict.fromkeys(used)
    )


def _observed(found: ConditionResult) -> tuple[ObservedProperty, ...]:
    return tuple(
        ObservedProperty(element=subject, statement=name) for subject, name in dict.fromkeys(found.observed)
    )


def _statement(catalog: Catalog, fact: str) -> str:
    known = catalog.facts.get(fact)
    return known.statement if known else fact


def _question(
    survey: ModelIndex, assumed: AssumedFacts, asked: Asked, asking: list[tuple[Rule, RuleTarget]]
) -> Question:
    (element, fact), model = asked, survey.model
    declared = model.catalog.facts[fact]
    worded = {question.fact: question.text for question in _in_its_words(survey, element)}
    owner = question_owner(model, element, fact)
    return Question(
        element=element,
        element_name=name_of(model, element),
        fact=fact,
        text=worded.get(fact, declared.question),
        why=(declared.why,) if declared.why else tuple(dict.fromkeys(rule.explanation for rule, _ in asking)),
        rules=tuple(dict.fromkeys(rule.id for rule, _ in asking)),
        crossing=any(about.crossing for _, about in asking),
        answered_unknown=model.facts.get(asked) is Answer.UNKNOWN,
        asked_of=owner.person if owner else None,
        due=owner.due if owner else None,
        suggested=assumed.get(asked),
        asking=tuple(dict.fromkeys((rule.id, about.element.id) for rule, about in asking)),
    )


def _in_its_words(survey: ModelIndex, id: ElementId) -> tuple[WordedQuestion, ...]:
    """Return the questions in the words of the technology of an element.

    That of an entry point is what lies behind it, that of a flow what it calls, that of an asset where it is
    stored.
    """
    place = survey.component_behind.get(id, id)
    if flow := survey.flows.get(id):
        place = call_of(survey.about(flow)).target
    elif (asset := survey.assets.get(id)) and asset.stored_in:
        place = asset.stored_in[0]
    element = survey.components.get(place) or survey.dependencies.get(place)
    return survey.catalog.questions_about(element.technology) if element else ()


def _by_element(
    questions: list[Question], order: dict[ElementId, int], survey: ModelIndex
) -> tuple[Question, ...]:
    """Group questions by element, with those of its category first, then those that open others.

    Whether something is software comes first, because many questions depend on it.
    """
    place = dict(order)
    for question in questions:
        place.setdefault(question.element, len(place))

    def rank(one: Question) -> tuple[bool, int, int, int]:
        first = [worded.fact for worded in _in_its_words(survey, one.element)]
        early = first.index(one.fact) if one.fact in first else len(first)
        return one.fact != FIRST, place[one.element], early, survey.catalog.fact_positions[one.fact]

    return tuple(sorted(questions, key=rank))


FIRST = "software"
"""The fact that decides whether most rules apply to a component."""
