"""The team answers questions, page by page, until only those are left that it does not know."""

import re
from collections.abc import Iterator, Sequence

from bot.sandbox.block_kit.element_state import InteractiveElement
from bot.slack.ui.forms.submitted_values import field_key
from bot.slack.ui.texts.common_texts import findings_summary
from domain.facts import FACTS
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from tests.effort.counted_person import CountedPerson, has_initial, option_values
from tests.effort.played_system import PlayedSystem, QuestionCounter

_MOST_PAGES = 200
_STRETCH = 5
"""Pages that one person answers before the next one goes on."""
_OF_ALL = re.compile(r"(\d+) of (\d+)")
_ENOUGH = "Enough to begin analysis"
_SPLIT = re.compile(r"[/+]")

Asked = tuple[ElementId, str]


class DecidedQuestions:
    """Questions that the team was shown undecided and that it decided, each counted once a showing."""

    def __init__(self) -> None:
        self.shown: list[Asked] = []
        self.rules: dict[Asked, tuple[str, ...]] = {}
        self.for_all_alike = 0

    def show(self, play: PlayedSystem, asked: Asked) -> None:
        """Note a question that is shown, and the rules that ask it."""
        self.shown.append(asked)
        open_now = play.register.questions
        rules = next((one.rules for one in open_now if (one.element, one.fact) == asked), ())
        self.rules[asked] = (*self.rules.get(asked, ()), *rules)


def answer_questions(play: PlayedSystem) -> DecidedQuestions:
    """Answer pages until no undecided question is on the next one."""
    play.counts.phase = "questions"
    decided = DecidedQuestions()
    note_counter(play)
    for number in range(_MOST_PAGES):
        person = play.people[number // _STRETCH % len(play.people)]
        if person.view is None:
            person.command("questions")
        view = person.wait_for("questions", *_ENDS)
        if view.callback_id != "questions" or not _answer_page(play, person, decided):
            person.close()
            return decided
        shown = view.private_metadata
        person.submit()
        note_counter(play)
        if _is_enough(play):
            person.close()
            return decided
        if (number + 1) % _STRETCH == 0:
            person.close()
        else:
            person.wait_for("questions", *_ENDS, other_than=shown)
    raise AssertionError("the questions do not end")


_ENDS = ("saved", "after", "notice")


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


def _answer_page(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> int:
    """Fill in the page on top; return how many undecided questions it showed."""
    found = 0
    alike: list[tuple[InteractiveElement, Asked]] = []
    for control in list(person.fields()):
        asked = list(asked_in(play, field_key(control.block_id)))
        if field_key(control.block_id).startswith("alike/"):
            alike += [(control, one) for one in asked]
        elif asked and control.element["type"] in ("radio_buttons", "static_select"):
            if not has_initial(control):
                found += 1
                decided.show(play, asked[0])
                person.enter(control, play.knowledge.answer(play.model, *asked[0]).value)
        else:
            raise AssertionError(f"the team does not know the field {control.block_id}")
    for control, one in alike:
        if _same_for_all(play, one):
            person.enter(control, option_values(control))
            decided.for_all_alike += 1
    return found


def asked_in(play: PlayedSystem, key: str) -> Iterator[Asked]:
    """Yield the question that the key of a field is about: an element of the model and a fact."""
    parts = _SPLIT.split(key)
    elements = [one for one in play.model.elements if one in parts]
    facts = [part for part in parts if part in FACTS]
    if elements and facts:
        yield elements[0], facts[0]


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
