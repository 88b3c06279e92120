"""Order of the open questions, and how many of all possible questions are settled."""

from collections.abc import Container, Iterable

import msgspec
from msgspec.structs import replace

from domain.analysis.possible_questions import possible_questions, remaining_questions
from domain.analysis.question_stakes import QuestionStakes
from domain.analysis.rule_findings import Question, RuleFindings
from domain.implied_facts import assumptions_in_force
from domain.rules.conditions import Asked
from domain.rules.model_index import ModelIndex


class QuestionProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the questions are answered.

    `total` counts each question that some combination of answers could raise for the model as it stands, so
    only changes of the model change it. `settled` are those that were answered or ruled out by answers.
    """

    settled: int
    total: int


def most_important_first(survey: ModelIndex, questions: Iterable[Question]) -> tuple[Question, ...]:
    """Return the questions with those at stake first, and otherwise in the same order."""
    stakes = QuestionStakes(survey)
    marked = [replace(one, at_stake=any(stakes.at(about) for _, about in one.asking)) for one in questions]
    return tuple(sorted(marked, key=lambda one: not one.at_stake))


def question_progress(survey: ModelIndex, found: RuleFindings) -> QuestionProgress:
    """Return how many of all possible questions are settled.

    A question that was answered with *don't know* is settled: it may be answered again at any time. So is
    one that an assumption answers, until somebody contradicts the assumption.
    """
    asked = {(one.element, one.fact) for one in found.questions if not one.answered_unknown}
    total = possible_questions(survey.model, survey.accepted)
    remaining = remaining_questions(_assuming(survey, asked), found.undecided, asked)
    left = {one for one in remaining if one not in survey.model.facts}
    return QuestionProgress(settled=len(total) - len(left), total=len(total))


def _assuming(survey: ModelIndex, asked: Container[Asked]) -> ModelIndex:
    """Return the index with each assumption as an answer that nobody is asked to confirm."""
    facts = survey.model.facts
    for about, one in assumptions_in_force(survey.model).items():
        if about not in asked:
            facts = facts.insert(about, one.answer)
    if facts is survey.model.facts:
        return survey
    return ModelIndex(replace(survey.model, facts=facts), survey.crossings, survey.accepted)
