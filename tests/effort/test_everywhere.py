"""What it takes to say of every control that it is in place, or missing, everywhere in a real system."""

import math
from pathlib import Path

import pytest

from bot.slack.ui.forms.form_fields import field_key
from domain.kernel.answer import Answer
from tests.effort.answering_play import press_next
from tests.effort.collecting_play import collect
from tests.effort.counted_person import CountedPerson, option_values
from tests.effort.decided_questions import DecidedQuestions
from tests.effort.played_system import PlayedSystem
from tests.effort.suggested_threat_review import SuggestedThreatReview
from tests.effort.team_knowledge import TeamKnowledge
from tests.effort.web_shop import web_shop, web_shop_answers
from tests.effort.whole_system_play import answer_for_whole_system
from tests.slack.slack_team import run_bot

FORMER_LINES = 14
"""Lines on a page when each control had one, with a list of exceptions below it."""


@pytest.mark.parametrize("word", [Answer.YES, Answer.NO])
def test_saying_everywhere_takes_no_more_presses_than_pages_with_exceptions_did(
    tmp_path: Path, word: Answer
) -> None:
    system = web_shop()
    with run_bot(tmp_path / "threatmodel.db") as team:
        play = PlayedSystem(
            team, system, TeamKnowledge(system, web_shop_answers(), 1), SuggestedThreatReview(system, ())
        )
        collect(play)
        person = play.people[0]
        press_next(play, person)
        person.wait_for_other()
        answer_for_whole_system(play, person, DecidedQuestions(), until="controls")
        before = sum(play.counts.presses.values())
        controls = len(play.register.control_questions)
        lines = say_everywhere(person, word)
        assert FORMER_LINES < lines <= controls
        assert sum(play.counts.presses.values()) - before <= controls + math.ceil(controls / FORMER_LINES)


def say_everywhere(person: CountedPerson, word: Answer) -> int:
    """Choose the word in every line of the pages, and confirm it; return the number of lines."""
    lines = 0
    while (view := person.view) is not None and view.callback_id in ("controls", "confirm_answers"):
        for control in list(person.fields()):
            if field_key(control.block_id).startswith("all/") and word in option_values(control):
                person.enter(control, word.value)
                lines += 1
        person.submit()
        person.wait_for_change(view)
    return lines
