"""A form below another one: it keeps what was entered, and shows what the form above it changed."""

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.sandbox.api import VisibleView
from bot.slack.protocol.targets import ButtonKind, SelectionTarget
from bot.slack.queries.form_snapshots import LeftForm
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.modals.modal_registry import FORMS
from domain.kernel.answer import Answer
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import THREATS, plan
from tests.examples import ANA, decide_all, house
from tests.slack.collected_house import create_collected_house
from tests.slack.form_cases import all_forms, open_form_view
from tests.slack.hostile_models import STREAM
from tests.slack.question_steps import choose_for_others
from tests.slack.slack_team import SlackTeam
from tests.slack.test_question_pages import FACT, answers, doors
from tests.slack.tracker_screens import SCREEN


def open_one_by_one(team: SlackTeam) -> VisibleView:
    """Ben opens the questions about one fact on top of the page; returns the page."""
    page = team.modal("ben", "Open questions")
    team.person("ben").click(page, action_id=f"open:answers-{FACT}")
    team.modal("ben", "Answer one by one")
    return page


def page_again(team: SlackTeam, before: VisibleView) -> VisibleView:
    """The page below, as soon as it is shown with what was changed."""

    def follows() -> bool:
        view = team.person("ben").modal
        return view is not None and view.private_metadata != before.private_metadata

    team.wait(follows)
    return team.modal("ben", "Open questions")


def offered_elements(page: VisibleView) -> set[str]:
    """The elements that a page lists for the fact."""
    fields = [one for one in page.blocks if field_key(str(one.get("block_id"))) in TICKED]
    return {str(option["value"]) for one in fields for option in one["element"].get("options", ())}


TICKED = (f"tick/{FACT}",)


def test_the_page_below_says_what_was_saved_and_asks_for_the_rest(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *others = doors(team)
    team.command("ben", "/threatmodel questions")
    page = open_one_by_one(team)
    team.person("ben").choose(f"answer/{first}/{FACT}", "Not applicable")
    team.person("ben").choose(f"answer/{second}/{FACT}", "No")
    team.submit("ben")
    shown = page_again(team, page)
    assert "✓" in shown.plain
    offered = offered_elements(shown)
    assert not {first, second} & offered
    assert {*others} <= offered


def test_what_was_entered_on_the_page_below_is_kept(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, third, *others = doors(team)
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    team.person("ben").check(f"tick/{FACT}", second)
    choose_for_others(team, "ben", FACT, "no")
    page = open_one_by_one(team)
    team.person("ben").choose(f"answer/{first}/{FACT}", "Not applicable")
    team.submit("ben")
    page_again(team, page)
    team.submit("ben")
    team.modal("ben", "Confirm answer “No”")
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 3 + len(others))
    assert answers(team.model()) == {
        first: Answer.NOT_APPLICABLE,
        second: Answer.YES,
        third: Answer.NO,
        **dict.fromkeys(others, Answer.NO),
    }


def test_when_all_on_the_page_below_is_answered_it_shows_what_comes_next() -> None:
    known = register(replay(house()))
    opening = FormContext(target=SelectionTarget(stream=STREAM), person=ANA, register=known)
    answered = replace(opening, keys=("tick/answered_since", "others/answered_since"))
    assert FORMS["questions"].parts(answered) == FORMS["questions"].parts(opening)
    assert known.questions


def test_an_assignment_is_shown_on_the_page_below(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel questions")
    page = team.modal("ben", "Open questions")
    team.person("ben").click(page, action_id=f"open:ask-{FACT}")
    team.modal("ben", "Assign questions")
    team.person("ben").choose("person", "chi")
    team.submit("ben")
    team.person("ben").close()
    assert "assigned to someone else" in page_again(team, page).plain


@given(numbers=st.just(range(4)))
def test_every_form_that_opens_another_one_is_kept_as_it_was_left(numbers: range) -> None:
    opening_others: set[str] = set()
    models = (replay(house()), replay(decide_all(plan(), after=THREATS)))
    for number, model in product(numbers, models):
        for name, seen, target in all_forms(model, number):
            blocks = open_form_view(name, seen, target)["blocks"]
            pressed = [one.get("accessory", {}) for one in blocks]
            pressed += [each for one in blocks for each in one.get("elements", ())]
            if any(str(one.get("action_id")).startswith(f"{ButtonKind.OPEN}:") for one in pressed):
                opening_others.add(name)
                kept = FORMS[name].keeps(
                    FormContext(target=target, person=ANA, register=seen, trackers=SCREEN), ()
                )
                assert kept is not None, name
    assert opening_others >= {"questions", "answers"}


@pytest.mark.parametrize("state", [None, 7])
def test_a_view_without_the_state_of_its_fields_cannot_be_kept(state: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        LeftForm.of({"callback_id": "questions", "private_metadata": "{}", "state": state})
