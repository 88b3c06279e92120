"""All that is wrong with a form is told together, each beside its field."""

from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form_fields import field_key
from bot.store import StreamId
from domain.commands import ConfirmSuggestedThreats
from domain.kernel.threat import SuggestedThreatId
from tests.slack.access_harness import AccessHarness, person_id_of
from tests.slack.concurrent_edits import BEN, fillable_blocks, open_form_of, prepare_model, submit_changes
from tests.slack.slack_team import SlackTeam, errors_by_key

LONG_AGO: Json = {"type": "datepicker", "selected_date": "2020-01-01"}
BOT: Json = {"type": "users_select", "selected_user": person_id_of("bot")}


def test_a_start_tells_of_the_name_and_the_day(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start")
    team.modal("ana", "New threat model")
    ana = team.person("ana")
    ana.fill("Name", "\u200b")
    ana.choose("Answers due", "2020-01-01")
    team.submit("ana")
    assert set(errors_by_key(team.modal("ana", "New threat model"))) == {"name", "answers_by"}


def test_what_cannot_be_read_is_told_with_what_is_refused(harness: AccessHarness) -> None:
    unread = {"title": text(""), "due": LONG_AGO, "ticket": text("<none>")}
    assert told(harness, "mitigation", "TH-1", unread) == {"title", "due", "ticket"}


def test_what_is_not_chosen_is_told_with_what_is_refused(harness: AccessHarness) -> None:
    stream = prepare_model(harness, harness.begin("public"), "mitigation")
    suggested_threat = SuggestedThreatId(harness.services.register(stream).suggested_threats[0].id)
    harness.tell(
        stream,
        ConfirmSuggestedThreats(
            by=person_id_of("facilitator"), at=harness.now(), suggested_threats=(suggested_threat,)
        ),
    )
    (threat,) = (
        one.id
        for one in harness.services.register(stream).threats
        if suggested_threat in one.suggested_threats
    )
    view = open_form_of(harness, BEN, Target(name="mitigation", stream=stream, element=threat))
    assert "usual" in {field_key(block["block_id"]) for block in fillable_blocks(view)}
    unread = {"title": text(""), "due": LONG_AGO, "ticket": text("<none>")}
    found = submit_changes(harness, BEN, view, unread).ack["errors"]
    assert {field_key(one) for one in found} == {"title", "due", "ticket"}
    assert any("Choose a common control" in one for one in found.values())


def test_who_cannot_be_chosen_is_told_with_what_is_refused(harness: AccessHarness) -> None:
    wrong = {"approver": BOT, "expires": LONG_AGO, "reason": text("x" * 10_000)}
    assert told(harness, "accept", "TH-1", wrong) == {"approver", "expires", "reason"}


def told(harness: AccessHarness, name: str, about: str, changed: dict[str, Json]) -> set[str]:
    """The keys of the fields beside which something is said."""
    stream: StreamId = prepare_model(harness, harness.begin("public"), name)
    view = open_form_of(harness, BEN, Target(name=name, stream=stream, element=about))
    return {field_key(one) for one in submit_changes(harness, BEN, view, changed).ack["errors"]}


def text(value: str) -> Json:
    return {"type": "plain_text_input", "value": value}
