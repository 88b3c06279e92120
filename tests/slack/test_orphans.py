"""Cards that a crash left behind: who presses their buttons, and what becomes of them."""

from msgspec.structs import replace

from bot.sandbox.api import VisibleMessage
from bot.store.repositories.cards import card_slot
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import AddAsset
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id

ADD = "open:add-asset"


def test_a_card_that_was_left_behind_goes_also_where_what_its_button_asks_for_is_refused(
    team: SlackTeam,
) -> None:
    team.read_channel()
    team.command("ana", "/threatmodel start The House")
    team.modal("ana", "New threat model")
    team.person("ana").choose("Participants", "ana", "ben")
    team.submit("ana")
    orphan = leave_behind(team)
    team.person("chi").click(orphan, action_id=ADD)

    team.private_message("chi", "not a participant of this model")
    only_the_card_is_left(team, orphan)


def test_a_card_that_was_left_behind_goes_whoever_presses_it(team: SlackTeam) -> None:
    team.start()
    orphan = leave_behind(team)
    team.person("eve").click(orphan, action_id=ADD)

    team.private_message("eve", "Only members of this model's channel")
    only_the_card_is_left(team, orphan)


def test_a_card_that_no_one_recorded_is_the_card_once_it_is_pressed(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    team.unit.deliveries.put(replace(record(team), external_id="", shown=""))
    team.person("chi").click(card, action_id=ADD)
    team.modal("chi", "Add asset")
    team.wait(lambda: record(team).external_id == card.ts)
    add_asset(team)

    assert team.card("Assets  1").ts == card.ts
    assert len(team.cards()) == 1


def leave_behind(team: SlackTeam) -> VisibleMessage:
    """Have the bot forget the post of a card, so that it posts another one; returns the first one."""
    card = team.card("TM-1")
    team.unit.deliveries.put(replace(record(team), attempt="never seen", external_id="", shown=""))
    add_asset(team)
    team.wait(lambda: len(team.cards()) == 2)
    team.card("Assets  1")
    return card


def only_the_card_is_left(team: SlackTeam, orphan: VisibleMessage) -> None:
    team.wait(lambda: len(team.cards()) == 1)
    assert team.cards()[0].ts == record(team).external_id != orphan.ts


def record(team: SlackTeam) -> DeliveryRecord:
    found = team.unit.deliveries.find(card_slot(team.streams[0]))
    assert found is not None
    return found


def add_asset(team: SlackTeam) -> None:
    add = AddAsset(by=person_id(team, "ana"), at=team.now(), name="Valuables")
    team.command_handler.execute(add, stream=team.streams[0], key=team.key())
