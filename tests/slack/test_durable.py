"""Recorded before it is acknowledged, and acknowledged before anything is asked of Slack."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from bot.sandbox.api import Delivery
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot, run_at_the_same_time
from tests.waiting import PATIENCE


def test_no_ack_waits_for_slack(either_way: RunningBot) -> None:
    there = either_way
    create_collected_house(there)
    card = there.card("TM-1")
    with there.sandbox.faults.holding():
        acks = [there.command("ben", "/threatmodel add asset")]
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "The cat")
    with there.sandbox.faults.holding():
        acks.append(there.submit("ben"))
        words = ("status", "list", "help", "undo", "history")
        acks += [there.command("ben", f"/threatmodel {word}") for word in words]
        acks.append(there.person("chi").click(card, "More…"))
        acks.append(there.command("eve", "/threatmodel undo"))
    assert [one for one in acks if not one.acked] == []


def test_what_is_acknowledged_is_in_the_file(there: RunningBot) -> None:
    """Read by a connection of its own, as after a power failure."""
    there.start()
    there.person("ana").fill("Assets", "Valuables")
    delivery = there.submit("ana")
    assert delivery.acked
    with sqlite3.connect(f"file:{there.store.database.path}?mode=ro", uri=True) as file:
        (found,) = file.execute("SELECT count(*) FROM events WHERE data LIKE '%Valuables%'").fetchone()
    assert found == 1


def test_while_nothing_can_be_recorded_the_form_stays_open_with_its_words(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    there.command("ben", "/threatmodel add asset")
    there.modal("ben", "Add asset")
    there.person("ben").fill("Name", "Valuables")
    with locked(there):
        delivery = there.submit("ben")
    form = there.modal("ben", "Add asset")
    assert delivery.acked
    assert "not saved yet" in form.errors["name"]
    assert form.values["Name"] == "Valuables"
    assert "Valuables" not in there.names()
    there.submit("ben")
    assert "Valuables" in there.names()


def test_while_nothing_can_be_recorded_everybody_hears_so_in_time(either_way: RunningBot) -> None:
    there = either_way
    there.start()
    there.person("ana").close()
    everybody = ("ana", "ben", "chi", "dee")
    for who in everybody:
        there.command(who, "/threatmodel add asset")
        there.modal(who, "Add asset")
        there.person(who).fill("Name", f"Valuables of {who}")
    acks: list[Delivery] = []
    with locked(there):
        run_at_the_same_time(*[lambda who=who: acks.append(there.submit(who)) for who in everybody])
    assert [one for one in acks if not one.acked] == []
    for who in everybody:
        assert "not saved yet" in there.modal(who, "Add asset").errors["name"]


def test_while_nothing_can_be_recorded_a_press_is_told_so(there: RunningBot) -> None:
    create_collected_house(there)
    before = there.model().version
    with locked(there):
        there.command("ana", "/threatmodel undo")
    there.told("ana", "cannot write anything down just now")
    assert there.model().version == before


def test_while_nothing_can_be_recorded_a_form_that_names_a_person_to_look_up_says_so(
    there: RunningBot,
) -> None:
    create_collected_house(there)
    ana = there.person("ana")
    ana.click(there.card("TM-1"), "More…")
    ana.click(there.modal("ana", "More"), "Hand over")
    there.modal("ana", "Hand over")
    ana.choose("Facilitator", "eve")  # whom the bot does not know
    with locked(there):
        assert there.submit("ana").acked
    assert "not saved yet" in "".join(there.modal("ana", "Hand over").errors.values())


def test_a_new_connection_is_heard_of_while_nothing_can_be_recorded(there: RunningBot) -> None:
    there.start()
    with locked(there):
        there.bot.refresh_directory()  # without a refusal of the store


def test_an_event_that_cannot_be_recorded_comes_again(
    either_way: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    there = either_way
    create_collected_house(there)
    with locked(there), capture_logs() as logged:
        there.sandbox.remove_bot("#house")
        there.wait(lambda: any(one["event"] == "an event cannot be recorded" for one in logged))
    there.wait(lambda: not there.bot_is_in("C0HOUSE01"))
    assert "Traceback" not in caplog.text


def test_a_form_that_took_too_long_to_open_is_offered_again(there: RunningBot) -> None:
    create_collected_house(there)
    with there.sandbox.faults.holding():
        there.command("ben", "/threatmodel add asset")
        there.sandbox.clock.move(PATIENCE + 1)
    there.told("ben", "three seconds")
    offered = there.person("ben").sees("#house")[-1]
    there.person("ben").click(offered, "Open again")
    there.modal("ben", "Add asset")


@contextmanager
def locked(there: RunningBot) -> Generator[None]:
    """Somebody else holds the database file for longer than an answer can wait."""
    holder = sqlite3.connect(there.store.database.path, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()
