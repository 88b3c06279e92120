"""Cases 22, 24 and 27: people who are gone, out of reach, or very many."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.slack.directory.member_directory import Directory
from bot.store.repositories.workspace_directory import Person as KnownPerson
from domain.kernel.elements import PersonId
from tests.cases.case_actions import (
    asset_names,
    bot_direct_messages,
    fill_channel,
    known_card,
    record_asset,
    recorded_events,
)
from tests.slack.slack_team import SlackTeam, run_bot

CROWD = 450


def test_a_facilitator_who_is_gone_is_written_to_at_most_once_and_anyone_takes_over(
    team: SlackTeam,
) -> None:
    """Slack takes no message for a deactivated account; that is no reason to try again and again."""
    team.start()
    team.person("ana").close()
    card = team.card("TM-1")
    team.deactivate("ana")
    team.sandbox.faults.fail_next("conversations.open", "user_disabled", times=100)
    team.sandbox.remove_bot("#house")
    team.wait(lambda: known_card(team).suspension_reason)
    team.sandbox.invite_bot("#house")
    team.read_channel()
    team.person("chi").click(card, "More…")
    team.person("chi").click(team.modal("chi", "More"), "Take over")
    team.card("Facilitator: Chi")
    assert len(team.sandbox.calls_of("conversations.open")) <= 1
    assert recorded_events(team) == ["ThreatModelStarted", "FacilitatorChanged"]


@pytest.mark.parametrize("word", ["cannot_dm_bot", "user_disabled", "messages_tab_disabled"])
def test_a_person_who_refuses_direct_messages_gets_no_more(team: SlackTeam, word: str) -> None:
    team.start()
    team.card("TM-1")
    team.sandbox.faults.fail_next("conversations.open", word, times=100)
    team.sandbox.change_channel("#house", is_archived=True)
    team.wait(lambda: team.sandbox.calls_of("conversations.open"))
    record_asset(team, "Valuables")
    record_asset(team, "The cat")
    team.sandbox.change_channel("#house", is_archived=False)
    team.card("Assets  2")
    assert len(team.sandbox.calls_of("conversations.open")) == 1
    assert bot_direct_messages(team, "ana") == []


def test_every_member_of_a_very_large_channel_may_answer_the_last_page_too(either_way: SlackTeam) -> None:
    """Slack hands out members two hundred at a time."""
    team = either_way
    fill_channel(team, CROWD)
    team.start()
    pages = [call for call in team.sandbox.calls_of("conversations.members") if call.answer["ok"]]
    assert len(pages) >= 3
    for number in (0, 199, 200, 399, 400, CROWD - 1):
        assert team.command(f"p{number}", "/threatmodel add asset").acked
        team.modal(f"p{number}", "Add asset")
        team.person(f"p{number}").fill("Name", f"Valuables of {number}")
        team.submit(f"p{number}")
        assert team.person(f"p{number}").modal is None, "known already: nobody has to wait for a look"
    assert len(asset_names(team)) == 6


def test_someone_who_moved_without_a_word_is_in_their_new_time_zone_within_ten_minutes(
    tmp_path: Path,
) -> None:
    passed = timedelta()
    with run_bot(tmp_path / "threatmodel.db", clock=lambda: datetime.now(UTC) + passed) as team:
        team.start()
        assert known(team, "ben").zone == "America/New_York"
        with team.sandbox.quietly():
            team.sandbox.change_person("ben", tz="Asia/Tokyo", name="Ben in Tokyo")
        passed = timedelta(minutes=10)
        team.sandbox.ask_to_reconnect()
        team.wait(lambda: known(team, "ben").zone == "Asia/Tokyo")


def known(team: SlackTeam, who: str) -> KnownPerson:
    person = Directory(team.unit).person(PersonId(team.person(who).id))
    assert person is not None
    return person
