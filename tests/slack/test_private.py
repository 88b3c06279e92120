"""A private channel's model: who is not in the channel learns nothing of it, by any way at all."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.sandbox.api import BOT_USER_ID, PARTNER_TEAM_ID, SISTER_TEAM_ID, TEAM_ID, Behavior, Delivery
from bot.slack.directory.member_directory import Directory
from bot.slack.protocol.app_ids import REPORT_SHORTCUT, START_SHORTCUT
from bot.slack.protocol.payload_parsing import parse_block_action, parse_event, parse_view_submission
from bot.slack.protocol.requests import Json
from domain.kernel.elements import ChannelId, PersonId
from tests.slack.slack_team import SlackTeam, home, run_bot
from tests.slack.test_access import altered
from tests.slack.test_shared_channels import words_to
from tests.waiting import patient_sandbox

NOT_A_MEMBER = "Only members of this model's channel"
NAME = "The secret vault"
SECRETS = (NAME, "Gold bars")


@pytest.fixture
def vault(team: SlackTeam) -> SlackTeam:
    """Ana and Ben have a model in #house-keys; Dee is in #house with them, where there is none."""
    team.sandbox.invite_bot("#house-keys")
    team.read_channel("#house")
    team.start("ana", NAME, "#house-keys")
    team.person("ana").fill("Assets", "Gold bars")
    team.submit("ana")
    team.card("Assets  1", where="#house-keys")
    return team


