"""Controls of the whole system: in place, missing or different, before the other questions."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.slack.handlers.submissions.question_pages import LOST
from bot.slack.protocol.targets import SelectionTarget, StaleButton
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    Paragraph,
    ShownValue,
    SubmittedValues,
    field_key,
)
from bot.slack.ui.modals.analysis import controls_form, open_questions_form
from bot.slack.ui.modals.analysis.answered_page import read_confirmed, read_controls
from bot.slack.ui.modals.analysis.confirm_answers_form import CONFIRM_ANSWERS
from bot.slack.ui.modals.analysis.controls_form import CONTROLS_SELECTION
from bot.slack.ui.modals.modal_registry import target_of
from bot.slack.ui.texts.common_texts import elements_by_kind
from domain.commands import AnswerQuestions, BulkReply, RemoveElement, Reply
from domain.events import BulkAnswered
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.elements import Component, ElementId, Kind, PersonId
from domain.model import ThreatModel
from domain.register import register
from tests.depth import deep_also
from tests.examples import ANA
from tests.slack.collected_house import create_collected_house
from tests.slack.form_cases import SOME, WORDS, open_form_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.question_steps import block_id_of
from tests.slack.slack_team import SlackTeam, errors_by_key

TITLE, LOOK = "Controls", "Check and complete"
LONG = ["&" * 149, '"' * 149, "\\" * 149, "é" * 149]
FACT, AT_FLOWS_TOO = "authorization_checked", "caller_authenticated"


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


def choose(team: SlackTeam, who: str, answer: str, fact: str = FACT) -> None:
    """Choose in the line of a control: `yes`, `no`, `differs` or another of its choices."""
    lines = register(team.model()).control_lines
    (line,) = [line.id for line in lines if fact in {one.fact for one in line.controls}]
    team.person(who).choose(block_id_of(team.modal(who, TITLE), f"all/{line}"), answer)


def list_elements(team: SlackTeam, who: str, what: str, *elements: ElementId) -> None:
    """Choose elements in one of the lists of the fact: `in` or `missing`."""
    team.person(who).choose(block_id_of(team.modal(who, LOOK), f"{what}/{FACT}"), *elements)


def of_software(model: ThreatModel) -> ThreatModel:
    """The model with components of which it is known what they are."""
    for component in model.of_type(Component):
        known = replace(component, technology="python")
        model = replace(model, elements=model.elements.insert(component.id, known))
    return model


def answers(model: ThreatModel, fact: str = FACT) -> dict[ElementId, Answer]:
    return {element: answer for (element, about), answer in model.facts.items() if about == fact}


def bases(model: ThreatModel, fact: str = FACT) -> set[BasisKind]:
    return {basis.kind for (_, about), basis in model.bases.items() if about == fact}


def test_every_line_is_left_for_later_until_someone_chooses(team: SlackTeam) -> None:
    create_collected_house(team)
    elements = open_controls(team, "ben")
    view = team.modal("ben", TITLE)
    (line,) = [one for one in view.blocks if one.get("block_id") == block_id_of(view, f"all/{FACT}")]
    number = len(elements)
    assert [option["text"]["text"] for option in line["element"]["options"]] == [
        *(f"In place everywhere ({number})", f"Missing everywhere ({number})"),
        *("It differs", "Not applicable", "Don't know", "Later"),
    ]
    assert line["element"]["initial_option"]["text"]["text"] == "Later"


def test_in_place_everywhere_is_shown_once_more_for_exposed_entry_points(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    open_controls(team, "ben")
    (control,) = [one for one in register(team.model()).control_questions if one.fact == AT_FLOWS_TOO]
    inside = {*control.elements} - {*control.exposed}
    assert inside
    choose(team, "ben", "yes", AT_FLOWS_TOO)
    team.submit("ben")
    again = team.modal("ben", LOOK)
    assert all(team.model().elements[door].name in again.plain for door in control.exposed)
    assert answers(team.model(), AT_FLOWS_TOO) == dict.fromkeys(inside, Answer.YES)
    team.submit("ben")
    team.wait(lambda: answers(team.model(), AT_FLOWS_TOO) == dict.fromkeys(control.elements, Answer.YES))
    assert bases(team.model(), AT_FLOWS_TOO) == {BasisKind.STATED_FOR_ALL}
    bulk = [one.event for one in team.command_handler.events(stream) if isinstance(one.event, BulkAnswered)]
    said = [{*one.elements} for one in bulk if one.fact == AT_FLOWS_TOO]
    assert said == [inside, {*control.exposed}]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, ("this entry point", "In place")),
        (2, ("these entry points", "In place at all of them")),
    ],
)
def test_the_second_look_agrees_with_the_number_of_exposed_entry_points(
    number: int, words: tuple[str, str]
) -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    doors = [item.id for item in register(model).items(Kind.ENTRY_POINT)][:number]
    keys = tuple(f"{Answer.YES}/{FACT}/{door}" for door in doors)
    opening = FormContext(
        target=SelectionTarget(stream=STREAM), person=ANA, register=register(model), keys=keys
    )
    paragraph, field = CONFIRM_ANSWERS.parts(opening)
    assert isinstance(paragraph, Paragraph)
    assert isinstance(field, CheckboxesField)
    assert words[0] in paragraph.text
    assert field.label == words[1]


def test_the_second_look_says_how_many_answers_are_saved_only_when_it_is_confirmed(team: SlackTeam) -> None:
    create_collected_house(team)
    open_controls(team, "ben")
    lines = register(team.model()).control_lines
    (line,) = [line for line in lines if AT_FLOWS_TOO in {one.fact for one in line.controls}]
    choose(team, "ben", "yes", AT_FLOWS_TOO)
    team.submit("ben")
    inside = sum(len({*control.elements} - {*control.exposed}) for control in line.controls)
    exposed = sum(len(control.exposed) for control in line.controls)
    again = team.modal("ben", LOOK).plain
    assert f"You answered {inside} questions. {exposed} more are saved when you confirm them." in again


def test_a_control_that_is_deselected_on_the_second_look_stays_open(team: SlackTeam) -> None:
    create_collected_house(team)
    open_controls(team, "ben")
    choose(team, "ben", "yes")
    choose(team, "ben", "yes", AT_FLOWS_TOO)
    team.submit("ben")
    again = team.modal("ben", LOOK)
    for block in again.blocks:
        if FACT in str(block.get("element", {}).get("options")):
            team.person("ben").check(str(block["block_id"]))
    before = answers(team.model(), AT_FLOWS_TOO)
    team.submit("ben")
    team.wait(lambda: answers(team.model(), AT_FLOWS_TOO) != before)
    assert not answers(team.model())


def test_missing_everywhere_is_confirmed_by_name_first(team: SlackTeam) -> None:
    create_collected_house(team)
    elements = open_controls(team, "ben")
    choose(team, "ben", "no")
    team.submit("ben")
    again = team.modal("ben", "Confirm answer “No”")
    assert all(team.model().elements[one].name in again.plain for one in elements)
    assert not answers(team.model())
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == dict.fromkeys(elements, Answer.NO))


def test_where_a_control_differs_two_lists_say_where_and_the_rest_stays_open(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *_ = open_controls(team, "ben")
    choose(team, "ben", "differs")
    team.submit("ben")
    list_elements(team, "ben", "missing", second)
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {second: Answer.NO})
    open_again = {one.element for one in register(team.model()).questions if one.fact == FACT}
    assert first in open_again
    assert bases(team.model()) == {BasisKind.STATED}


def test_all_controls_that_differ_are_on_one_page(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *_ = open_controls(team, "ben")
    choose(team, "ben", "differs")
    choose(team, "ben", "differs", AT_FLOWS_TOO)
    team.submit("ben")
    shown = team.modal("ben", LOOK)
    assert block_id_of(shown, f"in/{AT_FLOWS_TOO}")
    list_elements(team, "ben", "in", first)
    list_elements(team, "ben", "missing", second)
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.YES, second: Answer.NO})
    assert not answers(team.model(), AT_FLOWS_TOO)


def test_the_elements_in_neither_list_get_one_answer_together(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *others = open_controls(team, "ben")
    choose(team, "ben", "differs")
    team.submit("ben")
    list_elements(team, "ben", "in", first)
    list_elements(team, "ben", "missing", second)
    team.person("ben").choose(block_id_of(team.modal("ben", LOOK), f"rest/{FACT}"), "unknown")
    team.submit("ben")
    expected = {first: Answer.YES, second: Answer.NO, **dict.fromkeys(others, Answer.UNKNOWN)}
    team.wait(lambda: answers(team.model()) == expected)


def test_a_line_of_several_controls_answers_each_of_them_where_it_is_open(team: SlackTeam) -> None:
    create_collected_house(team)
    open_controls(team, "ben")
    (line,) = [one for one in register(team.model()).control_lines if one.id == "callers"]
    assert len(line.controls) > 1
    choose(team, "ben", "unknown", line.controls[0].fact)
    team.submit("ben")
    expected = {(element, one.fact) for one in line.controls for element in one.elements}
    team.wait(
        lambda: expected == {about for about, said in team.model().facts.items() if said is Answer.UNKNOWN}
    )


def test_where_a_topic_differs_each_of_its_controls_has_lists(team: SlackTeam) -> None:
    create_collected_house(team)
    open_controls(team, "ben")
    (line,) = [one for one in register(team.model()).control_lines if one.id == "callers"]
    choose(team, "ben", "differs", line.controls[0].fact)
    team.submit("ben")
    shown = team.modal("ben", LOOK)
    assert all(block_id_of(shown, f"in/{one.fact}") for one in line.controls)


def test_an_element_in_both_lists_is_refused_beside_the_second(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = open_controls(team, "ben")
    choose(team, "ben", "differs")
    team.submit("ben")
    list_elements(team, "ben", "in", first)
    list_elements(team, "ben", "missing", first)
    team.person("ben").submit()
    shown = team.modal("ben", LOOK)
    name = team.model().elements[first].name
    assert errors_by_key(shown) == {
        f"missing/{FACT}": f"“{name}” is in both lists. Remove it from one of them."
    }
    assert not answers(team.model())


@pytest.mark.parametrize("choice", ["differs", "yes", "no"])
def test_an_element_that_is_removed_meanwhile_is_left_out(team: SlackTeam, choice: str) -> None:
    stream = create_collected_house(team)
    first, second, *_ = open_controls(team, "ben")
    choose(team, "ben", choice)
    team.submit("ben")
    if choice == "differs":
        list_elements(team, "ben", "in", first, second)
    by, now = PersonId(team.person("ana").id), datetime.now(UTC)
    gone = RemoveElement(by=by, at=now, element=first, together=True, dependents=2)
    team.command_handler.execute(gone, stream=stream, key=team.key())
    team.submit("ben")
    expected = {second: Answer.NO if choice == "no" else Answer.YES}
    team.wait(lambda: answers(team.model()) == expected)


def test_a_second_look_opened_too_long_ago_asks_again_and_keeps_what_can_be_read(team: SlackTeam) -> None:
    create_collected_house(team)
    first, *_ = open_controls(team, "ben")
    choose(team, "ben", "differs")
    choose(team, "ben", "yes", AT_FLOWS_TOO)
    team.submit("ben")
    opened = target_of(team.modal("ben", LOOK).view.body).opened
    team.wait(lambda: team.unit.open_forms.find(opened) is not None)
    list_elements(team, "ben", "missing", first)
    before = answers(team.model(), AT_FLOWS_TOO)
    team.store.housekeeping.forget_before({"open_forms": datetime.now(UTC) + timedelta(days=1)})
    team.submit("ben")
    team.wait(lambda: answers(team.model()) == {first: Answer.NO})
    assert answers(team.model(), AT_FLOWS_TOO) == before
    team.wait(lambda: LOST in str(team.modal("ben", TITLE).plain))


def test_a_page_whose_elements_are_all_removed_meanwhile_asks_nothing() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    target = SelectionTarget(stream=STREAM, name="confirm_answers", selection=CONTROLS_SELECTION)
    view = open_form_view("confirm_answers", model, target, keys=(f"no/{FACT}/EP-999",))
    assert "removed in the meantime" in str(view["blocks"])
    assert not [block for block in view["blocks"] if block["type"] == "input"]


def test_a_made_up_choice_is_refused() -> None:
    values = SubmittedValues(by_key={f"all/{FACT}": "confirmed"})
    with pytest.raises(StaleButton):
        read_controls(values, {f"shown/{FACT}": ShownValue(value=("EP-1", "EP-2"))})


def test_a_choice_about_a_control_that_was_not_shown_answers_nothing() -> None:
    values = SubmittedValues(by_key={"all/made_up": "yes", f"all/{FACT}": "yes"})
    assert read_controls(values, {}).empty


def test_a_control_in_place_that_was_not_listed_again_is_not_confirmed() -> None:
    values = SubmittedValues(by_key={"yes/0.0": ("made_up", FACT)})
    page = read_confirmed(values, {f"yes/{FACT}": ShownValue(value=("EP-1",))})
    assert page.bulk == (BulkReply(fact=FACT, elements=(ElementId("EP-1"),), answer=Answer.YES),)


@pytest.mark.parametrize(("number", "fields"), [(50, 2), (51, 4)])
def test_lists_above_a_hundred_options_are_split_by_register(number: int, fields: int) -> None:
    model = build_model(LARGE, WORDS, known=CollectionProgress.PLACED)
    some = (f"{kind}-{one}" for kind in ("EP", "DF") for one in range(1, number + 1))
    target = SelectionTarget(stream=STREAM, name="confirm_answers", selection=CONTROLS_SELECTION)
    keys = tuple(f"differs/{AT_FLOWS_TOO}/{one}" for one in some)
    view = open_form_view("confirm_answers", model, target, keys=keys)
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    lists = [block for block in inputs if not str(block["block_id"]).startswith("rest/")]
    assert len(lists) == fields
    assert all(len(block["element"]["options"]) <= 100 for block in lists)
    assert len({block["label"]["text"] for block in lists}) == fields


def test_a_page_lists_no_more_elements_than_one_command_answers() -> None:
    model = build_model(LARGE, WORDS, known=CollectionProgress.PLACED)
    target = SelectionTarget(stream=STREAM, name="confirm_answers", selection=CONTROLS_SELECTION)
    facts = (FACT, AT_FLOWS_TOO, "identity_beyond_address")
    keys = tuple(f"differs/{fact}/EP-{one}" for fact in facts for one in range(1, 91))
    view = open_form_view("confirm_answers", model, target, keys=keys)
    listed = [field_key(str(block.get("block_id", ""))) for block in view["blocks"]]
    assert [key for key in listed if key.startswith("in/")] == [f"in/{fact}" for fact in facts[:2]]
    assert "More follow on the next page." in str(view["blocks"][-1])


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
    choose(team, "ben", "yes")
    team.submit("ben")
    assert first not in str(team.modal("ben", LOOK).view.body["blocks"])
    team.submit("ben")
    team.wait(lambda: len(answers(team.model())) == 1 + len(others))
    assert answers(team.model()) == {first: Answer.NO, **dict.fromkeys(others, Answer.YES)}


@pytest.mark.parametrize("words", [LONG, *deep_also((WORDS,))])
def test_a_page_of_controls_fits_into_a_modal_and_keeps_what_it_showed_on_the_server(
    words: list[str],
) -> None:
    model = of_software(build_model(LARGE, words, known=CollectionProgress.PLACED))
    lines = register(model).control_lines
    assert len(register(model).control_questions) > 20
    target = SelectionTarget(stream=STREAM, name="controls", selection=CONTROLS_SELECTION)
    view = open_form_view("controls", model, target)
    assert len(view["blocks"]) <= 30
    assert len(str(view)) < 200_000
    shown = [block for block in view["blocks"] if block["type"] == "input"]
    assert ("on the next page" in str(view["blocks"][-1])) is (len(shown) < len(lines))
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
    assert "on the next page" not in str(open_form_view("controls", model, target)["blocks"])
