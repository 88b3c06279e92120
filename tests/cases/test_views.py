"""Cases 13 and 15: forms that came too late, closed under the bot's hands, or from another release."""

import pytest

from bot.slack.protocol.app_ids import START_SHORTCUT
from tests.cases.case_actions import (
    add_asset,
    asset_names,
    direct_message_with,
    fill_asset_form,
    open_modal_text,
    recorded_events,
)
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot
from tests.waiting import PATIENCE


def test_a_form_that_took_more_than_three_seconds_is_offered_again(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    there.card("TM-1")
    too_late(there, lambda: there.command("ben", "/threatmodel add asset"))
    assert there.person("ben").modal is None
    there.told("ben", "three seconds")
    offered = there.person("ben").sees("#house")[-1]
    assert offered.ephemeral
    there.person("ben").click(offered, "Open again")
    there.modal("ben", "Add asset")


def test_a_press_on_the_card_that_came_too_late_is_offered_again(there: RunningBot) -> None:
    there.start()
    card = there.card("TM-1")
    too_late(there, lambda: there.person("ben").click(card, action_id="open:add-asset"))
    there.told("ben", "three seconds")
    there.person("ben").click(there.person("ben").sees("#house")[-1], "Open again")
    there.modal("ben", "Add asset")


def test_a_shortcut_that_came_too_late_is_offered_again_by_direct_message(there: RunningBot) -> None:
    """A global shortcut belongs to no channel, so there is no place to whisper in."""
    too_late(there, lambda: there.person("ben").shortcut(START_SHORTCUT))
    direct_message_with(there, "ben", "three seconds")
    there.person("ben").click(there.person("ben").direct_messages()[-1], "Open again")
    there.modal("ben", "New threat model")


def test_a_page_that_came_too_late_for_the_top_of_another_takes_its_place(there: RunningBot) -> None:
    create_collected_house(there)
    there.person("ben").click(there.card("TM-1"), "More…")
    page = there.modal("ben", "More")
    too_late(there, lambda: there.person("ben").click(page, "Assets (4)"))
    assert there.modal("ben", "Assets").id == page.id


@pytest.mark.parametrize("trouble", ["server_error", "dropped", "answer_lost"])
def test_a_form_that_slack_did_not_answer_for_is_offered_again(there: RunningBot, trouble: str) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("views.open", trouble)
    there.command("ben", "/threatmodel add asset")
    there.told("ben", "Slack did not answer when I opened the form")


def test_a_form_that_was_closed_while_its_words_were_checked_has_its_outcome_told(there: RunningBot) -> None:
    """Eve joins unheard of; her answer is kept, she closes the modal, and the answer counts all the same."""
    there.start()
    there.sandbox.workspace.join(there.sandbox.workspace.channel("#house").id, there.person("eve").id)
    there.know()
    fill_asset_form(there, "eve", "Valuables")
    with there.store.database.writing() as connection:
        connection.execute("DELETE FROM slack_people WHERE person = ?", (there.person("eve").id,))
    with there.sandbox.faults.holding():
        there.submit("eve")
        assert "One moment" in open_modal_text(there, "eve")
        there.person("eve").close()
    direct_message_with(there, "eve", "saved now")
    assert asset_names(there) == ["Valuables"]


def test_a_page_turned_twice_at_once_shows_one_of_them_and_breaks_nothing(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    there.person("ben").click(there.card("TM-1"), "More…")
    page = there.modal("ben", "More")
    there.person("ben").click(page, "Assets (4)")
    there.person("ben").click(page, "Entry points (3)")
    there.wait(lambda: open_modal_text(there, "ben").startswith(("Assets", "Entry points")))
    add_asset(there, "chi", "The cat")
    assert "The cat" in asset_names(there)


def test_a_button_of_an_old_release_is_refused_kindly_and_does_nothing(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    add_asset(there, "ben", "Valuables")
    before = recorded_events(there)
    press_with_value(there, '{"v":0,"w":"undo","s":"T0SANDBOX/TM-1"}')
    assert "older version of the bot" in there.told("ben", "older version")
    assert recorded_events(there) == before


def test_a_form_of_an_old_release_is_refused_kindly_and_says_so_in_its_place(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    fill_asset_form(there, "ben", "Valuables")
    submission = {**there.sandbox.last_act.payload}
    delivery = there.submit("ben")
    submission = {**delivery.payload, "view": {**delivery.payload["view"], "callback_id": "add_element_v0"}}
    submission["view"]["hash"] = "1790000000.older"
    answer = there.sandbox.client.sender.send("interactive", submission)
    assert answer.acked
    assert answer.response is not None
    assert "older version of the bot" in str(answer.response["view"])
    assert asset_names(there) == ["Valuables"]


def too_late(there: RunningBot, act: object) -> None:
    """Do something while Slack answers nothing, and let its three seconds pass meanwhile."""
    assert callable(act)
    with there.sandbox.faults.holding():
        act()
        there.sandbox.clock.move(PATIENCE + 1)


def press_with_value(there: RunningBot, value: str) -> None:
    """Press a button of the card that carries something else than today's bot would write."""
    there.person("ben").click(there.card("TM-1"), "More…")
    there.modal("ben", "More")
    clicked = there.sandbox.last_act.payload
    there.person("ben").close()
    action = {
        **clicked["actions"][0],
        "action_id": "do:undo",
        "value": value,
        "action_ts": "1790000000.000001",
    }
    assert there.sandbox.client.sender.send("interactive", {**clicked, "actions": [action]}).acked
