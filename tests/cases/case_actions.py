"""Actions of people in the failure cases, and checks of the results."""

import urllib.error
import urllib.request

from msgspec.structs import replace

from bot.sandbox.api import Delivery, SlackAccount
from bot.slack.transport.http_server import HttpServer
from bot.store import Verified
from bot.store.repositories.cards import Card
from domain.commands import NameElements
from domain.kernel.elements import Kind, PersonId
from tests.slack.slack_team import SlackTeam


def fill_asset_form(team: SlackTeam, who: str, name: str, *, where: str = "#house") -> None:
    """Open and fill in an asset's form without submitting it."""
    team.command(who, "/threatmodel add asset", where)
    team.modal(who, "Add asset")
    team.person(who).fill("Name", name)


def add_asset(team: SlackTeam, who: str, name: str, *, where: str = "#house") -> Delivery:
    """Add an asset through its form."""
    fill_asset_form(team, who, name, where=where)
    delivery = team.submit(who)
    assert team.person(who).modal is None, team.person(who).modal
    return delivery


def record_asset(team: SlackTeam, name: str, *, number: int = 0) -> None:
    """Name an asset past Slack, so that only the card shows it."""
    command = NameElements(by=PersonId(team.person("ana").id), at=team.now(), assets=(name,))
    team.command_handler.execute(command, stream=team.streams[number], key=team.key())


def asset_names(team: SlackTeam, number: int = 0) -> list[str]:
    """The names of a model's assets, in the order in which they were added."""
    return [one.name for one in team.model(number).of_kind(Kind.ASSET)]


def recorded_events(team: SlackTeam, number: int = 0) -> list[str]:
    """What the file holds of a model, event by event; the chain of everything is whole."""
    assert isinstance(team.store.verify(), Verified)
    return [type(event.event).__name__ for event in team.command_handler.events(team.streams[number])]


def known_card(team: SlackTeam, number: int = 0) -> Card:
    """What the bot knows of a model's card."""
    card = team.unit.cards.find(team.streams[number])
    assert card is not None
    return card


def direct_message_with(team: SlackTeam, who: str, words: str) -> str:
    """Wait for the bot's direct message with these words, and return it."""
    team.wait(lambda: any(words in message for message in bot_direct_messages(team, who)))
    return next(message for message in reversed(bot_direct_messages(team, who)) if words in message)


def bot_direct_messages(team: SlackTeam, who: str) -> list[str]:
    """Return the bot's direct messages to a person."""
    return [message.plain for message in team.person(who).direct_messages()]


def open_modal_text(team: SlackTeam, who: str) -> str:
    """Return the text of a person's open modal; empty if there is none."""
    seen = team.person(who).modal
    return seen.plain if seen else ""


def refused_calls(team: SlackTeam) -> list[str]:
    """The calls of the bot that Slack refused, with Slack's word for why."""
    calls = team.sandbox.api_calls
    return [f"{call.method}: {call.answer.get('error')}" for call in calls if not call.answer.get("ok")]


def fill_channel(team: SlackTeam, number: int) -> None:
    """Let many people be in the house all at once, without an event for each."""
    people = [
        SlackAccount(id=f"U0P{n:06d}", handle=f"p{n}", name=f"Person {n}", colour="#1d6fa5")
        for n in range(number)
    ]
    for person in people:
        team.sandbox.workspace.change_person(person)
    channel = team.sandbox.workspace.channel("#house")
    members = channel.members | {person.id for person in people}
    team.sandbox.workspace.change_channel(replace(channel, members=members))


def readiness_body(team: SlackTeam) -> tuple[int, str]:
    """What `/readyz` says first to whoever watches over the bot."""
    pages = HttpServer.start(team.bot.operators, host="127.0.0.1", port=0)
    try:
        with urllib.request.urlopen(f"{pages.address}/readyz", timeout=30) as answer:
            return answer.status, answer.readline().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.readline().decode()
    finally:
        pages.stop()
