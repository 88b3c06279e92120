"""Channels shared with other organizations: an administrator allows it, and nobody else's people act."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot.manifest import build_manifest
from bot.sandbox.api import Behavior, SlackRefusal, VisibleMessage
from bot.slack.directory.member_directory import Directory
from bot.slack.protocol.web_api_client import EXPIRED_TRIGGER, ApiRefused, SlackApi
from domain.kernel.elements import ChannelId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import PATIENCE, patient_sandbox

HOUSE = ChannelId("C0HOUSE01")


@pytest.fixture
def shared(team: SlackTeam) -> SlackTeam:
    """#house is shared from the beginning; Ana is an administrator, Pat belongs to the partner."""
    team.sandbox.add_person("pat", "#house", team="T0PARTNER")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.read_channel()
    return team


def test_a_start_is_refused_with_whom_to_ask(shared: SlackTeam) -> None:
    shared.command("ben", "/threatmodel start The House")
    said = shared.private_message("ben", "shared with another organization")
    assert "Ana to start it, or use an internal channel" in said
    assert shared.person("ben").modal is None


def test_without_an_administrator_there_one_is_to_be_asked_in(shared: SlackTeam) -> None:
    shared.person("ana").leave("#house")
    shared.command("ben", "/threatmodel start")
    shared.private_message("ben", "Ask an administrator of this workspace to join and start it")


def test_an_administrator_is_told_who_will_see_it_and_starting_allows_that(shared: SlackTeam) -> None:
    shared.command("ana", "/threatmodel start The House")
    form = shared.modal("ana", "New threat model")
    assert "Members of the other organization will see the card of this model" in form.plain
    shared.submit("ana")
    shared.modal("ana", "Add data flows")
    assert shared.model().sharing_allowed
    shared.card("The House · TM-1")


def test_an_administrator_who_was_not_told_yet_is_told_first_and_keeps_what_they_typed(
    team: SlackTeam,
) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start The House")
    team.modal("ana", "New threat model")
    team.person("ana").fill("Scope", "A home")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.read_channel()
    team.submit("ana")
    form = team.modal("ana", "New threat model")
    assert "Members of the other organization will see the card of this model" in form.plain
    assert team.streams == []
    assert form.values["Scope"] == "A home"
    team.submit("ana")
    team.modal("ana", "Add data flows")
    assert team.model().sharing_allowed


def test_a_channel_that_is_shared_while_the_form_is_open_refuses_the_others(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ben", "/threatmodel start The House")
    team.modal("ben", "New threat model")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.read_channel()
    team.submit("ben")
    seen = team.person("ben").modal
    assert seen is not None
    assert "shared with another organization" in " ".join(seen.errors.values())
    assert team.streams == []


def test_people_of_another_organisation_do_nothing_and_see_nothing_also_where_it_is_allowed(
    shared: SlackTeam,
) -> None:
    shared.start("ana")
    before = shared.model().version
    for word in ("status", "list", "add asset", "history", "start", "undo"):
        shared.command("pat", f"/threatmodel {word}")
    shared.person("pat").click(shared.card("TM-1"), "More…")
    shared.wait(lambda: len(shared.private_messages("pat")) == 7)
    assert all("other organizations" in message for message in shared.private_messages("pat"))
    assert shared.person("pat").modal is None
    assert shared.model().version == before


def test_a_channel_that_is_shared_later_is_allowed_by_an_administrator_alone(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.wait(lambda: is_shared(team))
    allow(team, "ben")
    team.wait(lambda: "Only an administrator of this workspace" in words_to(team, "ben"))
    assert "Ask @" in words_to(team, "ben")
    assert not team.model().sharing_allowed
    allow(team, "ana")
    team.wait(lambda: team.model().sharing_allowed)
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "The cat")
    team.submit("ben")
    team.card("Assets  5")


def test_the_word_to_the_facilitator_has_the_button_in_it(team: SlackTeam) -> None:
    team.sandbox.change_person("ana", is_admin=False)
    team.sandbox.change_person("dee", is_admin=True)
    create_collected_house(team)
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.wait(lambda: any("another organization" in letter.plain for letter in letters(team, "ana")))
    team.person("ana").click(letters(team, "ana")[-1], "Allow for TM-1")
    team.wait(lambda: any("Ask @" in letter.plain for letter in letters(team, "ana")))
    assert "Dee" in letters(team, "ana")[-1].plain
    assert not team.model().sharing_allowed


def test_one_of_two_other_organisations_leaving_changes_nothing(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.wait(lambda: is_shared(team))
    looks = len(team.sandbox.calls_of("conversations.info"))
    channel = {"channel": HOUSE, "previously_connected_team_id": "T0OTHERS", "is_ext_shared": True}
    team.sandbox.publish("channel_unshared", {"type": "channel_unshared", **channel})
    team.wait(lambda: len(team.sandbox.calls_of("conversations.info")) > looks)
    assert is_shared(team)


def letters(team: SlackTeam, who: str) -> list[VisibleMessage]:
    return team.person(who).direct_messages()


def allow(team: SlackTeam, who: str) -> None:
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), "Allow sharing")


