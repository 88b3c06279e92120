"""Whoever asks for a file finds it in the card's thread, once for each time it was asked for."""

import json
import time

import pytest
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.sandbox.api import VisibleMessage
from bot.slack.handlers.slash_commands.slash_word import match_format
from bot.slack.ui.messages.file_answers import export_rejected, formats_message
from bot.store import CommandKey, StreamId
from bot.store.repositories.file_slots import EXPORT, FileSlots, Order, file_parameters
from domain.events import AssetAdded
from domain.kernel.elements import PersonId
from tests.formats.export_sources import export_source_named
from tests.slack.collected_house import create_collected_house
from tests.slack.limit_checks import message_faults
from tests.slack.slack_team import SlackTeam

ANNOUNCE = "files.getUploadURLExternal"
SHARE = "files.completeUploadExternal"


def files(team: SlackTeam) -> list[VisibleMessage]:
    """The messages with an export that are in the thread."""
    thread = team.person("dee").thread("#house", team.card("The House").ts)
    return [one for one in thread if one.plain.startswith("TM-1, version") and one.files]


def asked(team: SlackTeam, words: str = "otm", who: str = "dee") -> VisibleMessage:
    before = len(files(team))
    team.command(who, f"/threatmodel export {words}")
    team.wait(lambda: len(files(team)) > before)
    return files(team)[-1]


def test_the_file_comes_into_the_thread(team: SlackTeam) -> None:
    create_collected_house(team)
    shown = asked(team)
    assert "It contains no individual votes" in team.private_message(
        "dee", "will appear in the card's thread"
    )
    assert shown.plain.startswith(f"TM-1, version {team.model().version}, as Open Threat Model 0.2: for")
    (file,) = shown.files
    assert file.title == "TM-1.otm.json"
    content = json.loads(team.sandbox.workspace.files.content(file.id))
    assert content["project"]["name"] == "The House"


def test_each_request_has_its_own_file(team: SlackTeam) -> None:
    create_collected_house(team)
    asked(team)
    asked(team, "tm-1 csv", "ben")
    assert [file.files[0].title for file in files(team)] == ["TM-1.otm.json", "TM-1.csv"]


def test_without_a_format_all_are_offered_and_a_press_makes_one(team: SlackTeam) -> None:
    create_collected_house(team)
    team.command("ben", "/threatmodel export visio")
    assert "There is no export format “visio”" in team.private_message("ben", "Choose an export format")
    offered = next(message for message in team.person("ben").sees("#house") if message.ephemeral)
    team.person("ben").click(offered, "drawio")
    team.wait(lambda: files(team))
    assert files(team)[0].files[0].title == "TM-1.drawio"


