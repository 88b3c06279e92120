"""Case 5: a second bot on the same file, and a file where locks do not hold."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.api import Sandbox
from bot.serving_lock import hold_serving_lock
from bot.store import StoreUnavailable
from tests.cases.case_actions import add_asset
from tests.cases.processes import ROOT, bot_database, kill_process, manifest_for, serve_process, start_model
from tests.slack.slack_team import Transport
from tests.waiting import patient_sandbox


def test_a_second_bot_on_the_same_file_is_refused_and_the_first_one_works_on(
    tmp_path: Path, transport: Transport
) -> None:
    database = tmp_path / "threatmodel.db"
    with (
        patient_sandbox(manifest=manifest_for(transport), delivery=transport) as slack,
        bot_database(slack, database) as team,
    ):
        with serve_process(slack, database, transport) as first:
            start_model(team)
            status, said = second_start(slack, database)
            assert status == 2
            assert said.count("\n") == 1, "one clear line"
            assert f"is already in use by process {first.pid}" in said
            assert first.poll() is None
            add_asset(team, "ben", "Valuables")
            team.card("Assets  1")
            kill_process(first)
        with serve_process(slack, database, transport):
            add_asset(team, "ben", "The cat")
            team.card("Assets  2")
            assert len(team.cards()) == 1


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_file_on_a_network_disk_is_not_served_at_all(tmp_path: Path, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/root / ext4 rw 0 0\nserver:/share {tmp_path} {kind} rw 0 0\n")
    with (
        pytest.raises(StoreUnavailable) as refused,
        hold_serving_lock(tmp_path / "threatmodel.db", mounts=mounts),
    ):
        pytest.fail("it is served")
    assert "network file system" in str(refused.value)
    assert "Choose a file on a local disk" in str(refused.value)


def second_start(slack: Sandbox, database: Path) -> tuple[int, str]:
    """Start one more bot on a file, as by a supervisor who was told wrongly."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "SLACK_API_URL": slack.url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "DATABASE_URL": f"sqlite:///{database}",
    }
    command = [sys.executable, "-m", "bot", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr
