"""A submission that is refused after its ack: the form returns with what was entered and the reasons."""

from collections.abc import Generator

import pytest

from bot.slack.handlers.handler_responses import HandlerResponse, UpdateView, field_errors
from bot.slack.handlers.pending_request_checks import late_response
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.payload_parsing import parse_view_submission
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import SelectionTarget, StartTarget, Target
from bot.slack.ui.forms.form_fields import field_key
from bot.store import StreamId
from domain.kernel.elements import Kind
from tests.slack.access_harness import AccessHarness, channel_id_of, open_access_harness
from tests.slack.concurrent_edits import BEN, State, fillable_blocks, open_form_of, submission_payload
from tests.slack.limit_checks import view_faults

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
