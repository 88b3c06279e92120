"""Pages that ask about one fact of many elements: ticked is yes, and the others get one answer together."""

from collections.abc import Callable, Sequence
from typing import Final

from bot.slack.ui.forms.form_fields import field_key
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from tests.effort.counted_person import CountedPerson, option_values
from tests.effort.decided_questions import Asked, DecidedQuestions, asked_in
from tests.effort.played_system import PlayedSystem

_MOST_FORMS = 20
_LISTS: Final = {"in": Answer.YES, "missing": Answer.NO}


def fill_bulk_questions(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> int:
    """Tick the elements for which the answer is yes, and choose for the others; return the lines shown."""
    lines = 0
    for fact, asked in _asked_by_fact(play, person).items():
        answers = {one: play.knowledge.answer(play.model, *one) for one in asked}
        lines += len(asked)
        for one in asked:
            decided.show(play, one)
        for control in list(person.fields()):
            if field_key(control.block_id) == f"tick/{fact}":
                ticked = [
                    value for value in option_values(control) if answers[ElementId(value), fact] is Answer.YES
                ]
                if ticked:
                    person.enter(control, ticked)
        others = {answer for answer in answers.values() if answer is not Answer.YES}
        if Answer.NO in others or len(others) == 1:
            chosen = Answer.NO if Answer.NO in others else others.pop()
            person.fill({f"others/{fact}": chosen.value})
    return lines


def confirm_answers(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> None:
    """Clear the elements for which *no* is not the answer, and say where a control differs."""
    person.wait_for("confirm_answers")
    for control in list(person.fields()):
        what, _, about = field_key(control.block_id).partition("/")
        fact, listed = about.partition("/")[0], [ElementId(value) for value in option_values(control)]
        if what == "no":
            kept = _without_it(play, fact, listed)
            if len(kept) < len(listed):
                person.enter(control, kept)
        elif what in _LISTS:
            said = play.knowledge.control(play.model, fact, listed)
            chosen = [one for one in listed if said.get(one) is _LISTS[what]]
            decided.exceptions += len(chosen)
            if chosen:
                person.enter(control, chosen)
        elif what == "rest":
            listed = _in_lists_of(person, fact)
            said = play.knowledge.control(play.model, fact, listed)
            left = {said.get(one, Answer.UNKNOWN) for one in listed} - {*_LISTS.values()}
            if len(left) == 1:
                person.enter(control, left.pop().value)
    person.submit()


def _in_lists_of(person: CountedPerson, fact: str) -> list[ElementId]:
    """Return the elements in the lists of a control on the form on top."""
    listed = (
        ElementId(value)
        for control in person.fields()
        if field_key(control.block_id).split("/")[:2] == ["in", fact]
        for value in option_values(control)
    )
    return list(listed)


def _without_it(play: PlayedSystem, fact: str, listed: Sequence[ElementId]) -> list[ElementId]:
    """Return the elements for which *no* is the answer.

    A line about the whole system has one chance to go wrong, whatever is known of each element.
    """
    knowledge, model = play.knowledge, play.model
    kept = [one for one in listed if knowledge.answer(model, one, fact) is Answer.NO]
    return kept or [
        one
        for one in listed
        if (one, fact) in knowledge.wrong or knowledge.truth(model, one, fact) is Answer.NO
    ]


def open_one_by_one(play: PlayedSystem, person: CountedPerson, fill: Callable[[], object]) -> None:
    """Answer those facts one by one for which some elements have the answer that no page offers for many."""
    for _ in range(_MOST_FORMS):
        needed = (_needs_one_by_one(play, person, one) for one in _asked_by_fact(play, person))
        fact = next(filter(None, needed), "")
        view = person.view
        if not fact or view is None or not person.press_first(view, "answers", d=fact):
            return
        person.wait_for("answers")
        fill()
        person.submit()
        person.wait_for_change(view)  # the page behind the form follows a moment later
    raise AssertionError("the questions that are answered one by one do not end")


def _needs_one_by_one(play: PlayedSystem, person: CountedPerson, fact: str) -> str:
    asked = _asked_by_fact(play, person)[fact]
    answers = {play.knowledge.answer(play.model, *one) for one in asked}
    return fact if Answer.NOT_APPLICABLE in answers and Answer.NO not in answers else ""


def _asked_by_fact(play: PlayedSystem, person: CountedPerson) -> dict[str, list[Asked]]:
    """Return the questions of the lines on the form on top, by fact."""
    found: dict[str, list[Asked]] = {}
    for control in person.fields():
        what, _, fact = field_key(control.block_id).partition("/")
        if what == "tick":
            asked = (asked_in(play, f"{value}/{fact}") for value in option_values(control))
            found.setdefault(fact, []).extend(one for one in asked if one)
    return found
