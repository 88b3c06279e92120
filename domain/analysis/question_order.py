"""Order of the open questions, and how many of all possible questions are settled."""

from collections import deque
from collections.abc import Container, Iterable, Set
from functools import cached_property
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from domain.analysis.control_questions import ControlQuestion, control_questions
from domain.analysis.possible_questions import AskingRule, possible_questions, remaining_questions
from domain.analysis.rule_findings import FIRST, Question, RuleFindings
from domain.analysis.stakes import Stakes
from domain.implied_facts import assumptions_in_force
from domain.kernel.elements import ElementId
from domain.kernel.threat import AcceptedRatings
from domain.model import ThreatModel
from domain.model.crossings import Crossing
from domain.rules.conditions import Asked
from domain.rules.model_index import ModelIndex


class QuestionProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the questions are answered.

    `total` counts each question that some combination of answers could raise for the model as it stands, so
    only changes of the model change it. `settled` are those that were answered or ruled out by answers;
    `assumed` are those not asked while the assumptions about technologies hold.
    """

    settled: int
    total: int
    assumed: int = 0


def most_important_first(
    survey: ModelIndex, questions: Iterable[Question], deciding: Set[Asked] = frozenset()
) -> tuple[Question, ...]:
    """Return the questions with those at stake first, by the elements at which most is at stake.

    `deciding` are the questions that missing controls wait for: they are at stake, and come before the
    others, because people expect an effect of what they stated. Whether something is software comes before
    the rest, since most other questions depend on it. The questions of one element keep their order, in which
    those that open others come first. In a review, those are at stake that came up since the closing.
    """
    stakes, rules, review = Stakes(survey), survey.catalog.rules_by_id, survey.model.review
    left_open = frozenset(review.left_open) if review else None

    def at_stake(one: Question) -> bool:
        about = one.element, one.fact
        if left_open is not None:
            return about not in left_open
        return about in deciding or any(stakes.at(element) for _, element in one.asking)

    marked = [replace(one, at_stake=at_stake(one)) for one in questions]
    weights = dict[tuple[bool, ElementId], float]()
    for one in marked:
        asking = (stakes.of(rules[rule], about).weight for rule, about in one.asking)
        about = one.at_stake, one.element
        weights[about] = max(weights.get(about, 0), *asking, 0)
    return tuple(
        sorted(
            marked,
            key=lambda one: (
                (one.element, one.fact) not in deciding,
                not one.at_stake,
                one.fact != FIRST,
                -weights[one.at_stake, one.element],
            ),
        )
    )


class QuestionCounter(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Progress of the questions, counted when it is read first.

    Counting takes longer than everything else in the register, and most readers of the register do not need
    it. `undecided` are the rules that answers leave open, `assumed` those that assumptions settle, and
    `asked` the questions that wait for an answer.
    """

    model: ThreatModel
    crossing: dict[ElementId, Crossing]
    accepted: tuple[AcceptedRatings, ...]
    undecided: tuple[AskingRule, ...]
    assumed: tuple[AskingRule, ...]
    asked: tuple[Asked, ...]

    @cached_property
    def possible(self) -> frozenset[Asked]:
        """Return each question that some combination of answers could raise, whatever was answered."""
        return possible_questions(self.model, self.accepted)

    @cached_property
    def progress(self) -> QuestionProgress:
        """Return how many of all possible questions are settled.

        A question that was answered with *don't know* is settled: it may be answered again at any time. What
        assumptions rule out is not settled, since an answer may contradict them: the counter never goes back.
        """
        known = self._counted()
        if known is not None:
            return known.progress
        progress = self._count()
        _COUNTED.append(_Counted(self, progress, self.left))
        return progress

    def _count(self) -> QuestionProgress:
        total, left = len(self.possible), len(self.left)
        if not self.assumed:
            return QuestionProgress(settled=total - left, total=total)
        survey = ModelIndex(_assuming(self.model, frozenset(self.asked)), self.crossing, self.accepted)
        expected = self._unanswered(remaining_questions(survey, self.undecided, self.asked))
        return QuestionProgress(settled=total - left, total=total, assumed=left - len(self.left & expected))

    @cached_property
    def left(self) -> frozenset[Asked]:
        """Return the questions that answers could still raise, also answers that contradict assumptions."""
        known = self._counted()
        if known is not None:
            return known.left
        asked = (*self.asked, *(one for one in assumptions_in_force(self.model) if one in self.possible))
        return self._unanswered(remaining_questions(self._survey, (*self.undecided, *self.assumed), asked))

    @cached_property
    def controls(self) -> tuple[ControlQuestion, ...]:
        """Return the controls that can be asked about for the whole system."""
        return control_questions(self._survey, self.undecided, self.left)

    def _counted(self) -> "_Counted | None":
        return next((one for one in tuple(_COUNTED) if one.counter == self), None)

    @cached_property
    def _survey(self) -> ModelIndex:
        return ModelIndex(self.model, self.crossing, self.accepted)

    def _unanswered(self, questions: Iterable[Asked]) -> frozenset[Asked]:
        return frozenset(question for question in questions if question not in self.model.facts)


def question_counter(survey: ModelIndex, found: RuleFindings) -> QuestionCounter:
    """Return the counter for what the rules found."""
    model = survey.model
    return QuestionCounter(
        # Without what does not matter here, so that registers with the same questions are equal.
        model=ThreatModel(
            catalog=model.catalog,
            elements=model.elements,
            facts=model.facts,
            assumed=model.assumed,
            links=model.links,
            screening=model.screening,
        ),
        crossing=survey.crossings,
        accepted=survey.accepted,
        undecided=tuple(found.undecided),
        assumed=tuple(found.assumed),
        asked=tuple(
            dict.fromkeys((one.element, one.fact) for one in found.questions if not one.answered_unknown)
        ),
    )


def _assuming(model: ThreatModel, asked: Container[Asked]) -> ThreatModel:
    """Return the model with each assumption as an answer that no one is asked to confirm."""
    facts = model.facts
    for about, one in assumptions_in_force(model).items():
        if about not in asked:
            facts = facts.insert(about, one.answer)
    return replace(model, facts=facts)


class _Counted(NamedTuple):
    counter: QuestionCounter
    progress: QuestionProgress
    left: frozenset[Asked]


_COUNTED: deque[_Counted] = deque(maxlen=8)
"""The latest results, reused by equal counters: votes, decisions and time do not change the questions.

The results are stored beside the counter, because its own thread may not have stored them in it yet.
"""
