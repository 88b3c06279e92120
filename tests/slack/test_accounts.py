"""Accounts that come and go: bots, deactivated people and those who are back."""

from domain.kernel.elements import ChannelId, PersonId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.slack.test_shared_channels import words_to

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
    team.wait(lambda: any("Bots cannot answer" in one for one in team.private_messages("ben")))
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
