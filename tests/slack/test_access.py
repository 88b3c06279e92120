"""Who may answer: the members of the model's channel, found out when a button is pressed."""

import copy
from typing import Any

import pytest

from bot.sandbox.api import Delivery
from domain.kernel.elements import ChannelId, PersonId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.test_shared_channels import words_to

NOT_A_MEMBER = "Only members of this model's channel"


def test_a_stranger_is_told_so_and_nothing_is_recorded(either_way: SlackTeam) -> None:
    either_way.start()
    before = either_way.model().version
    either_way.command("eve", "/threatmodel undo")
    either_way.private_message("eve", NOT_A_MEMBER)
    assert either_way.model().version == before


def test_a_stranger_cannot_start_a_model_in_a_channel_of_others(team: SlackTeam) -> None:
    team.read_channel()
    team.command("eve", "/threatmodel start")
    team.modal("eve", "New threat model")
    team.person("eve").fill("Name", "My own")
    team.submit("eve")
    team.wait(lambda: NOT_A_MEMBER in modal_of(team, "eve"))
    assert team.modal("eve", "New threat model").values["Name"] == "My own", "what was typed stays"
    assert team.streams == []


def test_someone_not_yet_known_is_answered_after_a_look_at_slack(team: SlackTeam) -> None:
    """Their word is kept before the ack, and counts from then on."""
    team.start()
    form = open_form_as_member(team, "eve")
    forget(team, "eve")
    with team.sandbox.faults.holding():
        assert team.submit("eve").acked
        assert "One moment" in modal_of(team, "eve")
        assert "Valuables" not in team.names()
    team.wait(lambda: "Valuables" in team.names())
    team.wait(lambda: "now saved" in modal_of(team, "eve"))
    assert form


def test_someone_not_yet_known_who_is_no_member_is_told_and_nothing_is_recorded(team: SlackTeam) -> None:
    team.start()
    open_form_as_member(team, "eve")
    team.sandbox.workspace.leave(channel_id(team), team.person("eve").id)
    forget(team, "eve")
    team.submit("eve")
    team.wait(lambda: NOT_A_MEMBER in modal_of(team, "eve"))
    assert team.names() == set()


def test_a_newcomer_is_known_by_the_event(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("eve").join("#house")
    team.command("eve", "/threatmodel status")
    team.private_message("eve", "The House · TM-1")


def test_a_channel_without_the_bot_is_said_with_the_mend_and_nothing_typed_is_lost(team: SlackTeam) -> None:
    team.sandbox.remove_bot("#house")
    team.command("ana", "/threatmodel start")
    team.modal("ana", "New threat model")
    team.private_message("ana", "/invite @")
    team.person("ana").fill("Name", "The House")
    team.person("ana").fill("Scope", "A home")
    team.submit("ana")
    assert "/invite @" in " ".join(errors_of(team, "ana")) + modal_of(team, "ana")
    assert team.modal("ana", "New threat model").values["Scope"] == "A home"
    team.sandbox.invite_bot("#house")
    team.read_channel()
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.card("The House · TM-1")


def test_where_the_bot_is_known_to_be_missing_no_one_fills_in_a_form_first(team: SlackTeam) -> None:
    team.read_channel()
    with team.sandbox.quietly():
        team.sandbox.remove_bot("#house")
    team.read_channel()
    ana = team.person("ana")
    team.command("ana", "/threatmodel start")
    team.private_message("ana", "/invite @")
    assert ana.modal is None
    team.sandbox.invite_bot("#house")
    team.read_channel()
    ana.click(ana.sees("#house")[-1], "Start")
    team.modal("ana", "New threat model")


def test_who_is_not_among_the_participants_is_told_whom_to_ask(team: SlackTeam) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start The House")
    team.modal("ana", "New threat model")
    team.person("ana").choose("Participants", "ana", "ben")
    team.submit("ana")
    team.command("chi", "/threatmodel add asset")
    assert "Ana, to add you" in team.private_message("chi", "not a participant")
    assert team.person("chi").modal is None


def test_who_is_no_participant_any_more_keeps_what_they_typed(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("chi", "/threatmodel add asset")
    team.modal("chi", "Add asset")
    team.person("chi").fill("Name", "The cat")
    team.person("ana").click(team.card("TM-1"), "More…")
    team.person("ana").click(team.modal("ana", "More"), "Participants")
    team.modal("ana", "Participants")
    team.person("ana").choose("Participants", "ana", "ben")
    team.submit("ana")
    team.submit("chi")
    assert "not a participant" in " ".join(errors_of(team, "chi"))
    assert team.modal("chi", "Add asset").values["Name"] == "The cat"
    assert "The cat" not in team.names()


def test_what_a_button_says_of_its_channel_is_not_believed(team: SlackTeam) -> None:
    """Eve is in #general, and sends a click there that carries the House of #house."""
    create_collected_house(team)
    team.read_channel("#general")
    team.person("ben").click(team.card("Data flows  5"), "More…")
    clicked = team.sandbox.last_act
    general = team.sandbox.workspace.channel("#general").id
    forged = altered(
        clicked,
        user={**clicked.payload["user"], "id": team.person("eve").id},
        channel={"id": general, "name": "general"},
        container={**clicked.payload["container"], "channel_id": general},
    )
    team.sandbox.client.sender.send("interactive", forged)
    team.wait(lambda: any(NOT_A_MEMBER in message for message in team.private_messages("ben")))
    assert team.person("eve").modal is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "undo",
        '{"v":0,"w":"undo","s":"T0SANDBOX/TM-1"}',
        '{"v":1,"w":"undo","s":"T0OTHERS/TM-1"}',
        '{"v":1,"w":"undo","s":"../../etc/passwd"}',
        '{"v":1,"w":"burn it down","s":"T0SANDBOX/TM-1"}',
        '{"v":1,"w":"undo","s":"T0SANDBOX/TM-1","root":true}',
        "[" * 1500,
        "\ud83d\ude00" * 500,
    ],
)
def test_a_forged_or_stale_button_is_refused_in_a_friendly_way(team: SlackTeam, value: str) -> None:
    create_collected_house(team)
    before = team.model().version
    team.person("ben").click(team.card("Data flows  5"), "More…")
    clicked = team.sandbox.last_act
    team.modal("ben", "More")
    team.person("ben").close()
    action = {**clicked.payload["actions"][0], "action_id": "do:undo", "value": value}
    delivery = team.sandbox.client.sender.send("interactive", altered(clicked, actions=[action]))
    assert delivery.acked
    team.private_message("ben", "earlier version of the bot")
    assert team.model().version == before


