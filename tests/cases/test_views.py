"""Cases 13 and 15: forms that came too late, or were closed while their words were checked."""

import pytest

from bot.slack.protocol.app_ids import START_SHORTCUT
from tests.cases.case_actions import (
    add_asset,
    asset_names,
    direct_message_with,
    fill_asset_form,
    open_modal_text,
)
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam
from tests.waiting import PATIENCE


def test_a_form_that_took_more_than_three_seconds_is_offered_again(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.card("TM-1")
    too_late(team, lambda: team.command("ben", "/threatmodel add asset"))
    assert team.person("ben").modal is None
    team.private_message("ben", "three seconds")
    offered = team.person("ben").sees("#house")[-1]
    assert offered.ephemeral
    team.person("ben").click(offered, "Open again")
    team.modal("ben", "Add asset")


def test_a_press_on_the_card_that_came_too_late_is_offered_again(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    too_late(team, lambda: team.person("ben").click(card, action_id="open:add-asset"))
    team.private_message("ben", "three seconds")
    team.person("ben").click(team.person("ben").sees("#house")[-1], "Open again")
    team.modal("ben", "Add asset")


def test_a_shortcut_that_came_too_late_is_offered_again_by_direct_message(team: SlackTeam) -> None:
    """A global shortcut belongs to no channel, so there is no place to whisper in."""
    too_late(team, lambda: team.person("ben").shortcut(START_SHORTCUT))
    direct_message_with(team, "ben", "three seconds")
    team.person("ben").click(team.person("ben").direct_messages()[-1], "Open again")
    team.modal("ben", "New threat model")


def test_a_page_that_came_too_late_for_the_top_of_another_takes_its_place(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").click(team.card("TM-1"), "More…")
    page = team.modal("ben", "More")
    too_late(team, lambda: team.person("ben").click(page, "Assets (4)"))
    assert team.modal("ben", "Assets").id == page.id


@pytest.mark.parametrize("trouble", ["server_error", "dropped", "answer_lost"])
def test_a_form_that_slack_did_not_answer_for_is_offered_again(team: SlackTeam, trouble: str) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("views.open", trouble)
    team.command("ben", "/threatmodel add asset")
    team.private_message("ben", "Slack did not confirm that the form opened")


def test_a_form_that_was_closed_while_its_words_were_checked_has_its_outcome_told(team: SlackTeam) -> None:
    """Eve joins unheard of; her answer is kept, she closes the modal, and the answer counts all the same."""
    team.start()
    team.sandbox.workspace.join(team.sandbox.workspace.channel("#house").id, team.person("eve").id)
    team.read_channel()
    fill_asset_form(team, "eve", "Valuables")
    with team.store.database.writing() as connection:
        connection.execute("DELETE FROM slack_people WHERE id = ?", (team.person("eve").id,))
    with team.sandbox.faults.holding():
        team.submit("eve")
        assert "One moment" in open_modal_text(team, "eve")
        team.person("eve").close()
    direct_message_with(team, "eve", "now saved")
    assert asset_names(team) == ["Valuables"]


def test_a_page_turned_twice_at_once_shows_one_of_them_and_breaks_nothing(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    team.person("ben").click(team.card("TM-1"), "More…")
    page = team.modal("ben", "More")
    team.person("ben").click(page, "Assets (4)")
    team.person("ben").click(page, "Entry points (3)")
    team.wait(lambda: open_modal_text(team, "ben").startswith(("Assets", "Entry points")))
    add_asset(team, "chi", "The cat")
    assert "The cat" in asset_names(team)


def too_late(team: SlackTeam, act: object) -> None:
    """Do something while Slack answers nothing, and let its three seconds pass meanwhile."""
    assert callable(act)
    with team.sandbox.faults.holding():
        act()
        team.sandbox.clock.move(PATIENCE + 1)
