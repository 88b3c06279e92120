"""Cases 22, 24 and 27: people who are gone, no people, out of reach, or very many."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.slack.directory.member_directory import Directory
from bot.store.repositories.workspace_directory import Person as KnownPerson
from domain.kernel.elements import PersonId
from tests.cases.case_actions import (
    add_asset,
    asset_names,
    bot_direct_messages,
    fill_channel,
    known_card,
    record_asset,
    recorded_events,
)
from tests.slack.slack_team import RunningBot, run_bot

CROWD = 450


def test_somebody_whose_account_was_deactivated_cannot_answer_and_is_not_lost(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    add_asset(there, "dee", "Valuables")
    there.deactivate("dee")
    there.command("dee", "/threatmodel undo")
    there.told("dee", "This account is deactivated")
    assert asset_names(there) == ["Valuables"], "what they said stays"
    there.sandbox.reactivate("dee")
    there.wait(lambda: not known(there, "dee").deactivated)
    there.command("dee", "/threatmodel undo")
    assert asset_names(there) == []


def test_a_bot_cannot_answer(there: RunningBot) -> None:
    there.start()
    there.sandbox.change_person("ben", is_bot=True)
    there.wait(lambda: known(there, "ben").bot)
    there.command("ben", "/threatmodel undo")
    there.told("ben", "Bots cannot answer")


def test_a_guest_of_the_channel_answers_like_everybody_else(there: RunningBot) -> None:
    there.start()
    there.sandbox.change_person("ben", is_restricted=True)
    there.wait(lambda: known(there, "ben").guest)
    add_asset(there, "ben", "Valuables")
    assert asset_names(there) == ["Valuables"]


def test_a_facilitator_who_is_gone_is_written_to_at_most_once_and_anybody_takes_over(
    there: RunningBot,
) -> None:
    """Slack takes no message for a deactivated account; that is no reason to try again and again."""
    there.start()
    there.person("ana").close()
    card = there.card("TM-1")
    there.deactivate("ana")
    there.sandbox.faults.fail_next("conversations.open", "user_disabled", times=100)
    there.sandbox.remove_bot("#house")
    there.wait(lambda: known_card(there).resting)
    there.sandbox.invite_bot("#house")
    there.know()
    there.person("chi").click(card, "More…")
    there.person("chi").click(there.modal("chi", "More"), "Take over")
    there.card("Facilitator: Chi")
    assert len(there.sandbox.calls_of("conversations.open")) <= 1
    assert recorded_events(there) == ["ThreatModelStarted", "FacilitatorChanged"]


@pytest.mark.parametrize("word", ["cannot_dm_bot", "user_disabled", "messages_tab_disabled"])
def test_somebody_who_takes_no_direct_messages_is_left_in_peace(there: RunningBot, word: str) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("conversations.open", word, times=100)
    there.sandbox.change_channel("#house", is_archived=True)
    there.wait(lambda: there.sandbox.calls_of("conversations.open"))
    record_asset(there, "Valuables")
    record_asset(there, "The cat")
    there.sandbox.change_channel("#house", is_archived=False)
    there.card("Assets  2")
    assert len(there.sandbox.calls_of("conversations.open")) == 1
    assert bot_direct_messages(there, "ana") == []


def test_every_member_of_a_very_large_channel_may_answer_the_last_page_too(either_way: RunningBot) -> None:
    """Slack hands out members two hundred at a time."""
    there = either_way
    fill_channel(there, CROWD)
    there.start()
    pages = [one for one in there.sandbox.calls_of("conversations.members") if one.answer["ok"]]
    assert len(pages) >= 3
    for number in (0, 199, 200, 399, 400, CROWD - 1):
        assert there.command(f"p{number}", "/threatmodel add asset").acked
        there.modal(f"p{number}", "Add asset")
        there.person(f"p{number}").fill("Name", f"Valuables of {number}")
        there.submit(f"p{number}")
        assert there.person(f"p{number}").modal is None, "known already: nobody has to wait for a look"
    assert len(asset_names(there)) == 6


def test_somebody_who_moved_without_a_word_is_in_their_new_time_zone_within_ten_minutes(
    tmp_path: Path,
) -> None:
    passed = timedelta()
    with run_bot(tmp_path / "threatmodel.db", clock=lambda: datetime.now(UTC) + passed) as there:
        there.start()
        assert known(there, "ben").zone == "America/New_York"
        with there.sandbox.quietly():
            there.sandbox.change_person("ben", tz="Asia/Tokyo", name="Ben in Tokyo")
        there.sandbox.ask_to_reconnect()
        passed = timedelta(minutes=10)
        there.wait(lambda: known(there, "ben").zone == "Asia/Tokyo", 15)


def test_a_change_that_slack_told_of_counts_at_once(there: RunningBot) -> None:
    there.start()
    there.sandbox.change_person("ben", tz="Asia/Tokyo")
    there.wait(lambda: known(there, "ben").zone == "Asia/Tokyo", 5)


def known(there: RunningBot, who: str) -> KnownPerson:
    person = Directory(there.unit).person(PersonId(there.person(who).id))
    assert person is not None
    return person
