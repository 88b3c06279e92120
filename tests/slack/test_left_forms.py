"""A form below another one: it keeps what was entered, and shows what the form above it changed."""

from collections.abc import Generator
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.sandbox.api import VisibleView
from bot.slack.handlers.handler_responses import HandlerResponse, UpdateView, field_errors
from bot.slack.handlers.pending_request_checks import late_response
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.payload_parsing import parse_view_submission
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, StartTarget, Target
from bot.slack.queries.form_snapshots import LeftForm
from bot.slack.ui.forms.field_blocks import field_blocks
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, Option, field_key
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import THREATS, plan
from tests.examples import ANA, decide_all, house
from tests.slack.access_harness import AccessHarness, channel_id_of, open_access_harness
from tests.slack.collected_house import create_collected_house
from tests.slack.concurrent_edits import BEN, State, fillable_blocks, open_form_of, submission_payload
from tests.slack.form_cases import all_forms, open_form_view
from tests.slack.hostile_models import STREAM
from tests.slack.limit_checks import view_faults
from tests.slack.question_steps import answer_one, choose_for_others
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
    fields = [block for block in page.blocks if field_key(str(block.get("block_id"))) in TICKED]
    return {str(option["value"]) for field in fields for option in field["element"].get("options", ())}


TICKED = (f"tick/{FACT}",)


def test_the_page_below_says_what_was_saved_and_asks_for_the_rest(team: SlackTeam) -> None:
    create_collected_house(team)
    first, second, *others = doors(team)
    team.command("ben", "/threatmodel questions")
    page = open_one_by_one(team)
    answer_one(team, "ben", f"{first}/{FACT}", "Not applicable")
    answer_one(team, "ben", f"{second}/{FACT}", "No")
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
    answer_one(team, "ben", f"{first}/{FACT}", "Not applicable")
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
            pressed = [block.get("accessory", {}) for block in blocks]
            pressed += [each for block in blocks for each in block.get("elements", ())]
            if any(str(one.get("action_id")).startswith(f"{ButtonKind.OPEN}:") for one in pressed):
                opening_others.add(name)
                kept = FORMS[name].keeps(
                    FormContext(target=target, person=ANA, register=seen, loaded=SCREEN), ()
                )
                assert kept is not None, name
    assert opening_others >= {"questions", "answers"}


@pytest.mark.parametrize("state", [None, 7])
def test_a_view_without_the_state_of_its_fields_cannot_be_kept(state: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        LeftForm.of({"callback_id": "questions", "private_metadata": "{}", "state": state})


OUTSIDE = "Dee is not in this channel."
LONG = "The name is too long."


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path_factory.mktemp("late") / "threatmodel.db") as running:
        yield running


@pytest.fixture(scope="module")
def base(harness: AccessHarness) -> StreamId:
    return harness.begin("public")


def shown_after(harness: AccessHarness, form: View, changed: State, errors: dict[str, str]) -> View:
    """What a form shows that was submitted, and refused later with sentences by the keys of fields."""
    asked = parse_view_submission(submission_payload(BEN, form, changed))
    ids = {field_key(block["block_id"]): block["block_id"] for block in fillable_blocks(form)}
    answer: HandlerResponse = field_errors({ids[key]: sentence for key, sentence in errors.items()})
    (after,) = late_response(harness.services, asked, answer).after
    assert isinstance(after, UpdateView)
    assert view_faults(after.view) == []
    return after.view


def place_of(view: View, key: str) -> int:
    return next(
        place
        for place, block in enumerate(view["blocks"])
        if block["type"] == "input" and field_key(block["block_id"]) == key
    )


def text_at(view: View, place: int) -> str:
    return str(view["blocks"][place].get("text", {}).get("text"))


def typed(text: str) -> Json:
    return {"type": "plain_text_input", "value": text}


