"""Case 23: channels that other organisations see too, from the beginning or from one day on."""

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
from tests.slack.slack_team import RunningBot


def test_in_a_shared_channel_a_start_is_refused_unless_an_administrator_makes_it(
    either_way: RunningBot,
) -> None:
    there = either_way
    there.sandbox.add_person("pat", "#house", team="T0PARTNER")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.know()
    there.command("ben", "/threatmodel start The House")
    there.told("ben", "shared with another organisation")
    assert there.streams == []
    there.command("ana", "/threatmodel start The House")
    assert "They will see the card" in there.modal("ana", "New threat model").plain
    there.submit("ana")
    there.modal("ana", "Name what there is")
    there.card("The House · TM-1")
    assert there.model().sharing_allowed


def test_strangers_see_nothing_and_change_nothing_wherever_they_press(either_way: RunningBot) -> None:
    there = either_way
    there.sandbox.add_person("pat", "#house", team="T0PARTNER")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    there.start("ana")
    there.person("ana").close()
    add_asset(there, "ben", "Valuables")
    before = recorded_events(there)
    for word in ("status", "list", "history", "add asset", "undo"):
        there.command("pat", f"/threatmodel {word}")
    there.person("pat").click(there.card("Assets  1"), "More…")
    there.person("pat").click(there.card("Assets  1"), action_id="open:add-asset")
    there.wait(lambda: len(there.whispers("pat")) == 7)
    assert [one for one in there.whispers("pat") if "other organisations" not in one] == []
    assert there.person("pat").modal is None
    assert recorded_events(there) == before


def test_shared_later_it_warns_says_nothing_more_and_goes_on_once_that_is_taken_back(
    either_way: RunningBot,
) -> None:
    there = either_way
    there.start()
    there.person("ana").close()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    direct_message_with(there, "ana", "another organisation")
    add_asset(there, "ben", "Valuables")
    record_asset(there, "The cat")
    assert asset_names(there) == ["Valuables", "The cat"], "members go on; only the card says nothing"
    assert "Assets  0" in there.cards()[-1].plain
    there.sandbox.change_channel("#house", is_ext_shared=False)
    assert there.card("Assets  2").ts == card.ts
    assert len(bot_direct_messages(there, "ana")) == 1


def test_shared_later_it_goes_on_once_an_administrator_allows_it(there: RunningBot) -> None:
    there.start("ben")
    there.person("ben").close()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", is_ext_shared=True)
    direct_message_with(there, "ben", "another organisation")
    record_asset(there, "Valuables")
    press_allow(there, "ben")
    there.wait(lambda: "administrator" in words_to(there, "ben"))
    assert not there.model().sharing_allowed
    press_allow(there, "ana")
    assert there.card("Assets  1").ts == card.ts
    assert there.model().sharing_allowed


def test_shared_in_silence_it_is_found_out_by_the_next_look(there: RunningBot) -> None:
    """No event tells of it; whatever is said before that look has been seen by the others already."""
    there.start()
    there.card("TM-1")
    with there.sandbox.quietly():
        there.sandbox.change_channel("#house", is_ext_shared=True)
    there.sandbox.ask_to_reconnect()
    direct_message_with(there, "ana", "another organisation")
    record_asset(there, "Valuables")
    assert "Assets  0" in there.cards()[-1].plain


def test_a_private_channel_that_is_shared_gets_another_id_and_its_model_goes_with_it(
    either_way: RunningBot,
) -> None:
    there = either_way
    there.start()
    there.person("ana").close()
    card = there.card("TM-1")
    there.sandbox.change_channel("#house", is_private=True)
    now = there.sandbox.change_channel_id("#house")
    there.wait(lambda: there.model().channel == now)
    add_asset(there, "ben", "Valuables")
    assert there.card("Assets  1").ts == card.ts
    there.sandbox.change_channel("#house", is_ext_shared=True)
    direct_message_with(there, "ana", "another organisation")


def press_allow(there: RunningBot, who: str) -> None:
    there.person(who).click(there.card("TM-1"), "More…")
    there.person(who).click(there.modal(who, "More"), "Allow sharing")


def words_to(there: RunningBot, who: str) -> str:
    return "\n".join([open_modal_text(there, who), open_form_errors(there, who), *there.whispers(who)])
