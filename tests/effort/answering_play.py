"""The team answers questions, page by page, until only those are left that it does not know."""

import re

from bot.sandbox.api import interactive_elements
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.texts.common_texts import findings_summary
from domain.kernel.answer import Answer
from domain.next_step.next_step_choice import NextStepKind
from tests.effort.bulk_answers import confirm_answers, fill_bulk_questions, open_one_by_one
from tests.effort.counted_person import CountedPerson, has_initial, option_values
from tests.effort.decided_questions import DecidedQuestions, asked_in
from tests.effort.played_system import PlayedSystem, QuestionCounter
from tests.effort.whole_system_play import answer_for_whole_system

_MOST_PAGES = 300
_STRETCH = 5
"""Pages that one person answers before the next one goes on."""
_OF_ALL = re.compile(r"(\d+) of (\d+)")


def answer_questions(play: PlayedSystem) -> DecidedQuestions:
    """Answer for the whole system, then pages of questions until enough is answered or nothing is known."""
    play.counts.phase = "questions"
    decided = DecidedQuestions()
    note_counter(play)
    first = play.people[0]
    press_next(play, first)
    first.wait_for_other()
    answer_for_whole_system(play, first, decided)
    note_counter(play)
    before = -1
    for number in range(_MOST_PAGES):
        if is_enough(play):
            close_all(play)
            return decided
        person = play.people[number // _STRETCH % len(play.people)]
        if person.view is None:
            if before == len(play.model.facts):
                return decided
            before = len(play.model.facts)
            person.command("questions")
        if not _answer_one_page(play, person, decided):
            person.close()
        note_counter(play)
        if (number + 1) % _STRETCH == 0 and person.view is not None:
            before = -1
            person.close()
    raise AssertionError("the questions do not end")


def press_next(play: PlayedSystem, person: CountedPerson) -> None:
    """Press the button of the next step on the card."""
    person.command("status")
    card = play.team.card(play.register.next.text)  # the card follows a moment later
    (pressed,) = [one for one in interactive_elements(card.blocks) if one.element.get("style") == "primary"]
    person.press(card, pressed)


def close_all(play: PlayedSystem) -> None:
    """Close the forms of everyone."""
    for person in play.people:
        person.close()


def _answer_one_page(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> bool:
    """Answer the page on top, and return whether another page follows."""
    person.wait_for_other()
    _confirm_suggested(play, person, decided)
    view = person.wait_for_other()
    open_one_by_one(play, person, lambda: _fill_page(play, person, decided))
    if view.callback_id != "questions" or not _fill_page(play, person, decided):
        return False
    person.submit()
    after = person.wait_for_change(view)
    if after is not None and after.callback_id == "confirm_answers":
        confirm_answers(play, person, decided)
        after = person.wait_for_change(after)
    return after is not None and after.callback_id == "questions"


def _confirm_suggested(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> None:
    """Confirm the answers that follow from technologies, without those that the team knows to be wrong."""
    view = person.view
    suggested = [(one.element, one.fact) for one in play.register.questions if one.suggested]
    if not any(play.knowledge.answer(play.model, *one) is Answer.YES for one in suggested):
        return
    if view is None or not person.press_first(view, "confirm_assumptions"):
        return
    person.wait_for("confirm_assumptions")
    for control in list(person.fields()):
        offered = option_values(control)
        about = [(value, asked_in(play, value)) for value in offered]
        decided.lines.append(field_key(control.block_id))
        kept = [
            value
            for value, asked in about
            if asked and play.knowledge.answer(play.model, *asked) is Answer.YES
        ]
        if len(kept) < len(offered):
            person.enter(control, kept)
    person.submit()
    person.wait_for_change(view)


def note_counter(play: PlayedSystem) -> None:
    """Note the counter of questions as the card shows it; if that counts open ones only, add the answered.

    The total that the card does not show before the screening is noted, too: answers must not change it.
    """
    if play.register.pending_screening:
        progress = play.register.question_progress
        play.counter.append(QuestionCounter(open=progress.total - progress.settled, all=progress.total))
        return
    shown = _OF_ALL.search(findings_summary(play.register))
    if shown:
        counter = QuestionCounter(open=int(shown[2]) - int(shown[1]), all=int(shown[2]))
    else:
        waiting = sum(not question.answered_unknown for question in play.register.questions)
        counter = QuestionCounter(open=waiting, all=waiting + len(play.model.facts))
    play.counter.append(counter)


def is_enough(play: PlayedSystem) -> bool:
    """Return whether the card says that enough is answered, or that nothing is left to answer."""
    return play.register.next.act is not NextStepKind.ANSWER


def _fill_page(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> int:
    """Fill in the form on top; return how many undecided questions it showed."""
    found = fill_bulk_questions(play, person, decided)
    for control in list(person.fields()):
        what, _, about = field_key(control.block_id).partition("/")
        asked = asked_in(play, about)
        if what == "answer" and asked:
            if not has_initial(control):
                found += 1
                decided.show(play, asked)
                person.enter(control, play.knowledge.answer(play.model, *asked).value)
        elif what not in ("tick", "others"):
            raise AssertionError(f"the team does not know the field {control.block_id}")
    return found
