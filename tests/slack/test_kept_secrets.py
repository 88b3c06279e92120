"""A form that asks for a secret is kept nowhere: not until a person was looked up, nor below another form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.slack.handlers.dispatcher import INPUT_NOT_KEPT
from bot.slack.handlers.modal_loading import leave_form, load_form
from bot.slack.protocol.requests import BlockAction
from bot.slack.protocol.targets import SelectionTarget, Target, encode_target
from bot.slack.queries.form_snapshots import FormSnapshot
from bot.slack.ui.modals.modal_registry import FORMS
from domain.kernel.mitigation import TrackerKind
from tests.slack.access_harness import TEAM, AccessHarness, open_access_harness, person_id_of

TOKEN = "ghp_made-up-token"


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AccessHarness]:
    with open_access_harness(tmp_path / "threatmodel.db") as opened:
        yield opened


def test_the_forms_that_ask_for_a_token_are_secret() -> None:
    assert {name for name, form in FORMS.items() if form.secret} == {"connect_tracker", "tracker_token"}


def test_a_token_of_someone_who_must_be_looked_up_is_not_kept(harness: AccessHarness, tmp_path: Path) -> None:
    stream = harness.begin("public")
    target = SelectionTarget(name="connect_tracker", stream=stream, selection=TrackerKind.GITHUB.value)
    view = load_form(harness.services, target, person_id_of("administrator"))

    said = harness.submit("stranger", view, lambda _: {"type": "plain_text_input", "value": TOKEN})

    assert INPUT_NOT_KEPT in said
    assert harness.store.unit(TEAM).pending.all() == []
    assert TOKEN.encode() not in b"".join(one.read_bytes() for one in tmp_path.glob("threatmodel.db*"))


def test_a_token_below_another_form_is_not_kept(harness: AccessHarness) -> None:
    stream = harness.begin("public")
    target = SelectionTarget(name="connect_tracker", stream=stream, selection=TrackerKind.GITHUB.value)
    shown = FormSnapshot(token="t9", stream=stream, version=1, shown={}, at=harness.now())
    harness.services.form_snapshots.save(shown)
    metadata = encode_target(replace(target, opened=shown.token))
    view = {"type": "modal", "callback_id": "connect_tracker", "private_metadata": metadata}
    state = {"values": {"token": {"token": {"type": "plain_text_input", "value": TOKEN}}}}
    request = BlockAction(
        person=person_id_of("administrator"),
        teams=(TEAM,),
        response_url="",
        trigger_id="1.1",
        action_id="open:scope",
        block_id="b",
        action_ts="1.1",
        value="",
        view={**view, "state": state},
    )
    above = Target(name="scope", stream=stream)

    assert leave_form(harness.services, request, above) == above
