"""Recorded before it is acknowledged, and acknowledged before anything is asked of Slack."""

import sqlite3

import pytest
from structlog.testing import capture_logs

from bot.sandbox.api import Delivery
from tests.running_database import only_on_a_file
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import SlackTeam, locked, run_at_the_same_time

pytestmark = only_on_a_file


def test_no_ack_waits_for_slack(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    card = team.card("TM-1")
    with team.sandbox.faults.holding():
        acks = [team.command("ben", "/threatmodel add asset")]
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "The cat")
    with team.sandbox.faults.holding():
        acks.append(team.submit("ben"))
        words = ("status", "list", "help", "undo", "history")
        acks += [team.command("ben", f"/threatmodel {word}") for word in words]
        acks.append(team.person("chi").click(card, "More…"))
        acks.append(team.command("eve", "/threatmodel undo"))
    assert [ack for ack in acks if not ack.acked] == []


def test_what_is_acknowledged_is_in_the_file(team: SlackTeam) -> None:
    """Read by a connection of its own, as after a power failure."""
    team.start()
    team.person("ana").fill("Assets", "Valuables")
    delivery = team.submit("ana")
    assert delivery.acked
    with sqlite3.connect(f"file:{team.store.database.path}?mode=ro", uri=True) as file:
        (found,) = file.execute(
            "SELECT count(*) FROM events WHERE CAST(data AS TEXT) LIKE '%Valuables%'"
        ).fetchone()
    assert found == 1


def test_while_nothing_can_be_recorded_the_form_stays_open_with_its_words(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", "Valuables")
    with locked(team):
        delivery = team.submit("ben")
    form = team.modal("ben", "Add asset")
    assert delivery.acked
    assert "not saved yet" in form.errors["name"]
    assert form.values["Name"] == "Valuables"
    assert "Valuables" not in team.names()
    team.submit("ben")
    assert "Valuables" in team.names()


def test_while_nothing_can_be_recorded_everyone_hears_so_in_time(either_way: SlackTeam) -> None:
    team = either_way
    team.start()
    team.person("ana").close()
    everybody = ("ana", "ben", "chi", "dee")
    for who in everybody:
        team.command(who, "/threatmodel add asset")
        team.modal(who, "Add asset")
        team.person(who).fill("Name", f"Valuables of {who}")
    acks: list[Delivery] = []
    with locked(team):
        run_at_the_same_time(*[lambda who=who: acks.append(team.submit(who)) for who in everybody])
    assert [ack for ack in acks if not ack.acked] == []
    for who in everybody:
        assert "not saved yet" in team.modal(who, "Add asset").errors["name"]


def test_while_nothing_can_be_recorded_a_press_is_told_so(team: SlackTeam) -> None:
    create_collected_house(team)
    before = team.model().version
    with locked(team):
        team.command("ana", "/threatmodel undo")
    team.private_message("ana", "The database is unavailable")
    assert team.model().version == before


def test_while_nothing_can_be_recorded_a_form_that_names_a_person_to_look_up_says_so(
    team: SlackTeam,
) -> None:
    create_collected_house(team)
    ana = team.person("ana")
    ana.click(team.card("TM-1"), "More…")
    ana.click(team.modal("ana", "More"), "Reassign facilitator")
    team.modal("ana", "Reassign facilitator")
    ana.choose("Facilitator", "eve")  # whom the bot does not know
    with locked(team):
        assert team.submit("ana").acked
    assert "not saved yet" in "".join(team.modal("ana", "Reassign facilitator").errors.values())


def test_a_new_connection_is_heard_of_while_nothing_can_be_recorded(team: SlackTeam) -> None:
    team.start()
    with locked(team):
        team.bot.process.schedule_refresh()  # without a refusal of the store


def test_an_event_that_cannot_be_recorded_comes_again(
    either_way: SlackTeam, caplog: pytest.LogCaptureFixture
) -> None:
    team = either_way
    create_collected_house(team)
    with locked(team), capture_logs() as logged:
        team.sandbox.remove_bot("#house")
        team.wait(lambda: any(one["event"] == "event could not be recorded" for one in logged))
    team.wait(lambda: not team.bot_is_in("C0HOUSE01"))
    assert "Traceback" not in caplog.text
