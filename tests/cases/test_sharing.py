"""Case 23: channels that other organizations see too, from the beginning or from one day on."""

from tests.cases.case_actions import (
    add_asset,
    asset_names,
    bot_direct_messages,
    direct_message_with,
    open_form_errors,
    open_modal_text,
    record_asset,
    recorded_events,
)
from tests.slack.slack_team import SlackTeam


def test_in_a_shared_channel_a_start_is_refused_unless_an_administrator_makes_it(
    either_way: SlackTeam,
) -> None:
    team = either_way
    team.sandbox.add_person("pat", "#house", team="T0PARTNER")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.read_channel()
    team.command("ben", "/threatmodel start The House")
    team.private_message("ben", "shared with another organization")
    assert team.streams == []
    team.command("ana", "/threatmodel start The House")
    assert "Members of the other organization will see" in team.modal("ana", "New threat model").plain
    team.submit("ana")
    team.modal("ana", "Add data flows")
    team.card("The House · TM-1")
    assert team.model().sharing_allowed


def test_strangers_see_nothing_and_change_nothing_wherever_they_press(either_way: SlackTeam) -> None:
    team = either_way
    team.sandbox.add_person("pat", "#house", team="T0PARTNER")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    team.start("ana")
    team.person("ana").close()
    add_asset(team, "ben", "Valuables")
    before = recorded_events(team)
    for word in ("status", "list", "history", "add asset", "undo"):
        team.command("pat", f"/threatmodel {word}")
    team.person("pat").click(team.card("Assets  1"), "More…")
    team.person("pat").click(team.card("Assets  1"), action_id="open:add-asset")
    team.wait(lambda: len(team.private_messages("pat")) == 7)
    assert [message for message in team.private_messages("pat") if "other organizations" not in message] == []
    assert team.person("pat").modal is None
    assert recorded_events(team) == before


def test_shared_later_it_warns_says_nothing_more_and_goes_on_once_that_is_taken_back(
    either_way: SlackTeam,
) -> None:
    team = either_way
    team.start()
    team.person("ana").close()
    card = team.card("TM-1")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    direct_message_with(team, "ana", "another organization")
    add_asset(team, "ben", "Valuables")
    record_asset(team, "The cat")
    assert asset_names(team) == ["Valuables", "The cat"], "members go on; only the card says nothing"
    assert "Assets  0" in team.cards()[-1].plain
    team.sandbox.change_channel("#house", is_ext_shared=False)
    assert team.card("Assets  2").ts == card.ts
    assert len(bot_direct_messages(team, "ana")) == 1


def test_shared_later_it_goes_on_once_an_administrator_allows_it(team: SlackTeam) -> None:
    team.start("ben")
    team.person("ben").close()
    card = team.card("TM-1")
    team.sandbox.change_channel("#house", is_ext_shared=True)
    direct_message_with(team, "ben", "another organization")
    record_asset(team, "Valuables")
    press_allow(team, "ben")
    team.wait(lambda: "administrator" in words_to(team, "ben"))
    assert not team.model().sharing_allowed
    press_allow(team, "ana")
    assert team.card("Assets  1").ts == card.ts
    assert team.model().sharing_allowed


def test_shared_in_silence_it_is_found_out_by_the_next_look(team: SlackTeam) -> None:
    """No event tells of it; whatever is said before that look has been seen by the others already."""
    team.start()
    team.card("TM-1")
    with team.sandbox.quietly():
        team.sandbox.change_channel("#house", is_ext_shared=True)
    team.sandbox.ask_to_reconnect()
    direct_message_with(team, "ana", "another organization")
    record_asset(team, "Valuables")
    assert "Assets  0" in team.cards()[-1].plain


def test_a_private_channel_that_is_shared_gets_another_id_and_its_model_goes_with_it(
    either_way: SlackTeam,
) -> None:
    team = either_way
    team.start()
    team.person("ana").close()
    card = team.card("TM-1")
    team.sandbox.change_channel("#house", is_private=True)
    now = team.sandbox.change_channel_id("#house")
    team.wait(lambda: team.model().channel == now)
    add_asset(team, "ben", "Valuables")
    assert team.card("Assets  1").ts == card.ts
    team.sandbox.change_channel("#house", is_ext_shared=True)
    direct_message_with(team, "ana", "another organization")


def press_allow(team: SlackTeam, who: str) -> None:
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), "Allow sharing")


def words_to(team: SlackTeam, who: str) -> str:
    return "\n".join([open_modal_text(team, who), open_form_errors(team, who), *team.private_messages(who)])