def test_more_has_a_button_for_it(team: SlackTeam) -> None:
    create_collected_house(team)
    team.person("ben").click(team.card("The House"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Export")
    team.person("ben").click(team.modal("ben", "Export"), "events")
    team.wait(lambda: files(team))
    assert files(team)[0].files[0].title == "TM-1.events.jsonl"


@pytest.mark.parametrize(
    ("method", "trouble"),
    [(ANNOUNCE, "server_error"), (ANNOUNCE, "dropped"), (SHARE, "ratelimited"), (SHARE, "server_error")],
)
def test_what_does_not_get_through_is_tried_again(team: SlackTeam, method: str, trouble: str) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(method, trouble, times=1, retry_after=1)
    asked(team)
    assert len(files(team)) == 1


def test_a_lost_answer_makes_no_second_file(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(SHARE, "answer_lost")
    asked(team)
    time.sleep(0.7)  # longer than it takes to look through everything
    assert len(files(team)) == 1


def test_where_slack_takes_no_files_the_thread_says_who_can_write_it(team: SlackTeam) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(ANNOUNCE, "file_uploads_disabled", times=9)
    team.command("dee", "/threatmodel export sarif")

    def words() -> str:
        thread = team.person("dee").thread("#house", team.card("The House").ts)
        return "\n".join(one.plain for one in thread)

    team.wait(lambda: "Slack refused the file TM-1.sarif (file_uploads_disabled)" in words())
    assert "threatmodel export TM-1 --format sarif" in words()


@pytest.mark.parametrize("code", ["missing_scope", "no_permission"])
def test_every_refused_file_is_reported_and_not_only_the_first(team: SlackTeam, code: str) -> None:
    create_collected_house(team)
    team.sandbox.faults.fail_next(ANNOUNCE, code, times=9)

    def reported() -> int:
        thread = team.person("dee").thread("#house", team.card("The House").ts)
        return sum(f"({code})" in one.plain for one in thread)

    for count, word in enumerate(("export sarif", "export otm", "report html"), start=1):
        team.command("dee", f"/threatmodel {word}")
        team.wait(lambda count=count: reported() == count)


def test_the_same_request_counts_once(team: SlackTeam) -> None:
    known, stream = team.unit.deliveries, StreamId("T0SANDBOX/TM-9")
    slots = FileSlots(known)
    ana, ben = PersonId("U0ANA0001"), PersonId("U0BEN0002")

    def order(key: str, person: PersonId = ana, word: str = "otm") -> bool:
        one = Order(stream=stream, key=CommandKey(key), person=person, form=word.split()[0], word=word)
        return slots.order(one, "C1") is not None

    def keys() -> list[str]:
        return [file_parameters(one).key for one in known.of_model(stream, EXPORT)]

    assert [order("trigger:1"), order("trigger:1")] == [True, True]
    assert keys() == ["trigger:1"]
    assert not order("trigger:2"), "one of this format waits"
    assert not order("trigger:3", word="otm since-2026-01-01"), "whatever else was said"
    assert order("trigger:4", ben), "another person's does not count"
    assert order("trigger:5", word="csv"), "nor does another format"
    for waiting in known.of_model(stream, EXPORT):
        known.put(replace(waiting, external_id="F1"))
    assert order("trigger:6"), "and it is there now"
    assert keys() == [f"trigger:{number}" for number in (1, 4, 5, 6)]


ORDERS = {
    "report pdf": "report",
    "report md since 2 days ago": "report",
    "export otm": "file",
    "chart scores": "chart",
    "diagram": "diagram",
}


@pytest.mark.parametrize("words", ORDERS)
def test_a_second_order_while_the_first_waits_is_answered_and_not_queued(team: SlackTeam, words: str) -> None:
    stream = create_collected_house(team)
    card = team.card("The House")
    with team.sandbox.faults.holding(ANNOUNCE):
        for _ in range(10):
            assert team.command("dee", f"/threatmodel {words}").acked
        team.private_message("dee", f"Your {ORDERS[words]} of TM-1 is being prepared.")
        assert len(team.unit.deliveries.of_model(stream, EXPORT)) <= 1
    team.wait(lambda: [one for one in team.person("dee").thread("#house", card.ts) if one.files])
    time.sleep(0.7)  # longer than it takes to look through everything
    shown = [one for one in team.person("dee").thread("#house", card.ts) if one.files]
    assert len(shown) <= 2, "a diagram may be drawn again, of what was said while it was drawn"


def test_files_go_once_words_of_the_model_are_erased(team: SlackTeam) -> None:
    stream = create_collected_house(team)
    first = asked(team).files[0].id
    added = [n for n, one in enumerate(team.store.events(stream), start=1) if isinstance(one, AssetAdded)]
    team.store.erase(stream, added[:1])
    team.wait(lambda: not team.sandbox.workspace.files.there([first]))
    again = asked(team, "csv-registers").files[0].id
    assert b"Valuables" not in team.sandbox.workspace.files.content(again)
    team.store.erase_stream(stream)
    team.wait(lambda: not team.sandbox.workspace.files.there([again]))
    team.wait(lambda: FileSlots(team.unit.deliveries).of_model(stream) == [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("OTM", "otm"),
        ("threat dragon", "threat-dragon"),
        ("Draw.io", "drawio"),
        ("treat-dragon", "threat-dragon"),
        ("excel", "csv"),
        ("history", "events"),
        ("visio", None),
        ("", None),
    ],
)
def test_a_format_is_known_by_its_word_and_by_what_people_call_it(typed: str, meant: str | None) -> None:
    assert match_format(typed) == meant


def test_what_is_said_of_files_keeps_to_what_slack_takes() -> None:
    known = export_source_named("house").register
    said = [formats_message(known, "T0SANDBOX/TM-1", "<!channel>" * 99)]
    said += [export_rejected(known, one, "file_uploads_disabled") for one in FORMATS.values()]
    assert [message_faults(one) for one in said] == [[] for _ in said]
    assert "<!channel>" not in json.dumps(said[0].blocks)
