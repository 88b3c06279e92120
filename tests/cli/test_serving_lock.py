"""A database is served by one process at a time, and from a disk of this machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.cli.operations.doctor import Finding, examine
from bot.manifest import build_manifest
from bot.serving_lock import hold_serving_lock, network_filesystem, serving_process
from bot.settings import VARIABLES
from bot.store import StoreUnavailable, open_store
from tests.depth import deep_only
from tests.forked_popen import ForkedPopen
from tests.waiting import patient_sandbox

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "threatmodel.db"


def test_a_second_process_is_refused_and_names_the_first(database: Path) -> None:
    with (
        hold_serving_lock(database),
        pytest.raises(StoreUnavailable) as refused,
        hold_serving_lock(database, timeout=0),
    ):
        pytest.fail("two serve one file")
    assert str(refused.value) == (
        f"DATABASE_URL: {database} is already in use by process {os.getpid()}. Stop that process first, or "
        f"choose another place"
    )


def test_after_a_clean_stop_the_next_process_may_start(database: Path) -> None:
    with hold_serving_lock(database):
        pass
    with hold_serving_lock(database, timeout=0):
        assert serving_process(database) == f"process {os.getpid()}"
    assert serving_process(database) is None


def test_after_a_kill_the_next_process_may_start(database: Path) -> None:
    with holding(database) as process:
        assert serving_process(database) == f"process {process.pid}"
        process.kill()
        process.wait(60)
        with hold_serving_lock(database, timeout=0):
            pass


def test_a_start_waits_for_the_previous_process_to_end(database: Path) -> None:
    with holding(database) as process:
        process.send_signal(signal.SIGTERM)
        with hold_serving_lock(database, timeout=60):
            assert process.wait(60) is not None


def test_another_file_in_the_same_directory_is_not_locked(database: Path) -> None:
    with hold_serving_lock(database), hold_serving_lock(database.with_name("second.db"), timeout=0):
        pass


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "fuse.glusterfs"])
def test_a_file_on_a_network_file_system_is_refused(tmp_path: Path, kind: str) -> None:
    shared = tmp_path / "our files"
    shared.mkdir()
    mounts = tmp_path / "mounts"
    place = str(shared).replace(" ", r"\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/ {place} {kind} rw 0 0\n")
    with pytest.raises(StoreUnavailable) as refused, hold_serving_lock(shared / "t.db", mounts=mounts):
        pytest.fail("served all the same")
    assert str(refused.value) == (
        f"DATABASE_URL: {shared}/t.db is on a network file system ({kind}), where SQLite can lose data. "
        f"Choose a file on a local disk"
    )
    assert list(shared.iterdir()) == []
    assert network_filesystem(tmp_path / "t.db", mounts=mounts) is None


def test_a_disk_within_a_network_file_system_is_a_disk(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/ / nfs4 rw 0 0\n/dev/sdb1 {tmp_path} ext4 rw 0 0\n")
    assert network_filesystem(tmp_path / "t.db", mounts=mounts) is None
    assert network_filesystem(Path("/elsewhere/t.db"), mounts=mounts) == "nfs4"


def test_without_a_list_of_mounts_the_file_is_accepted(tmp_path: Path) -> None:
    assert network_filesystem(tmp_path / "t.db", mounts=tmp_path / "no such file") is None


@pytest.mark.parametrize("delivery", ["socket", "http"])
def test_a_second_serve_is_one_clear_line_and_status_2(database: Path, delivery: str) -> None:
    way = "socket" if delivery == "socket" else "http"
    described = build_manifest(way, "https://sandbox.invalid" if way == "http" else None)
    with patient_sandbox(manifest=described, delivery=way) as slack, holding(database) as process:
        tokens = {"SLACK_API_URL": slack.url, "SLACK_BOT_TOKEN": slack.bot_token}
        met = (
            {"SLACK_APP_TOKEN": slack.app_token}
            if way == "socket"
            else {"SLACK_SIGNING_SECRET": slack.signing_secret}
        )
        second = threatmodel("serve", database, PORT="0", **tokens, **met)
    assert second.returncode == 2
    assert second.stderr == (
        f"threatmodel: DATABASE_URL: {database} is already in use by process {process.pid}. Stop that "
        "process first, or choose another place\n"
    )


def test_a_second_sandbox_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with holding(tmp_path / "models.db"):
        second = threatmodel("sandbox", tmp_path / "unused.db", "--port", "0", "--data", str(tmp_path))
    assert second.returncode == 2
    assert second.stderr.startswith(f"threatmodel: --data: {tmp_path}/models.db is already in use by process")


@deep_only
def test_readers_are_not_blocked(database: Path, tmp_path: Path) -> None:
    assert threatmodel("demo", database, "house").returncode == 0
    with holding(database):
        for words in (("show", "TM-1"), ("verify",), ("list",), ("backup", str(tmp_path / "copy.db"))):
            command, *more = words
            done = threatmodel(command, database, *more)
            assert done.returncode == 0, done.stderr


def test_doctor_names_the_serving_process(database: Path) -> None:
    open_store(f"sqlite:///{database}").close()
    environment = {"DATABASE_URL": f"sqlite:///{database}"}
    assert said(examine(environment), " in use ") == "database: not in use by a `serve`"
    with hold_serving_lock(database):
        assert said(examine(environment), " in use ") == (
            f"database: in use by process {os.getpid()}; a second `serve` would be rejected"
        )


def said(findings: list[Finding], words: str) -> str:
    return next(finding.text for finding in findings if words in finding.text)


@contextmanager
def holding(database: Path) -> Generator[subprocess.Popen[str]]:
    """A process that serves a file until it is killed."""
    with ForkedPopen(
        [sys.executable, "-m", "tests.cli.lock_holder", str(database)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def threatmodel(
    command: str, database: Path, *more: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {one.name for one in VARIABLES}}
    command_line = [sys.executable, "-m", "bot", command, *more]
    with ForkedPopen(
        command_line,
        cwd=ROOT,
        env={**kept, "DATABASE_URL": f"sqlite:///{database}", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command_line, process.returncode, output, errors)
