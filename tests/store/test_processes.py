"""Several real processes on one file: nothing lost, nothing doubled, nothing half."""

import random
import sqlite3
import time
from pathlib import Path

import pytest

from bot.store import CommandKey, SqliteStore, Verified, open_store
from bot.store.schema import EVENTS
from bot.store.slack_schema import SLACK
from bot.workshop import Workshop, digest_of
from domain.commands import NameElements
from domain.events import AssetAdded
from tests.store.crew import ended, let_go, worker
from tests.store.saying import ANNA, HOUSE, NOON, TENANT, plainly, said, say, started, versions


def test_four_processes_answer_the_same_model_and_nothing_is_lost(store: SqliteStore, url: str) -> None:
    say(store, started())

    lines = ended([worker("answer", url, name, "300") for name in "abcd"])

    told = {word: int(version) for word, version in (line.split() for one in lines for line in one)}
    assert len(told) == 1200
    assert versions(store) == list(range(1, 1202))
    recorded = {
        one.event.asset.name: one.version for one in store.read(HOUSE) if isinstance(one.event, AssetAdded)
    }
    assert recorded == told
    sound = store.verify()
    assert isinstance(sound, Verified)
    assert sound.events == 1201
    assert Workshop(store).model(HOUSE).version == 1201


def test_what_was_acknowledged_survives_killing_and_nothing_is_half_there(
    store: SqliteStore, url: str
) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    say(store, started())
    acknowledged: set[int] = set()
    tried: set[int] = set()
    for _ in range(8):
        process = worker("name", url, str(max(tried, default=0) + 1))
        let_go(process)
        time.sleep(chance.uniform(0.0, 0.25))
        process.kill()
        for line in process.communicate()[0].splitlines():
            word, _, number = line.partition(" ")
            if number.isdigit():
                (acknowledged if word == "done" else tried).add(int(number))

    names = [event.asset.name for event in said(store) if isinstance(event, AssetAdded)]
    there = sorted({int(name[:-1]) for name in names})
    assert names == [f"{number}{letter}" for number in there for letter in "abc"], "half of an answer"
    assert acknowledged <= set(there), "an acknowledged answer is lost"
    assert set(there) <= tried, "an answer nobody gave"
    assert len(acknowledged) > 10, "nothing was going on while killing"
    for number in tried:
        names_of = tuple(f"{number}{letter}" for letter in "abc")
        request = digest_of(NameElements(by=ANNA, at=NOON, assets=names_of))
        assert bool(store.answered(TENANT, CommandKey(str(number)), request)) == (number in there)
    assert isinstance(store.verify(), Verified)


@pytest.mark.parametrize("attempt", range(3))
def test_processes_that_start_together_migrate_once(url: str, tmp_path: Path, attempt: int) -> None:
    assert ended([worker("start", url) for _ in range(8)]) == [["opened"]] * 8

    steps = plainly(
        tmp_path / "threatmodel.db", "SELECT name, count(*) FROM _sqlite_migrations GROUP BY name"
    )
    known = [*EVENTS._migrations, *SLACK._migrations]  # pyright: ignore[reportPrivateUsage]  (there is no public list)
    assert len(steps) == len(known)
    assert {count for _, count in steps} == {1}


def test_the_file_is_kept_as_it_must_be(store: SqliteStore) -> None:
    connection: sqlite3.Connection = store.database.here()

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store.database.path.stat().st_mode & 0o777 == 0o600
    open_store(f"sqlite:///{store.database.path}").close()
