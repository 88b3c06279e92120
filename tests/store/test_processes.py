"""Several real processes on one file: nothing lost, nothing doubled, nothing half."""

import random
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler, command_digest
from bot.store import CommandKey, SqliteStore, Verified, open_store
from bot.store.migrations import SQLITE, migrations
from domain.commands import NameElements
from domain.events import AssetAdded
from tests.depth import count
from tests.store.crew import ended, let_go, worker
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, plainly, said, say, started, versions


def test_four_processes_answer_the_same_model_and_nothing_is_lost(store: SqliteStore, url: str) -> None:
    say(store, started())
    each = count(60, deep=300)

    lines = ended([worker("answer", url, name, str(each)) for name in "abcd"])

    told = {word: int(version) for word, version in (line.split() for one in lines for line in one)}
    assert len(told) == 4 * each
    assert versions(store) == list(range(1, 4 * each + 2))
    recorded = {
        one.event.asset.name: one.version for one in store.read(HOUSE) if isinstance(one.event, AssetAdded)
    }
    assert recorded == told
    sound = store.verify()
    assert isinstance(sound, Verified)
    assert sound.events == 4 * each + 1
    assert CommandHandler(store).model(HOUSE).version == 4 * each + 1


def test_what_was_acknowledged_survives_killing_and_nothing_is_half_there(
    store: SqliteStore, url: str
) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    say(store, started())
    acknowledged: set[int] = set()
    tried: set[int] = set()
    for _ in range(count(4, deep=40)):
        process = worker("name", url, str(max(tried, default=0) + 1))
        let_go(process)
        for line in killed_after(process, chance.randint(1, 8), chance.uniform(0.0, 0.02)):
            word, _, number = line.partition(" ")
            if number.isdigit():
                (acknowledged if word == "done" else tried).add(int(number))

    names = [event.asset.name for event in said(store) if isinstance(event, AssetAdded)]
    there = sorted({int(name[:-1]) for name in names})
    assert names == [f"{number}{letter}" for number in there for letter in "abc"], "half of an answer"
    assert acknowledged <= set(there), "an acknowledged answer is lost"
    assert set(there) <= tried, "an answer nobody gave"
    for number in tried:
        names_of = tuple(f"{number}{letter}" for letter in "abc")
        request = command_digest(NameElements(by=ANNA, at=NOON, assets=names_of))
        assert bool(store.answered(TENANT, CommandKey(str(number)), request)) == (number in there)
    assert isinstance(store.verify(), Verified)


def killed_after(process: subprocess.Popen[str], answers: int, moment: float) -> list[str]:
    """Kill a process a moment after so many answers of it were acknowledged; return all that it said."""
    assert process.stdout
    lines: list[str] = []
    while sum(line.startswith("done") for line in lines) < answers:
        lines.append(process.stdout.readline().rstrip("\n"))
        assert lines[-1], "it ended by itself"
    time.sleep(moment)
    process.kill()
    lines += process.stdout.read().splitlines()
    process.communicate()
    return lines


@pytest.mark.parametrize("attempt", range(count(1, deep=20)))
def test_processes_that_start_together_migrate_once(url: str, tmp_path: Path, attempt: int) -> None:
    together = count(4, deep=8)
    assert ended([worker("start", url) for _ in range(together)]) == [["opened"]] * together

    steps = plainly(
        tmp_path / "threatmodel.db", "SELECT name, count(*) FROM _sqlite_migrations GROUP BY name"
    )
    assert len(steps) == len(migrations(SQLITE))
    assert {count for _, count in steps} == {1}


def test_the_file_is_kept_as_it_must_be(store: SqliteStore) -> None:
    connection: sqlite3.Connection = store.database.current()

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    # NORMAL: the log is flushed after the commit and before the acknowledgment; see test_log_sync.
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert store.database.path.stat().st_mode & 0o777 == 0o600
    open_store(f"sqlite:///{store.database.path}").close()
