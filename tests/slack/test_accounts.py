"""Accounts that come and go: bots, deactivated people and those who are back."""

from domain.kernel.elements import ChannelId, PersonId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot
from tests.slack.test_shared_channels import words_to

HOUSE = ChannelId("C0HOUSE01")
GONE = "This account is deactivated"


def test_an_open_form_of_a_deactivated_account_is_not_taken(there: RunningBot) -> None:
    create_collected_house(there)
    fill_form(there, "dee")
    there.deactivate("dee")
    before = there.model().version
    there.submit("dee")
    there.wait(lambda: GONE in words_to(there, "dee"))
    assert there.model().version == before


def test_an_account_that_is_active_again_may_answer(there: RunningBot) -> None:
    create_collected_house(there)
    there.deactivate("dee")
    there.command("dee", "/threatmodel undo")
    there.told("dee", GONE)
    there.sandbox.reactivate("dee")
    there.wait(lambda: there.bot.knows(PersonId(there.person("dee").id), HOUSE))
    there.command("dee", "/threatmodel status")
    there.told("dee", "TM-1")


def test_an_account_that_is_active_again_unheard_is_looked_up_and_its_answer_counts(
    there: RunningBot,
) -> None:
    create_collected_house(there)
    fill_form(there, "dee")
    there.deactivate("dee")
    with there.sandbox.quietly():
        there.sandbox.reactivate("dee")
    there.submit("dee")
    there.wait(lambda: "The cat" in there.names())


def test_slackbot_cannot_answer(there: RunningBot) -> None:
    create_collected_house(there)
    before = there.model().version
    said = there.command("ben", "/threatmodel list")
    forged = {**said.payload, "user_id": "USLACKBOT", "text": "undo", "trigger_id": "7.7"}
    there.sandbox.client.sender.send("slash_commands", forged)
    there.wait(lambda: any("Bots cannot answer" in one for one in there.whispers("ben")))
    assert there.model().version == before


def test_a_bot_that_mentions_the_bot_is_not_answered(there: RunningBot) -> None:
    """Two bots that answer each other would never stop."""
    create_collected_house(there)
    ben = there.person("ben").id
    event = {
        "type": "app_mention",
        "user": ben,
        "text": "<@U0THREATM> status",
        "channel": "C0HOUSE01",
        "ts": "1.1",
    }
    there.sandbox.client.event("app_mention", {**event, "bot_id": "B0OTHER"}, soon=False)
    there.sandbox.client.event("app_mention", {**event, "ts": "1.2"}, soon=False)
    there.wait(lambda: there.whispers("ben"))
    assert len(there.whispers("ben")) == 1, "only the person is answered"


def fill_form(there: RunningBot, who: str) -> None:
    there.command(who, "/threatmodel add asset")
    there.modal(who, "Add asset")
    there.person(who).fill("Name", "The cat")
