"""The team answers questions, page by page, until only those are left that it does not know."""

import re
from collections.abc import Sequence

from bot.sandbox.api import InteractiveElement
from bot.slack.ui.forms.submitted_values import field_key
from bot.slack.ui.texts.common_texts import findings_summary
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from tests.effort.bulk_answers import confirm_no, fill_bulk_questions, open_one_by_one
from tests.effort.counted_person import CountedPerson, has_initial, option_values
from tests.effort.decided_questions import Asked, DecidedQuestions, asked_in
from tests.effort.played_system import PlayedSystem, QuestionCounter

_MOST_PAGES = 300
_STRETCH = 5
"""Pages that one person answers before the next one goes on."""
_OF_ALL = re.compile(r"(\d+) of (\d+)")
_ENOUGH = "Enough to begin analysis"


def answer_questions(play: PlayedSystem) -> DecidedQuestions:
    """Answer pages until enough is answered, or until all that is left is not known."""
    play.counts.phase = "questions"
    decided = DecidedQuestions()
    note_counter(play)
    before = -1
    for number in range(_MOST_PAGES):
        person = play.people[number // _STRETCH % len(play.people)]
        if person.view is None:
            if before == len(play.model.facts):
                return decided
            before = len(play.model.facts)
            person.command("questions")
        if not _answer_one_page(play, person, decided):
            person.close()
        note_counter(play)
        if _is_enough(play):
            person.close()
            return decided
        if (number + 1) % _STRETCH == 0 and person.view is not None:
            before = -1
            person.close()
    raise AssertionError("the questions do not end")


def _answer_one_page(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> bool:
    """Answer the page on top, and return whether another page follows."""
    view = person.wait_for_other()
    open_one_by_one(play, person, lambda: _fill_page(play, person, decided))
    if view.callback_id != "questions" or not _fill_page(play, person, decided):
        return False
    shown = person.submit()
    view = person.wait_for_other(shown)
    if view.callback_id == "confirm_no":
        confirm_no(play, person)
        view = person.wait_for_other(view.private_metadata)
    return view.callback_id == "questions"


def note_counter(play: PlayedSystem) -> None:
    """Note the counter of questions as the card shows it; if that counts open ones only, add the answered."""
    shown = _OF_ALL.search(findings_summary(play.register))
    if shown:
        counter = QuestionCounter(open=int(shown[2]) - int(shown[1]), all=int(shown[2]))
    else:
        waiting = sum(not one.answered_unknown for one in play.register.questions)
        counter = QuestionCounter(open=waiting, all=waiting + len(play.model.facts))
    play.counter.append(counter)


def _is_enough(play: PlayedSystem) -> bool:
    """Return whether the card says that enough is answered."""
    return _ENOUGH in findings_summary(play.register) or _ENOUGH in play.register.next.text


def _fill_page(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> int:
    """Fill in the form on top; return how many undecided questions it showed."""
    found = fill_bulk_questions(play, person, decided)
    alike: list[tuple[InteractiveElement, Asked]] = []
    for control in list(person.fields()):
        what, _, about = field_key(control.block_id).partition("/")
        asked = asked_in(play, about)
        if what == "alike" and asked:
            alike.append((control, asked))
        elif what == "answer" and asked:
            if not has_initial(control):
                found += 1
                decided.show(play, asked)
                person.enter(control, play.knowledge.answer(play.model, *asked).value)
        elif what not in ("tick", "others"):
            raise AssertionError(f"the team does not know the field {control.block_id}")
    for control, one in alike:
        if _same_for_all(play, one):
            person.enter(control, option_values(control))
            decided.for_all_alike += 1
    return found


def _same_for_all(play: PlayedSystem, asked: Asked) -> bool:
    """Return whether a question has one known answer for all similar elements, so that it is given once."""
    element, fact = asked
    given = play.knowledge.answer(play.model, element, fact)
    if given is Answer.UNKNOWN:
        return False
    alike = [one for one in play.register.questions if one.fact == fact]
    group = next((one.similar for one in alike if one.element == element), None)
    if group is None:
        return False
    members: Sequence[ElementId] = [
        one.element for one in alike if one.similar and one.similar.name == group.name
    ]
    return all(play.knowledge.truth(play.model, one, fact) is given for one in members)
