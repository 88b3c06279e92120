"""In shared channels and in organizations of several workspaces people are heard, and only the right ones."""

from collections.abc import Generator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.sandbox.api import PARTNER_TEAM_ID, SISTER_TEAM_ID, TEAM_ID, Behavior
from bot.slack.protocol.payload_parsing import parse_block_action, parse_event, parse_view_submission
from bot.slack.protocol.requests import Json
from tests.slack.slack_team import SlackTeam, run_bot
from tests.waiting import patient_sandbox

ESTATE = "E0ESTATE1"


@pytest.fixture
def shared(team: SlackTeam) -> SlackTeam:
    """#house is shared with a partner, in whose name Slack sends its events."""
    team.sandbox.add_person("pat", "#house", team=PARTNER_TEAM_ID)
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.read_channel()
    team.command("ana", "/threatmodel start The House")
    team.modal("ana", "New threat model")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.person("ana").close()
    team.card("TM-1")
    return team


@pytest.fixture
def grid(tmp_path: Path) -> Generator[SlackTeam]:
    """The workspace is one of an organization."""
    with (
        patient_sandbox(manifest=build_manifest("socket"), behavior=Behavior(enterprise=ESTATE)) as sandbox,
        run_bot(tmp_path / "bot.db", sandbox=sandbox) as team,
    ):
        yield team


def mentions(team: SlackTeam, who: str, words: str = "status") -> list[str]:
    """Mention the bot, and wait until it has said one thing more to this person alone."""
    before = len(team.private_messages(who))
    team.person(who).say("#house", f"@threatmodel {words}")
    team.wait(lambda: len(team.private_messages(who)) > before)
    return team.private_messages(who)


def test_a_mention_in_a_shared_channel_is_heard(shared: SlackTeam) -> None:
    assert "The House · TM-1" in mentions(shared, "ben")[-1]
    heard = [one for one in shared.sandbox.deliveries if one.title == "app_mention"]
    assert heard[-1].payload["team_id"] == PARTNER_TEAM_ID


def test_a_mention_by_someone_of_another_organization_shows_nothing(shared: SlackTeam) -> None:
    assert "other organizations" in mentions(shared, "pat")[-1]


def test_a_form_that_names_another_workspace_outside_is_taken(shared: SlackTeam) -> None:
    shared.command("ben", "/threatmodel add asset")
    shared.modal("ben", "Add asset")
    shared.person("ben").fill("Name", "The cat")
    delivery = shared.submit("ben")
    assert delivery.payload["team"]["id"] == PARTNER_TEAM_ID
    shared.wait(lambda: "The cat" in shared.names())


def test_an_event_without_authorizations_is_heard(shared: SlackTeam) -> None:
    behavior = shared.sandbox.workspace.behavior
    shared.sandbox.workspace.behavior = replace(behavior, authorizations_listed=False)
    assert "The House · TM-1" in mentions(shared, "ben")[-1]


def test_people_of_a_sister_workspace_take_part(grid: SlackTeam) -> None:
    grid.sandbox.add_person("sue", "#house", team=SISTER_TEAM_ID)
    grid.start("ana")
    grid.person("ana").close()
    grid.card("TM-1")
    assert "The House · TM-1" in mentions(grid, "sue")[-1]
    grid.command("sue", "/threatmodel add asset")
    grid.modal("sue", "Add asset")
    grid.person("sue").fill("Name", "The cat")
    grid.submit("sue")
    grid.wait(lambda: "The cat" in grid.names())


def test_someone_whom_the_organization_does_not_know_yet_is_looked_up(grid: SlackTeam) -> None:
    grid.start("ana")
    grid.person("ana").close()
    grid.card("TM-1")
    with grid.sandbox.quietly():
        grid.sandbox.add_person("sue", "#house", team=SISTER_TEAM_ID)
    assert "The House · TM-1" in mentions(grid, "sue")[-1]


def test_another_organization_stays_outside_on_grid(grid: SlackTeam) -> None:
    grid.sandbox.add_person("pat", "#house", team=PARTNER_TEAM_ID)
    grid.start("ana")
    grid.person("ana").close()
    grid.card("TM-1")
    assert "other organizations" in mentions(grid, "pat")[-1]


@pytest.mark.parametrize(
    ("told", "teams"),
    [
        ({"team_id": "T2", "context_team_id": "T1"}, ("T1",)),
        ({"team_id": "T2", "authorizations": [{"team_id": "T1"}]}, ("T1",)),
        ({"team_id": "T1", "authorizations": []}, ("T1",)),
        ({"team_id": "T1", "context_team_id": None}, ("T1",)),
        (
            {"authorizations": [{"team_id": None, "enterprise_id": "E1", "is_enterprise_install": True}]},
            ("E1",),
        ),
        ({}, ("",)),
    ],
)
def test_an_event_is_for_the_workspace_in_which_the_app_is_installed(
    told: Json, teams: tuple[str, ...]
) -> None:
    assert parse_event({"event": {"type": "app_mention"}, **told}).teams == teams


@pytest.mark.parametrize(
    ("view", "teams"),
    [({"app_installed_team_id": "T1"}, ("T1", "T1")), ({}, ("T1", "T2"))],
)
def test_a_view_says_where_the_app_is_installed(view: Json, teams: tuple[str, ...]) -> None:
    user, team = {"id": "U1", "team_id": "T1"}, {"id": "T2"}
    view = {"id": "V1", "callback_id": "names", **view}
    body: Json = {"user": user, "team": team, "view": view, "trigger_id": "1.1"}
    assert parse_view_submission(body).teams == teams
    assert parse_block_action({**body, "actions": [{"action_ts": "1.1", "action_id": "do"}]}).teams == teams


def test_what_was_sent_to_another_workspace_is_not_done(shared: SlackTeam) -> None:
    """The signature says that Slack sent it, not that it was sent to this installation."""
    mentions(shared, "ben")
    heard = [one for one in shared.sandbox.deliveries if one.title == "app_mention"][-1].payload
    elsewhere = {
        **heard,
        "context_team_id": "T0ELSE",
        "authorizations": [{"team_id": "T0ELSE"}],
        "team_id": TEAM_ID,
        "event": {**heard["event"], "ts": "9.9"},
    }
    before = len(shared.private_messages("ben"))
    shared.sandbox.client.sender.send_event(elsewhere)
    mentions(shared, "ben")
    assert len(shared.private_messages("ben")) == before + 1
