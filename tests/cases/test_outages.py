"""Cases 25, 26, 30 and 31: Slack says no, nothing, or nonsense; the disk is full, the file locked."""

import resource
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.slack import socket_link
from bot.slack.small_server import SmallServer
from tests.cases.acts import (
    add_asset,
    assets,
    fill_asset,
    locked,
    recorded,
    refused_calls,
    say,
    told_directly,
)
from tests.cases.processes import begin, described, file_of, serving
from tests.slack.crew import House, Transport, house

# Slack says no


def test_a_revoked_token_stops_every_call_keeps_every_answer_and_shows_in_health(either_way: House) -> None:
    there = either_way
    there.start()
    there.card("TM-1")
    fill_asset(there, "ben", "Valuables")
    there.sandbox.revoke_token()
    there.wait(lambda: "install the app again" in there.bot.why_not_ready())
    calls = len(there.sandbox.api_calls)
    assert there.submit("ben").acked
    say(there, "The cat")
    time.sleep(0.3)  # long enough for a card to be tried
    assert len(there.sandbox.api_calls) == calls
    assert assets(there) == ["Valuables", "The cat"]


@pytest.mark.parametrize("word", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_withdrawn_permission_of_which_no_event_told_is_found_out_at_the_first_call(
    there: House, word: str
) -> None:
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("chat.update", word)
    say(there, "Valuables")
    there.wait(lambda: "install the app again" in there.bot.why_not_ready())
    calls = len(there.sandbox.api_calls)
    say(there, "The cat")
    time.sleep(0.3)  # long enough for a card to be tried
    assert len(there.sandbox.api_calls) == calls
    assert readiness(there) == (503, f"{there.bot.why_not_ready()}\n")


def test_installed_anew_it_shows_all_that_was_said_meanwhile(tmp_path: Path) -> None:
    with Sandbox.start(manifest=manifest("socket")) as slack:
        with house(tmp_path / "threatmodel.db", sandbox=slack) as there:
            there.start()
            card = there.card("TM-1")
            slack.revoke_token()
            there.wait(there.bot.why_not_ready)
            say(there, "Valuables")
        slack.restore_token()
        with house(tmp_path / "threatmodel.db", sandbox=slack) as there:
            assert there.card("Assets  1").ts == card.ts
            assert there.bot.why_not_ready() == ""


def test_a_scope_that_is_missing_is_told_in_health_and_to_an_administrator_once(there: House) -> None:
    """Somebody edited the app by hand and took away `chat:write`… of one kind of call only."""
    there.start()
    there.card("TM-1")
    there.sandbox.faults.fail_next("chat.update", "missing_scope", times=100)
    for name in ("Valuables", "The cat", "The dog"):
        say(there, name)
    told_directly(there, "ana", "scope")
    assert "missing_scope" in there.bot.why_not_ready()
    assert len(there.sandbox.calls_of("chat.update")) < 5


# Slack says nothing


def test_a_connection_that_has_gone_deaf_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_link, "QUIET_SECONDS", 0.5)
    with house(tmp_path / "threatmodel.db") as there:
        there.wait(lambda: len(there.sandbox.calls_of("apps.connections.open")) > 1)
        there.sandbox.wait_for_connection()
        there.wait(lambda: there.command("ben", "/threatmodel help").acked)


def test_a_connection_that_ends_without_a_word_shows_in_health_and_is_opened_anew(there: House) -> None:
    there.start()
    assert readiness(there) == (200, "ready\n")
    there.sandbox.drop_connections()
    there.wait(lambda: readiness(there) == (503, "no connection to Slack\n"))
    there.wait(lambda: readiness(there) == (200, "ready\n"))
    add_asset(there, "ben", "Valuables")
    assert assets(there) == ["Valuables"]


def test_asked_to_end_while_people_answer_it_keeps_what_it_acknowledged_and_ends_in_time(
    tmp_path: Path, transport: Transport
) -> None:
    database = tmp_path / "threatmodel.db"
    with (
        Sandbox.start(manifest=described(transport), delivery=transport, ack_seconds=1.0) as slack,
        file_of(slack, database) as there,
        serving(slack, database, transport) as bot,
    ):
        begin(there)
        there.card("TM-1")
        kept: list[str] = []
        bot.send_signal(signal.SIGTERM) if not kept else None
        for number in range(5):
            if there.command("ben", "/threatmodel add asset").acked and there.person("ben").modal:
                there.person("ben").fill("Name", f"Asset {number}")
                delivery = there.submit("ben")
                kept += [f"Asset {number}"] if delivery.acked else []
        began = time.monotonic()
        assert bot.wait(10) == 0
        assert time.monotonic() - began < 10
        assert assets(there) == kept


