"""Copy of a database file to a server and back from the command line."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.serving_lock import hold_serving_lock
from tests.cli.conftest import RunCli
from tests.postgres_server import database as server_database


@pytest.fixture
def target() -> Iterator[str]:
    with server_database() as url:
        yield url


@pytest.fixture
def source(database: Path) -> str:
    return f"sqlite:///{database}"


def test_a_file_is_copied_to_a_server_and_back(
    house: RunCli, source: str, target: str, tmp_path: Path
) -> None:
    there = house("copy", source, target)
    back = house("copy", target, f"sqlite:///{tmp_path}/back.db")

    assert there.exit_code == 0, there.output
    assert back.exit_code == 0, back.output
    heads = [line for line in there.output.splitlines() if "the chain ends at" in line]
    assert heads
    assert heads == [line for line in back.output.splitlines() if "the chain ends at" in line]
    assert "1 workspace copied and verified" in back.output


def test_a_file_that_a_bot_serves_is_not_copied(
    house: RunCli, database: Path, source: str, target: str
) -> None:
    with hold_serving_lock(database):
        refused = house("copy", source, target)

    assert refused.exit_code == 2
    assert "Nothing was copied" in refused.output
    assert "already in use by process" in refused.output


def test_of_a_copy_that_failed_only_the_files_that_it_created_are_removed(
    house: RunCli, database: Path, source: str, tmp_path: Path
) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE counters SET number = 0")  # so that the copy does not verify
    others = [tmp_path / f"new{ending}" for ending in ("er.db", ".db.key", ".db-of-monday", ".db.backup")]
    for other in others:
        other.write_text("of another time")

    refused = house("copy", source, f"sqlite:///{tmp_path}/new.db")

    assert refused.exit_code == 2
    assert "Nothing was copied" in refused.output
    assert sorted(path for path in tmp_path.iterdir() if "new" in path.name) == sorted(others)


def test_a_source_that_does_not_exist_is_named(house: RunCli, target: str, tmp_path: Path) -> None:
    refused = house("copy", f"sqlite:///{tmp_path}/none.db", target)

    assert refused.exit_code == 2
    assert f"{tmp_path}/none.db does not exist" in refused.output


def test_a_restored_database_is_marked_before_the_bot_starts(house: RunCli, database: Path) -> None:
    with hold_serving_lock(database):
        refused = house("restored")
    done = house("restored")

    assert "already in use by process" in refused.output
    assert done.exit_code == 0
    assert "are compared with the restored state" in done.output


def test_a_database_of_another_program_is_left_alone(house: RunCli, source: str, target: str) -> None:
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("CREATE TABLE theirs (id integer)")

    refused = house("copy", source, target)

    assert refused.exit_code == 2
    assert "contains tables of another program" in refused.output