WAYS: dict[str, Callable[[SlackTeam, str], object]] = {
    "list": lambda team, who: team.command(who, "/threatmodel list"),
    "status with the key": lambda team, who: team.command(who, "/threatmodel status TM-1"),
    "history": lambda team, who: team.command(who, "/threatmodel history TM-1"),
    "as-of": lambda team, who: team.command(who, "/threatmodel as-of yesterday TM-1"),
    "questions": lambda team, who: team.command(who, "/threatmodel questions TM-1"),
    "undo": lambda team, who: team.command(who, "/threatmodel undo TM-1"),
    "threats": lambda team, who: team.command(who, "/threatmodel threats TM-1"),
    "settings": lambda team, who: team.command(who, "/threatmodel settings TM-1"),
    "a mention": lambda team, who: team.person(who).say("#house", "@threatmodel status TM-1"),
    "the Home tab": lambda team, who: team.person(who).open_home(),
    "the global shortcut": lambda team, who: team.person(who).shortcut(START_SHORTCUT),
    "a message": lambda team, who: team.person(who).message_shortcut(
        team.person(who).say("#house", "look at this"), REPORT_SHORTCUT
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_it_is_shown_to_who_is_not_in_the_channel(vault: SlackTeam, way: str) -> None:
    before = everything(vault, "dee")
    WAYS[way](vault, "dee")
    vault.wait(lambda: everything(vault, "dee") != before)
    assert not [secret for secret in SECRETS if secret in everything(vault, "dee")]


def test_who_is_in_the_channel_sees_it_by_the_same_ways(vault: SlackTeam) -> None:
    """Otherwise the test above could not fail."""
    for word in ("list", "status TM-1", "history TM-1"):
        vault.command("ben", f"/threatmodel {word}", "#house-keys")
    vault.person("ben").open_home()
    vault.wait(lambda: NAME in home(vault, "ben"))
    vault.wait(lambda: all(secret in everything(vault, "ben") for secret in SECRETS))


def test_a_key_of_another_channel_reads_like_one_that_is_not_there(vault: SlackTeam) -> None:
    vault.command("dee", "/threatmodel status TM-1")
    vault.command("dee", "/threatmodel status TM-9")
    vault.wait(lambda: len(vault.private_messages("dee")) == 2)
    here, nowhere = vault.private_messages("dee")
    assert here.replace("TM-1", "TM-9") == nowhere


def test_a_forged_button_reads_alike_whether_the_model_is_there_or_not(vault: SlackTeam) -> None:
    vault.command("dee", "/threatmodel help")
    clicked = press_something(vault, "dee")
    for key in ("TM-1", "TM-99"):
        value = f'{{"v":1,"w":"more","s":"T0SANDBOX/{key}"}}'
        action = {**clicked.payload["actions"][0], "action_id": "show:more", "value": value}
        vault.sandbox.client.sender.send("interactive", altered(clicked, actions=[action]))
    vault.wait(lambda: len([one for one in vault.private_messages("dee") if NOT_A_MEMBER in one]) == 2)
    first, second = (message for message in vault.private_messages("dee") if NOT_A_MEMBER in message)
    assert first == second
    assert not vault.person("dee").modal or NAME not in words_to(vault, "dee")


def test_a_form_opened_before_leaving_is_not_taken(vault: SlackTeam) -> None:
    vault.command("ben", "/threatmodel add asset", "#house-keys")
    vault.modal("ben", "Add asset")
    vault.person("ben").fill("Name", "Diamonds")
    before = vault.model().version
    vault.person("ben").leave("#house-keys")
    vault.submit("ben")
    vault.wait(lambda: NOT_A_MEMBER in words_to(vault, "ben"))
    assert vault.model().version == before


def test_the_home_tab_of_who_leaves_loses_the_model(vault: SlackTeam) -> None:
    vault.person("ben").open_home()
    vault.wait(lambda: NAME in home(vault, "ben"))
    vault.person("ben").leave("#house-keys")
    vault.wait(lambda: NAME not in home(vault, "ben"))


def test_a_channel_made_private_keeps_its_model_to_its_members(team: SlackTeam) -> None:
    team.start("ana", NAME)
    card = team.card("TM-1")
    team.person("dee").leave("#house")
    team.sandbox.change_channel("#house", is_private=True)
    team.read_channel()
    team.person("dee").click(card, "More…")
    team.private_message("dee", NOT_A_MEMBER)
    team.command("ben", "/threatmodel status")
    assert NAME in team.private_message("ben", "TM-1")


def test_a_private_channel_without_the_bot_accepts_no_answers(
    vault: SlackTeam,
) -> None:
    """Whoever was thrown out after it would otherwise still be taken for a member."""
    vault.command("ben", "/threatmodel add asset", "#house-keys")
    vault.modal("ben", "Add asset")
    vault.person("ben").fill("Name", "Diamonds")
    vault.sandbox.remove_bot("#house-keys")
    vault.wait(lambda: not vault.bot_is_in("C0KEYS001"))
    with vault.sandbox.quietly():
        vault.sandbox.remove("ben", "#house-keys")
    before = vault.model().version
    vault.submit("ben")
    vault.wait(lambda: "/invite @" in words_to(vault, "ben") + errors_to(vault, "ben"))
    form = vault.modal("ben", "Add asset")
    assert form.values["Name"] == "Diamonds", "what was typed stays"
    assert vault.model().version == before
    vault.sandbox.invite("ben", "#house-keys")
    vault.sandbox.invite_bot("#house-keys")
    vault.read_channel("#house-keys")
    vault.submit("ben")
    vault.wait(lambda: "Diamonds" in vault.names())


def press_something(team: SlackTeam, who: str) -> Delivery:
    message = next(one for one in reversed(team.person(who).sees("#house")) if one.ephemeral and one.buttons)
    return team.person(who).click(message, message.buttons[0].label)


def everything(team: SlackTeam, who: str) -> str:
    """All that the bot shows to somebody alone, and the modal in front of them."""
    person = team.person(who)
    channels = [channel for channel in team.sandbox.workspace.channels if person.id in channel.members]
    seen = [message for channel in channels for message in person.sees(f"#{channel.name}")]
    told = [message.plain for message in seen if message.author != person.name]
    letters = [one.plain for one in person.direct_messages()]
    return "\n".join([*told, *letters, home(team, who), words_to(team, who)])


def errors_to(team: SlackTeam, who: str) -> str:
    seen = team.person(who).modal
    return " ".join(seen.errors.values()) if seen else ""


def test_a_form_that_opens_where_the_bot_is_not_yet_need_not_be_closed(team: SlackTeam) -> None:
    team.command("ana", "/threatmodel start Keys", "#house-keys")
    team.modal("ana", "New threat model")
    way = "in the channel, then submit the form; your input stays in it."
    team.private_message("ana", way, "#house-keys")


def test_who_starts_just_after_the_bot_was_invited_is_not_told_that_it_is_not_there(
    team: SlackTeam,
) -> None:
    ana = team.person("ana")
    channel = ChannelId(team.sandbox.workspace.channel("#house-keys").id)
    team.only.lookup.read_channel(channel)
    team.command("ana", "/threatmodel start Keys", "#house-keys")
    team.private_message("ana", "The bot is not in this channel yet", "#house-keys")
    with team.sandbox.faults.holding("conversations.members"):  # the look that confirms the invitation
        ana.command("#house-keys", "/invite @threatmodel")
        team.wait(lambda: Directory(team.unit).records.is_expected(channel, PersonId(BOT_USER_ID)))
        team.command("ana", "/threatmodel start Keys", "#house-keys")
        team.modal("ana", "New threat model")
        team.submit("ana")
    team.wait(lambda: [stream.name for stream in team.store.streams()] == ["Keys"])


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
    heard = [delivery for delivery in shared.sandbox.deliveries if delivery.title == "app_mention"]
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
