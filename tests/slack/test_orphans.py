"""Cards that a crash left behind: who presses their buttons, and what becomes of them."""

from msgspec.structs import replace

from bot.sandbox.api import VisibleMessage
from bot.store.repositories.cards import card_slot
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import AddAsset
from tests.slack.running_bot import RunningBot
from tests.slack.voting_steps import person_id

ADD = "open:add-asset"


def test_a_card_that_was_left_behind_goes_also_where_what_its_button_asks_for_is_refused(
    there: RunningBot,
) -> None:
    there.know()
    there.command("ana", "/threatmodel start The House")
    there.modal("ana", "New threat model")
    there.person("ana").choose("Participants", "ana", "ben")
    there.submit("ana")
    orphan = leave_behind(there)
    there.person("chi").click(orphan, action_id=ADD)

    there.told("chi", "not among this model's participants")
    only_the_card_is_left(there, orphan)


def test_a_card_that_was_left_behind_goes_whoever_presses_it(there: RunningBot) -> None:
    there.start()
    orphan = leave_behind(there)
    there.person("eve").click(orphan, action_id=ADD)

    there.told("eve", "Only members of this model's channel")
    only_the_card_is_left(there, orphan)


def test_a_card_that_nobody_recorded_is_the_card_once_it_is_pressed(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    there.unit.deliveries.put(replace(record(there), external_id="", shown=""))
    there.person("chi").click(card, action_id=ADD)
    there.modal("chi", "Add asset")
    there.wait(lambda: record(there).external_id == card.ts)
    add_asset(there)

    assert there.card("Assets  1").ts == card.ts
    assert len(there.cards()) == 1


def leave_behind(there: RunningBot) -> VisibleMessage:
    """Have the bot forget the post of a card, so that it posts another one; returns the first one."""
    card = there.card("TM-1")
    there.unit.deliveries.put(replace(record(there), attempt="never seen", external_id="", shown=""))
    add_asset(there)
    there.wait(lambda: len(there.cards()) == 2)
    there.card("Assets  1")
    return card


def only_the_card_is_left(there: RunningBot, orphan: VisibleMessage) -> None:
    there.wait(lambda: len(there.cards()) == 1)
    assert there.cards()[0].ts == record(there).external_id != orphan.ts


def record(there: RunningBot) -> DeliveryRecord:
    found = there.unit.deliveries.find(card_slot(there.streams[0]))
    assert found is not None
    return found


def add_asset(there: RunningBot) -> None:
    add = AddAsset(by=person_id(there, "ana"), at=there.now(), name="Valuables")
    there.command_handler.execute(add, stream=there.streams[0], key=there.key())
