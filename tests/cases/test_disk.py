"""Case 31: the disk is full, or a reader hinders an erasure."""

import resource
import sqlite3
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from bot.slack import process_app
from bot.store.sql import erasing
from tests.cases.case_actions import add_asset, asset_names, fill_asset_form, recorded_events
from tests.cases.processes import bot_database, manifest_for, serve_process, start_model
from tests.slack.slack_team import Transport, run_bot
from tests.waiting import patient_sandbox


def test_with_a_full_disk_the_form_stays_open_with_its_words_and_a_sentence(
    tmp_path: Path, transport: Transport
) -> None:
    """The process may write no further into any file, its log included, from one moment to the other."""
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport) as slack,
        bot_database(slack, database) as team,
        serve_process(slack, database, transport) as bot,
    ):
        start_model(team)
        team.card("TM-1")
        add_asset(team, "chi", "The cat")
        fill_asset_form(team, "ben", "Valuables")
        with full_disk(bot):
            delivery = team.submit("ben")
            assert delivery.acked
            form = team.modal("ben", "Add asset")
            assert "not saved yet" in form.errors["name"]
            assert form.values["Name"] == "Valuables"
            team.command("chi", "/threatmodel undo")
            team.private_message("chi", "The database is unavailable")
        assert asset_names(team) == ["The cat"]
        team.submit("ben")
        assert team.person("ben").modal is None
        team.card("Assets  2")
        assert recorded_events(team) == ["ThreatModelStarted", "AssetAdded", "AssetAdded"]


@pytest.mark.parametrize("transport", ["socket"])
def test_a_card_that_was_on_its_way_when_the_disk_filled_up_goes_on_as_soon_as_there_is_space(
    tmp_path: Path, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it did cannot be recorded then; nobody waits until another process would take it over."""
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport) as slack,
        bot_database(slack, database) as team,
        serve_process(slack, database, transport) as bot,
    ):
        start_model(team)
        team.card("TM-1")
        arrived, holds = threading.Event(), slack.faults.holds

        def note(method: str) -> bool:
            if method == "chat.update":
                arrived.set()
            return holds(method)

        monkeypatch.setattr(slack.faults, "holds", note)
        with ExitStack() as disk:
            with slack.faults.holding("chat.update"):
                add_asset(team, "chi", "The cat")
                assert arrived.wait(60)
                disk.enter_context(full_disk(bot))
            team.card("Assets  1")
            time.sleep(1)  # in which it tries to record that
        add_asset(team, "ben", "Valuables")
        team.wait(lambda: "Assets  2" in team.cards()[-1].plain, 48)


def test_erasing_that_a_reader_hindered_is_finished_by_the_running_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "ERASING_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(process_app, "ERASING_SECONDS", 0.5)
    with run_bot(tmp_path / "threatmodel.db") as team:
        team.start()
        add_asset(team, "chi", "The cat")
        with closing(sqlite3.connect(team.store.database.path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM events").fetchone()
            team.store.erase(team.streams[0], [2])
            assert not team.store.erasing_is_finished()
        team.wait(team.store.erasing_is_finished)
        assert asset_names(team) == []


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