def words_to(team: SlackTeam, who: str) -> str:
    seen = team.person(who).modal
    return "\n".join([seen.plain if seen else "", *team.private_messages(who)])


def is_shared(team: SlackTeam) -> bool:
    known = Directory(team.unit).channel(HOUSE)
    return known is not None and known.shared


WHY = "'content' error: line 3: Unsupported block type (List) within block quote"


def test_a_trigger_whose_end_is_told_in_the_detail_offers_the_form_again(tmp_path: Path) -> None:
    late = Behavior(expired_trigger_in_detail=True)
    with (
        patient_sandbox(manifest=build_manifest("socket"), behavior=late) as sandbox,
        run_bot(tmp_path / "bot.db", sandbox=sandbox) as team,
    ):
        create_collected_house(team)
        with team.sandbox.faults.holding("views.open"):
            team.command("ben", "/threatmodel add asset")
            team.sandbox.clock.move(PATIENCE + 1)
        team.wait(lambda: team.sandbox.calls_of("views.open"))
        assert "three seconds that Slack allows" in team.private_message(
            "ben", "three seconds that Slack allows"
        )
        answer = team.sandbox.calls_of("views.open")[-1].answer
        assert (answer["error"], "expired" in answer["detail"]) == ("invalid_arguments", True)
        offered = next(one for one in team.person("ben").sees("#house") if one.ephemeral and one.buttons)
        team.person("ben").click(offered, offered.buttons[0].label)
        team.modal("ben", "Add asset")


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (SlackRefusal(code="invalid_arguments", detail="`trigger_id` expired"), EXPIRED_TRIGGER),
        (SlackRefusal(code="invalid_arguments", detail="trigger_id: expired_trigger_id"), EXPIRED_TRIGGER),
        (SlackRefusal(code="invalid_arguments", detail="view: too many blocks"), "invalid_arguments"),
    ],
)
def test_only_an_expired_trigger_is_read_out_of_the_detail(refusal: SlackRefusal, code: str) -> None:
    with patient_sandbox(behavior=Behavior(canvas_refusals={"canvases.create": refusal})) as sandbox:
        api = SlackApi(token=sandbox.bot_token, base_url=sandbox.url)
        with pytest.raises(ApiRefused) as refused:
            api.call("canvases.create", title="Plan")
        assert refused.value.code == code
        assert refused.value.detail == refusal.detail


def test_why_there_is_no_canvas_is_logged(team: SlackTeam) -> None:
    refusals: Mapping[str, SlackRefusal] = {
        "canvases.create": SlackRefusal(code="canvas_creation_failed", detail=WHY)
    }
    workspace = team.sandbox.workspace
    workspace.behavior = replace(workspace.behavior, canvas_refusals=refusals)
    create_collected_house(team)
    with capture_logs() as logged:
        team.command("ben", "/threatmodel report md")
        team.wait(lambda: any(WHY in str(one) for one in logged))
    assert any(one.get("code") == "canvas_creation_failed" and one.get("detail") == WHY for one in logged)