def altered(delivery: Delivery, **changes: Any) -> dict[str, Any]:
    """The payload of something that was done, with changes that nobody's Slack would make."""
    payload = copy.deepcopy(delivery.payload) | changes
    payload["actions"] = [{**one, "action_ts": "1790000000.000001"} for one in payload["actions"]]
    return payload


def open_form_as_member(team: SlackTeam, who: str) -> str:
    """Somebody joins without the bot hearing of it, and has a filled form in front of them."""
    team.sandbox.workspace.join(channel_id(team), team.person(who).id)
    team.read_channel()
    team.command(who, "/threatmodel add asset")
    form = team.modal(who, "Add asset")
    team.person(who).fill("Name", "Valuables")
    return form.id


def forget(team: SlackTeam, who: str) -> None:
    """The directory knows nothing of a person, as of one who came while the bot was away."""
    team.look_only_when_asked()
    with team.store.database.writing() as connection:
        for table, column in (("slack_members", "person"), ("slack_people", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (team.person(who).id,))


def channel_id(team: SlackTeam) -> str:
    return team.sandbox.workspace.channel("#house").id


def modal_of(team: SlackTeam, who: str) -> str:
    seen = team.person(who).modal
    return seen.plain if seen else ""


def errors_of(team: SlackTeam, who: str) -> list[str]:
    seen = team.person(who).modal
    return list(seen.errors.values()) if seen else []


def test_a_join_that_slack_delivers_again_after_they_left_lets_no_one_answer(team: SlackTeam) -> None:
    create_collected_house(team)
    joined = team.person("eve").join("#house")
    assert joined is not None
    team.command("eve", "/threatmodel history")
    team.modal("eve", "History")
    team.person("eve").close()
    team.person("eve").leave("#house")
    team.sandbox.client.sender.send("events_api", joined.payload)
    team.command("eve", "/threatmodel history")
    team.private_message("eve", NOT_A_MEMBER)
    assert team.person("eve").modal is None


HOUSE = ChannelId("C0HOUSE01")
GONE = "This account is deactivated"


def test_an_open_form_of_a_deactivated_account_is_not_taken(team: SlackTeam) -> None:
    create_collected_house(team)
    fill_form(team, "dee")
    team.deactivate("dee")
    before = team.model().version
    team.submit("dee")
    team.wait(lambda: GONE in words_to(team, "dee"))
    assert team.model().version == before


def test_an_account_that_is_active_again_may_answer(team: SlackTeam) -> None:
    create_collected_house(team)
    team.deactivate("dee")
    team.command("dee", "/threatmodel undo")
    team.private_message("dee", GONE)
    team.sandbox.reactivate("dee")
    team.wait(lambda: team.knows(PersonId(team.person("dee").id), HOUSE))
    team.command("dee", "/threatmodel status")
    team.private_message("dee", "TM-1")


def test_an_account_that_is_active_again_unheard_is_looked_up_and_its_answer_counts(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    fill_form(team, "dee")
    team.deactivate("dee")
    with team.sandbox.quietly():
        team.sandbox.reactivate("dee")
    team.submit("dee")
    team.wait(lambda: "The cat" in team.names())


def test_slackbot_cannot_answer(team: SlackTeam) -> None:
    create_collected_house(team)
    before = team.model().version
    said = team.command("ben", "/threatmodel list")
    forged = {**said.payload, "user_id": "USLACKBOT", "text": "undo", "trigger_id": "7.7"}
    team.sandbox.client.sender.send("slash_commands", forged)
    team.wait(lambda: any("Bots cannot answer" in message for message in team.private_messages("ben")))
    assert team.model().version == before


def test_a_bot_that_mentions_the_bot_is_not_answered(team: SlackTeam) -> None:
    """Two bots that answer each other would never stop."""
    create_collected_house(team)
    ben = team.person("ben").id
    event = {
        "type": "app_mention",
        "user": ben,
        "text": "<@U0THREATM> status",
        "channel": "C0HOUSE01",
        "ts": "1.1",
    }
    team.sandbox.client.event("app_mention", {**event, "bot_id": "B0OTHER"}, soon=False)
    team.sandbox.client.event("app_mention", {**event, "ts": "1.2"}, soon=False)
    team.wait(lambda: team.private_messages("ben"))
    assert len(team.private_messages("ben")) == 1, "only the person is answered"


def fill_form(team: SlackTeam, who: str) -> None:
    team.command(who, "/threatmodel add asset")
    team.modal(who, "Add asset")
    team.person(who).fill("Name", "The cat")
