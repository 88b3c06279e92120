"""A private channel's model: who is not in the channel learns nothing of it, by any way at all."""

from collections.abc import Callable

import pytest

from bot.sandbox.api import BOT_USER_ID, Delivery
from bot.slack.directory.member_directory import Directory
from bot.slack.protocol.app_ids import REPORT_SHORTCUT, START_SHORTCUT
from domain.kernel.elements import ChannelId, PersonId
from tests.slack.slack_team import RunningBot
from tests.slack.test_access import altered
from tests.slack.test_shared_channels import words_to

NOT_A_MEMBER = "Only members of this model's channel"
NAME = "The secret vault"
SECRETS = (NAME, "Gold bars")


@pytest.fixture
def vault(there: RunningBot) -> RunningBot:
    """Ana and Ben have a model in #house-keys; Dee is in #house with them, where there is none."""
    there.sandbox.invite_bot("#house-keys")
    there.know("#house")
    there.start("ana", NAME, "#house-keys")
    there.person("ana").fill("Assets", "Gold bars")
    there.submit("ana")
    there.card("Assets  1", where="#house-keys")
    return there


WAYS: dict[str, Callable[[RunningBot, str], object]] = {
    "list": lambda there, who: there.command(who, "/threatmodel list"),
    "status with the key": lambda there, who: there.command(who, "/threatmodel status TM-1"),
    "history": lambda there, who: there.command(who, "/threatmodel history TM-1"),
    "as-of": lambda there, who: there.command(who, "/threatmodel as-of yesterday TM-1"),
    "questions": lambda there, who: there.command(who, "/threatmodel questions TM-1"),
    "undo": lambda there, who: there.command(who, "/threatmodel undo TM-1"),
    "threats": lambda there, who: there.command(who, "/threatmodel threats TM-1"),
    "settings": lambda there, who: there.command(who, "/threatmodel settings TM-1"),
    "a mention": lambda there, who: there.person(who).say("#house", "@threatmodel status TM-1"),
    "the Home tab": lambda there, who: there.person(who).open_home(),
    "the global shortcut": lambda there, who: there.person(who).shortcut(START_SHORTCUT),
    "a message": lambda there, who: there.person(who).message_shortcut(
        there.person(who).say("#house", "look at this"), REPORT_SHORTCUT
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_it_is_shown_to_who_is_not_in_the_channel(vault: RunningBot, way: str) -> None:
    before = everything(vault, "dee")
    WAYS[way](vault, "dee")
    vault.wait(lambda: everything(vault, "dee") != before)
    assert not [secret for secret in SECRETS if secret in everything(vault, "dee")]


def test_who_is_in_the_channel_sees_it_by_the_same_ways(vault: RunningBot) -> None:
    """Otherwise the test above could not fail."""
    for word in ("list", "status TM-1", "history TM-1"):
        vault.command("ben", f"/threatmodel {word}", "#house-keys")
    vault.person("ben").open_home()
    vault.wait(lambda: NAME in home(vault, "ben"))
    vault.wait(lambda: all(secret in everything(vault, "ben") for secret in SECRETS))


def test_a_key_of_another_channel_reads_like_one_that_is_not_there(vault: RunningBot) -> None:
    vault.command("dee", "/threatmodel status TM-1")
    vault.command("dee", "/threatmodel status TM-9")
    vault.wait(lambda: len(vault.whispers("dee")) == 2)
    here, nowhere = vault.whispers("dee")
    assert here.replace("TM-1", "TM-9") == nowhere


def test_a_forged_button_reads_alike_whether_the_model_is_there_or_not(vault: RunningBot) -> None:
    vault.command("dee", "/threatmodel help")
    clicked = press_something(vault, "dee")
    for key in ("TM-1", "TM-99"):
        value = f'{{"v":1,"w":"more","s":"T0SANDBOX/{key}"}}'
        action = {**clicked.payload["actions"][0], "action_id": "show:more", "value": value}
        vault.sandbox.client.sender.send("interactive", altered(clicked, actions=[action]))
    vault.wait(lambda: len([one for one in vault.whispers("dee") if NOT_A_MEMBER in one]) == 2)
    first, second = (one for one in vault.whispers("dee") if NOT_A_MEMBER in one)
    assert first == second
    assert not vault.person("dee").modal or NAME not in words_to(vault, "dee")


def test_old_buttons_open_nothing_for_who_has_left(vault: RunningBot) -> None:
    card = vault.card("TM-1", where="#house-keys")
    vault.person("ben").leave("#house-keys")
    vault.person("ben").click(card, "More…")
    vault.wait(lambda: any(NOT_A_MEMBER in one for one in vault.whispers("ben", "#house-keys")))
    assert vault.person("ben").modal is None


def test_a_form_opened_before_leaving_is_not_taken(vault: RunningBot) -> None:
    vault.command("ben", "/threatmodel add asset", "#house-keys")
    vault.modal("ben", "Add asset")
    vault.person("ben").fill("Name", "Diamonds")
    before = vault.model().version
    vault.person("ben").leave("#house-keys")
    vault.submit("ben")
    vault.wait(lambda: NOT_A_MEMBER in words_to(vault, "ben"))
    assert vault.model().version == before


def test_a_page_opened_before_leaving_leads_nowhere(vault: RunningBot) -> None:
    vault.person("ben").click(vault.card("TM-1", where="#house-keys"), "More…")
    page = vault.modal("ben", "More")
    vault.person("ben").leave("#house-keys")
    vault.person("ben").click(page, "Assets (1)")
    vault.wait(lambda: NOT_A_MEMBER in words_to(vault, "ben"))


def test_the_home_tab_of_who_leaves_loses_the_model(vault: RunningBot) -> None:
    vault.person("ben").open_home()
    vault.wait(lambda: NAME in home(vault, "ben"))
    vault.person("ben").leave("#house-keys")
    vault.wait(lambda: NAME not in home(vault, "ben"))


def test_a_channel_made_private_keeps_its_model_to_its_members(there: RunningBot) -> None:
    there.start("ana", NAME)
    card = there.card("TM-1")
    there.person("dee").leave("#house")
    there.sandbox.change_channel("#house", is_private=True)
    there.know()
    there.person("dee").click(card, "More…")
    there.told("dee", NOT_A_MEMBER)
    there.command("ben", "/threatmodel status")
    assert NAME in there.told("ben", "TM-1")


def test_a_private_channel_that_the_bot_was_thrown_out_of_is_answered_for_by_nobody(
    vault: RunningBot,
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
    vault.know("#house-keys")
    vault.submit("ben")
    vault.wait(lambda: "Diamonds" in vault.names())


def press_something(there: RunningBot, who: str) -> Delivery:
    message = next(one for one in reversed(there.person(who).sees("#house")) if one.ephemeral and one.buttons)
    return there.person(who).click(message, message.buttons[0].label)


def everything(there: RunningBot, who: str) -> str:
    """All that the bot shows to somebody alone, and the modal in front of them."""
    person = there.person(who)
    channels = [one for one in there.sandbox.workspace.channels if person.id in one.members]
    seen = [message for one in channels for message in person.sees(f"#{one.name}")]
    told = [message.plain for message in seen if message.author != person.name]
    letters = [one.plain for one in person.direct_messages()]
    return "\n".join([*told, *letters, home(there, who), words_to(there, who)])


def home(there: RunningBot, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""


def errors_to(there: RunningBot, who: str) -> str:
    seen = there.person(who).modal
    return " ".join(seen.errors.values()) if seen else ""


def test_who_starts_just_after_the_bot_was_invited_is_not_told_that_it_is_not_there(
    there: RunningBot,
) -> None:
    ana = there.person("ana")
    channel = ChannelId(there.sandbox.workspace.channel("#house-keys").id)
    there.bot.read_channel(channel)
    there.command("ana", "/threatmodel start Keys", "#house-keys")
    there.told("ana", "I am not in this channel yet", "#house-keys")
    with there.sandbox.faults.holding("conversations.members"):  # the look that confirms the invitation
        ana.command("#house-keys", "/invite @threatmodel")
        there.wait(lambda: Directory(there.unit).is_expected(channel, PersonId(BOT_USER_ID)))
        there.command("ana", "/threatmodel start Keys", "#house-keys")
        there.modal("ana", "New threat model")
        there.submit("ana")
    there.wait(lambda: [one.name for one in there.store.streams()] == ["Keys"])