# Slack says nonsense


@pytest.mark.parametrize("trouble", ["server_error", "fatal_error", "dropped"])
def test_through_an_outage_of_slack_every_answer_is_kept_and_shown_after_it(
    either_way: House, trouble: str
) -> None:
    there = either_way
    there.start()
    there.card("TM-1")
    everybody = ("ana", "ben", "chi", "dee")
    there.person("ana").close()
    for who in everybody:
        fill_asset(there, who, f"Valuables of {who}")
    there.sandbox.faults.share(trouble, of=1.0)
    for who in everybody:
        delivery = there.submit(who)
        assert delivery.acked
        assert delivery.ack_ms < 1_000
    there.wait(lambda: len(refused_calls(there)) > 1)
    there.sandbox.faults.clear()
    there.card("Assets  4")
    assert len(there.cards()) == 1
    assert recorded(there) == ["ThreatModelStarted", *["AssetAdded"] * 4]
    assert there.bot.why_not_ready() == ""


def test_an_answer_that_waits_for_a_look_at_slack_waits_through_an_outage(there: House) -> None:
    """Nobody told the bot that Eve has joined, and Slack cannot be asked just now."""
    there.start()
    there.card("TM-1")
    add_asset(there, "ben", "Valuables")
    add_asset(there, "ben", "The cat")
    with there.sandbox.quietly():
        there.sandbox.invite("eve", "#house")
    there.sandbox.faults.share("server_error", of=1.0)
    assert there.command("eve", "/threatmodel status").acked
    there.told("eve", "One moment")
    there.sandbox.faults.clear()
    there.sandbox.ask_to_reconnect()
    there.told("eve", "The House · TM-1")


# The disk and the file


def test_with_a_full_disk_the_form_stays_open_with_its_words_and_a_sentence(
    tmp_path: Path, transport: Transport
) -> None:
    """The process may write no further into any file, its log included, from one moment to the other."""
    database = tmp_path / "threatmodel.db"
    with (
        Sandbox.start(manifest=described(transport), delivery=transport) as slack,
        file_of(slack, database) as there,
        serving(slack, database, transport) as bot,
    ):
        begin(there)
        there.card("TM-1")
        add_asset(there, "chi", "The cat")
        fill_asset(there, "ben", "Valuables")
        with full_disk(bot):
            delivery = there.submit("ben")
            assert delivery.acked
            form = there.modal("ben", "Add asset")
            assert "not saved yet" in form.errors["name"]
            assert form.values["Name"] == "Valuables"
            there.command("chi", "/threatmodel undo")
            there.told("chi", "cannot write anything down just now")
        assert assets(there) == ["The cat"]
        there.submit("ben")
        assert there.person("ben").modal is None
        there.card("Assets  2")
        assert recorded(there) == ["ThreatModelStarted", "AssetAdded", "AssetAdded"]


def test_with_the_file_locked_by_somebody_else_it_says_so_in_time_and_the_form_stays(
    either_way: House,
) -> None:
    there = either_way
    there.start()
    fill_asset(there, "ben", "Valuables")
    with locked(there):
        delivery = there.submit("ben")
    assert delivery.acked
    assert delivery.ack_ms < 3_000
    form = there.modal("ben", "Add asset")
    assert "not saved yet" in form.errors["name"]
    assert form.values["Name"] == "Valuables"
    there.submit("ben")
    assert recorded(there) == ["ThreatModelStarted", "AssetAdded"]


@contextmanager
def full_disk(bot: Popen[str]) -> Generator[None]:
    """No process of the bot may make any file longer than a kilobyte while the block lasts."""
    everyone = [bot.pid, *children(bot.pid)]
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in everyone}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def readiness(there: House) -> tuple[int, str]:
    """What `/readyz` says to whoever watches over the bot."""
    pages = SmallServer.start(there.bot.wsgi, host="127.0.0.1", port=0)
    try:
        with urllib.request.urlopen(f"{pages.address}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    finally:
        pages.stop()