def test_a_sentence_is_directly_above_its_field_and_a_note_at_the_top_names_the_field(
    harness: AccessHarness, base: StreamId
) -> None:
    form = open_form_of(
        harness, BEN, Target(name="element", stream=base, kind=Kind.EXTERNAL_DEPENDENCY, element="XD-1")
    )
    back = shown_after(harness, form, {"description": typed("Seen by Ben")}, {"owner": OUTSIDE})
    owner = place_of(back, "owner")
    assert text_at(back, owner - 1) == f"⚠ {OUTSIDE}"
    assert text_at(back, 0) == f"⚠ Not saved yet. See “{back['blocks'][owner]['label']['text']}”."
    description = back["blocks"][place_of(back, "description")]
    assert description["element"]["initial_value"] == "Seen by Ben"


def test_a_sentence_at_the_first_field_is_above_the_form(harness: AccessHarness, base: StreamId) -> None:
    form = open_form_of(harness, BEN, Target(name="scope", stream=base))
    back = shown_after(harness, form, {}, {"name": LONG})
    assert text_at(back, 0) == f"⚠ {LONG}"
    assert "Not saved yet" not in str(back)


def test_several_sentences_are_each_at_their_field(harness: AccessHarness, base: StreamId) -> None:
    form = open_form_of(harness, BEN, Target(name="scope", stream=base))
    back = shown_after(harness, form, {}, {"name": LONG, "description": "A.", "out_of_scope": "B."})
    assert text_at(back, 0).startswith(f"⚠ {LONG} Not saved yet. See “")
    assert text_at(back, place_of(back, "description") - 1) == "⚠ A."
    assert text_at(back, place_of(back, "out_of_scope") - 1) == "⚠ B."


def test_without_room_for_a_block_the_sentence_is_the_hint_of_its_field(
    harness: AccessHarness, base: StreamId, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = open_form_of(harness, BEN, Target(name="scope", stream=base))
    monkeypatch.setattr(slack_limits, "VIEW_BLOCKS", len(form["blocks"]) + 1)
    back = shown_after(harness, form, {}, {"description": "A."})
    assert back["blocks"][place_of(back, "description")]["hint"]["text"] == "⚠ A."
    assert len(back["blocks"]) == len(form["blocks"]) + 1


def test_what_was_typed_for_a_new_model_stays_though_it_has_no_stream_yet(harness: AccessHarness) -> None:
    target = StartTarget(name="start", channel=channel_id_of("public"))
    form = open_form_of(harness, BEN, target)
    back = shown_after(harness, form, {"name": typed("The shed")}, {"name": LONG})
    assert back["callback_id"] == "start"
    assert back["blocks"][place_of(back, "name")]["element"]["initial_value"] == "The shed"


def test_text_that_the_form_cannot_read_stays(harness: AccessHarness, base: StreamId) -> None:
    target = SelectionTarget(name="flows", stream=base)
    form = open_form_of(harness, BEN, target)
    lines = {"flows": typed("this is no flow")}
    errors = {"flows": "Line 1 has no arrow."}
    back = shown_after(harness, form, lines, errors)
    assert back["blocks"][place_of(back, "flows")]["element"]["initial_value"] == "this is no flow"
    assert text_at(back, 0) == "⚠ Line 1 has no arrow."


IN_ORDER = [f"TH-{number}" for number in range(1, 13)]
BY_RISK = ["TH-5", *(one for one in IN_ORDER if one != "TH-5")]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (IN_ORDER, ["Threats (TH-1 to TH-10)", "Threats (TH-11 to TH-12)"]),
        (BY_RISK, ["Threats (1 to 10)", "Threats (11 to 12)"]),
        ([f"{one}/encrypted" for one in IN_ORDER], ["Threats (1 to 10)", "Threats (11 to 12)"]),
    ],
    ids=["by ID", "by risk", "other values"],
)
def test_each_part_says_which_options_it_has(values: list[str], labels: list[str]) -> None:
    options = tuple(Option(value=value, text=value) for value in values)
    blocks = field_blocks(CheckboxesField(key="threats", label="Threats", options=options))
    assert [block["label"]["text"] for block in blocks] == labels
