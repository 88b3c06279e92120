"""The team answers for the whole system: which features exist and where, and which controls are in place."""

from collections.abc import Mapping, Sequence

from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.modals.analysis.controls_form import DIFFERS, LATER
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId
from tests.effort.bulk_answers import confirm_answers
from tests.effort.counted_person import CountedPerson, option_values
from tests.effort.decided_questions import DecidedQuestions
from tests.effort.played_system import PlayedSystem

_MOST_PAGES = 40


def answer_for_whole_system(
    play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions, *, until: str = ""
) -> None:
    """Answer the screening, where its features exist, and the pages of controls; the questions follow.

    The page with the name `until` is left to the caller.
    """
    for _ in range(_MOST_PAGES):
        view = person.view
        if view is None or view.callback_id == until:
            return
        match view.callback_id:
            case "screening":
                _fill_screening(play, person, decided)
            case "where":
                _fill_places(play, person, decided)
            case "controls":
                _fill_controls(play, person, decided)
            case "confirm_answers":
                confirm_answers(play, person, decided)
                person.wait_for_change(view)
                continue
            case _:
                return
        person.submit()
        person.wait_for_change(view)
    raise AssertionError("the pages about the whole system do not end")


def _fill_screening(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> None:
    """Select the features that exist and those of which the team is not sure; the others do not exist."""
    for control in list(person.fields()):
        what, _, group = field_key(control.block_id).partition("/")
        if what != "exists":
            continue
        decided.lines.append(group)
        answers = {one: play.knowledge.exists(BUILT_IN.topics[one]) for one in option_values(control)}
        exist, unsure, others = (
            [one for one, answer in answers.items() if answer is given]
            for given in (Answer.YES, Answer.UNKNOWN, Answer.NO)
        )
        decided.exceptions += len(exist) + len(unsure)
        person.fill(
            {
                f"exists/{group}": exist,
                f"unsure/{group}": unsure,
                f"others/{group}": Answer.NO.value if others else "",
            }
        )


def _fill_places(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> None:
    """Choose the elements that have each feature; the others do not have it.

    A feature that exists where the page does not ask is left for later: the form takes no denial of it.
    """
    asked = _options(person, "tick")
    chosen = {
        fact: [option for option in options if play.knowledge.has_it(play.model, option, fact)]
        for fact, options in asked.items()
    }
    placed = {fact for fact, elements in chosen.items() if elements}
    placed |= {fact for (_, fact), answer in play.model.facts.items() if answer is Answer.YES}
    for fact, options in asked.items():
        decided.lines.append(fact)
        decided.exceptions += len(chosen[fact])
        elsewhere = any(
            fact in topic.facts
            and placed.isdisjoint(topic.facts)
            and play.knowledge.exists(topic) is Answer.YES
            for topic in BUILT_IN.topics.values()
        )
        denied = not elsewhere and play.knowledge.lacks_it_elsewhere(play.model, options, fact)
        person.fill({f"tick/{fact}": chosen[fact], f"others/{fact}": Answer.NO.value if denied else LATER})


def _fill_controls(play: PlayedSystem, person: CountedPerson, decided: DecidedQuestions) -> None:
    """Choose what is said of each control; where it differs, the next page asks for the elements."""
    open_now = {line.id: line.controls for line in play.register.control_lines}
    for control in list(person.fields()):
        what, _, line = field_key(control.block_id).partition("/")
        controls = open_now.get(line, ()) if what == "all" else ()
        said = [
            play.knowledge.control(play.model, one.fact, one.elements).get(element)
            for one in controls
            for element in one.elements
        ]
        chosen = _choice(said)
        if chosen == LATER or chosen not in option_values(control):
            continue
        decided.show_controls(line, controls)
        person.enter(control, chosen)


def _choice(said: Sequence[Answer | None]) -> str:
    """Return the choice in a line of controls for what is said of each of them at each of its elements."""
    given = {*said}
    if len(given) == 1 and (only := given.pop()):
        return only.value
    return DIFFERS if given - {None} else LATER


def _options(person: CountedPerson, kind: str) -> Mapping[str, Sequence[ElementId]]:
    """Return the elements of the fields of a kind, by fact."""
    found: dict[str, list[ElementId]] = {}
    for control in person.fields():
        what, _, fact = field_key(control.block_id).partition("/")
        if what == kind:
            found.setdefault(fact, []).extend(ElementId(value) for value in option_values(control))
    return found
