"""Controls of the whole system: one line for each, with exceptions, before the other questions."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.slack.protocol.targets import SelectionTarget
from bot.slack.ui.modals.analysis import controls_form, open_questions_form
from bot.slack.ui.modals.analysis.controls_form import CONTROLS_SELECTION
from bot.slack.ui.texts.common_texts import elements_by_kind
from domain.commands import AnswerQuestions, Reply
from domain.events import BulkAnswered
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ElementId, PersonId
from domain.model import ThreatModel
from domain.register import register
from tests.depth import deep_also
from tests.slack.collected_house import create_collected_house
from tests.slack.form_cases import SOME, WORDS, open_form_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.question_steps import block_id_of
from tests.slack.slack_team import SlackTeam

TITLE = "Controls"
LONG = ["&" * 149, '"' * 149, "\\" * 149, "é" * 149]
FACT = "authorization_checked"


@pytest.fixture(autouse=True)
def few_are_worth_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the few controls of the House be worth a page."""
    for module in (controls_form, open_questions_form):
        monkeypatch.setattr(module, "WORTH_A_PAGE", 1)


def open_controls(team: SlackTeam, who: str) -> tuple[ElementId, ...]:
    """Open the controls from the questions; return the elements of one of them."""
    team.command(who, "/threatmodel questions")
    team.person(who).click(team.modal(who, "Open questions"), "Controls…")
    team.modal(who, TITLE)
    return next(one.elements for one in register(team.model()).control_questions if one.fact == FACT)


def choose(team: SlackTeam, who: str, answer: str, *exceptions: ElementId) -> None:
    view = team.modal(who, TITLE)
    team.person(who).choose(block_id_of(view, f"all/{FACT}"), answer)
    if exceptions:
        team.person(who).choose(block_id_of(view, f"except/{FACT}"), *exceptions)


def of_software(model: ThreatModel) -> ThreatModel:
    """The model with components of which it is known what they are."""
    for component in model.of_type(Component):
        known = replace(component, technology="python")
        model = replace(model, elements=model.elements.insert(component.id, known))
    return model


def answers(model: ThreatModel) -> dict[ElementId, Answer]:
    return {element: answer for (element, fact), answer in model.facts.items() if fact == FACT}


def test_yes_holds_for_all_elements_but_the_exceptions(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first, *others = open_controls(team, "ben")
    choose(team, "ben", "Yes, wherever it applies", first)
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 1 + len(others))
    assert answers(team.model()) == {first: Answer.NO, **dict.fromkeys(others, Answer.YES)}
    (bulk,) = [one for one in team.command_handler.events(stream) if isinstance(one.event, BulkAnswered)]
    assert isinstance(bulk.event, BulkAnswered)
    assert {*bulk.event.elements} == {*others}


def test_no_for_the_whole_system_is_confirmed_first_and_its_exceptions_have_it(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *others = open_controls(team, "ben")
    choose(team, "ben", "No", first)
    team.submit("ben")
    again = team.modal("ben", "Confirm answer “No”")
    assert all(other in again.plain for other in others)
    assert answers(team.model()) == {first: Answer.YES}
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 1 + len(others))
    assert answers(team.model()) == {first: Answer.YES, **dict.fromkeys(others, Answer.NO)}


def test_an_exception_alone_lacks_the_control_and_the_others_are_asked_later(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = open_controls(team, "ben")
    view = team.modal("ben", TITLE)
    team.person("ben").choose(block_id_of(view, f"except/{FACT}"), first)
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.NO})


def test_a_page_without_answers_leads_on_to_the_questions_one_by_one(team: SlackTeam) -> None:
    create_collected_house(team)
    open_controls(team, "ben")
    before = team.model().version
    team.submit("ben")
    team.modal("ben", "Open questions")
    assert team.model().version == before


def test_a_line_says_where_its_control_is_needed() -> None:
    model = of_software(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    known = register(model)
    view = open_form_view("controls", model, SelectionTarget(stream=STREAM, selection=CONTROLS_SELECTION))
    said = {
        str(one["block_id"]).partition("~")[0]: str(one.get("hint", {}).get("text"))
        for one in view["blocks"]
        if one["type"] == "input"
    }
    shown = [one for one in known.control_questions if f"all/{one.fact}" in said and one.needed_where]
    assert shown
    for one in shown:
        assert said[f"all/{one.fact}"].startswith(f"Needed where {one.needed_where}. ")


def test_two_people_on_one_page_of_controls_lose_nothing(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first, *others = open_controls(team, "ben")
    by, now = PersonId(team.person("ana").id), datetime.now(UTC)
    said = AnswerQuestions(by=by, at=now, replies=(Reply(element=first, fact=FACT, answer=Answer.NO),))
    team.command_handler.execute(said, stream=stream, key=team.key())
    choose(team, "ben", "Yes, wherever it applies")
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 1 + len(others))
    assert answers(team.model()) == {first: Answer.NO, **dict.fromkeys(others, Answer.YES)}


@pytest.mark.parametrize("words", [LONG, *deep_also((WORDS,))])
def test_a_page_of_controls_fits_into_a_modal_and_keeps_what_it_showed_on_the_server(
    words: list[str],
) -> None:
    model = of_software(build_model(LARGE, words, known=CollectionProgress.PLACED))
    many = register(model).control_questions
    assert len(many) > 20
    target = SelectionTarget(stream=STREAM, name="controls", selection=CONTROLS_SELECTION)
    view = open_form_view("controls", model, target)
    assert len(view["blocks"]) <= 30
    assert len(str(view)) < 200_000
    assert "follow on the next page" in str(view["blocks"][-1])
    assert len(view["private_metadata"]) < 500


def test_elements_are_counted_by_kind() -> None:
    some = [ElementId(one) for one in ("EP-1", "DF-2", "EP-3")]
    assert elements_by_kind(some) == "2 entry points and 1 data flow"
    assert elements_by_kind(some[:1]) == "1 entry point"


def test_the_last_controls_say_nothing_of_another_page() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    number = len(register(model).control_questions)
    target = SelectionTarget(
        stream=STREAM, name="controls", selection=CONTROLS_SELECTION, page=max(0, number - 1)
    )
    assert "next page" not in str(open_form_view("controls", model, target)["blocks"])
