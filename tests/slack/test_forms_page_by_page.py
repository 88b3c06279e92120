"""Forms of many questions and places are asked page by page, and none is forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    ChoiceField,
    FormPart,
    SubmittedValues,
    read_submitted_state,
)
from bot.slack.ui.modals.analysis.answered_page import read_page, selection_shown
from bot.slack.ui.modals.analysis.question_forms import REST, facts_to_ask, next_facts
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.commands import AnswerOpenQuestions, AnswerQuestions, PlaceComponents, Reply
from domain.decide import decide
from domain.kernel.answer import Answer
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.depth import deep_also, deep_only
from tests.examples import ANA, at, house
from tests.slack.form_cases import (
    SOME,
    WORDS,
    open_form_view,
    requested_command,
    submitted_values,
    submitted_view,
)
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model


@deep_only
def test_two_hundred_components_are_placed_page_by_page_and_none_is_forgotten() -> None:
    known = register(build_model(LARGE, WORDS, known=CollectionProgress.NAMED))
    target, placed = Target(stream=STREAM, name="place"), set[str]()
    while target is not None:
        view = submitted_view(open_form_view("place", known, target))
        command = requested_command("place", view)
        assert isinstance(command, PlaceComponents)
        placed |= {one.component for one in command.placements}
        target = FORMS["place"].after(submitted_values("place", view), target_of(view), lambda: known)
    assert placed == {f"CO-{number}" for number in range(1, 201)}


MAX_SITTINGS = 12
"""Answers open questions in a chain of at most so many facts."""


@dataclass
class Sitting:
    """A participant who answers page after page, from a model that changes meanwhile."""

    model: ThreatModel
    person: PersonId = ANA
    seen: set[tuple[str, str]] = field(default_factory=set)

    def page(self, target: SelectionTarget, *, answered: int = 2) -> SelectionTarget | None:
        """Answer *yes* for every second element of a page, and return the page that follows."""
        known = register(self.model)
        opening = FormContext(target=target, person=self.person, register=known)
        form = FORMS["questions"]
        parts = form.parts(opening)
        kept = form.keeps(opening, parts)
        assert kept is not None
        sent = submitted_view(form.render(opening, parts))
        values = read_submitted_state(sent)
        shown = self._shown(parts)
        self.seen |= {*shown}
        for element, fact in shown[::answered]:
            if f"answer/{element}/{fact}" in values:
                values[f"answer/{element}/{fact}"] = "yes"
            else:
                ticked = SubmittedValues(values).many(f"tick/{fact}")
                values[f"tick/{fact}"] = (*ticked, element)
        page = read_page(SubmittedValues(values), kept)
        command = AnswerOpenQuestions(by=self.person, at=at(900), replies=page.replies)
        self.model = replay(decide(command, self.model, tuple), self.model)
        return next_facts(register(self.model), selection_shown(target, kept), self.person, page.shown)

    @staticmethod
    def _shown(parts: Sequence[FormPart]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for one in parts:
            match one:
                case CheckboxesField():
                    fact = one.key.partition("/")[2]
                    found += ((option.value, fact) for option in one.options)
                case ChoiceField() if one.key.startswith("answer/"):
                    _, element, fact = one.key.split("/")
                    found.append((element, fact))
                case _:
                    pass
        return found


@pytest.mark.parametrize("answered", [40, *deep_also((2,))])
def test_hundreds_of_questions_are_asked_page_by_page_and_none_is_forgotten(answered: int) -> None:
    sitting = Sitting(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    wanted = {(one.element, one.fact) for one in register(sitting.model).questions}
    assert len(wanted) >= 100
    # An answer may open a question that would have come before: it is asked when they sit down again.
    left = wanted
    for _ in range(MAX_SITTINGS):
        target: SelectionTarget | None = SelectionTarget(stream=STREAM, name="questions", selection=REST)
        while target is not None:
            target = sitting.page(target, answered=answered)
        left = {(one.element, one.fact) for one in register(sitting.model).questions}
        if left <= sitting.seen:
            return
    pytest.fail(f"these are open, and were not asked: {sorted(left - sitting.seen)[:10]}")


def test_the_pages_end_when_only_questions_are_left_that_can_wait() -> None:
    model = replay(house())
    sitting = Sitting(model, person=model.facilitator)
    target: SelectionTarget | None = SelectionTarget(stream=STREAM, name="questions")
    while target is not None:
        target = sitting.page(target, answered=1)
    known = register(sitting.model)
    assert known.questions
    assert not any(one.at_stake and not one.answered_unknown for one in known.questions)


def test_the_last_page_of_questions_says_that_answers_may_open_others() -> None:
    sitting = Sitting(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    sitting.page(SelectionTarget(stream=STREAM, name="questions"), answered=1)
    model = sitting.model
    pages = len(facts_to_ask(register(model), Target(stream=STREAM), ANA))
    first, last = (
        str(open_form_view("questions", model, Target(stream=STREAM, page=page))["blocks"])
        for page in (0, pages - 1)
    )
    assert "on the next page" in first
    assert "follow-up questions" not in first
    assert "follow-up questions" in last


def test_what_no_one_knew_is_asked_with_all_four_answers_and_marked_as_unknown() -> None:
    model = _nobody_knows(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    sitting, target = Sitting(model), SelectionTarget(stream=STREAM, name="questions")
    view = submitted_view(open_form_view("questions", model, target))
    values = submitted_values("questions", view)
    answers = [key for key in values.by_key if key.startswith("answer/")]
    assert answers
    assert {values.text(key) for key in answers} == {Answer.UNKNOWN}
    following = sitting.page(target, answered=10_000)
    assert following is not None, "what no one knew is asked page by page, too"
    first = {*sitting.seen}
    sitting.page(following, answered=10_000)
    assert sitting.seen > first


def _nobody_knows(model: ThreatModel) -> ThreatModel:
    while left := [one for one in register(model).questions if not one.answered_unknown][:50]:
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in left)
        command = AnswerQuestions(by=model.facilitator, at=at(900), replies=replies)
        model = replay(decide(command, model, tuple), model)
    return model
