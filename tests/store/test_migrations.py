"""Migrations of both databases; databases of other versions are refused and stay as they are."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.store import Store, StoreUnavailable, open_database
from bot.store.migrations import POSTGRES, SQLITE, Migration, migrations
from bot.store.postgres import migrating
from bot.store.sqlite import migrate as migrating_file
from bot.store.sqlite.migrate import APPLICATION_ID, statements
from tests.emptied_database import KEY
from tests.postgres_server import database
from tests.store.saying import plainly

Migrate = Callable[[tuple[Migration, ...]], object]
SECOND = Migration(
    number=2,
    name="second",
    sql="CREATE TABLE notes (note TEXT); -- a comment; and more\nINSERT INTO notes (note) VALUES ('a;b');\n",
)
BROKEN = Migration(number=2, name="broken", sql="CREATE TABLE notes (x TEXT);\n" * 2)
OTHER = Migration(number=1, name="schema", sql="CREATE TABLE events (x TEXT);\n")


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/threatmodel.db"
    else:
        with database() as url:
            yield url


@pytest.fixture
def opened(empty: str) -> Iterator[Store]:
    store = open_database(empty, key=KEY)
    yield store
    store.close()


def migrating_of(store: Store, url: str) -> tuple[Migrate, tuple[Migration, ...]]:
    """The migration of a database to some steps, and the steps of this release."""
    connections = store.database  # pyright: ignore[reportAttributeAccessIssue]  of the package only
    if url.startswith("sqlite:"):
        return lambda steps: migrating_file.migrate(connections, steps), migrations(SQLITE)
    return lambda steps: migrating.migrate(connections, steps), migrations(POSTGRES)


def notes(url: str) -> list[str]:
    """The notes that the second migration left."""
    statement = "SELECT note FROM notes"
    if url.startswith("sqlite:"):
        return [str(note) for (note,) in plainly(Path(url.removeprefix("sqlite:///")), statement)]
    with psycopg.connect(url) as connection:
        return [str(note) for (note,) in connection.execute(statement)]


def test_a_second_migration_is_applied_once(opened: Store, empty: str) -> None:
    migrate, steps = migrating_of(opened, empty)
    migrate((*steps, SECOND))
    migrate((*steps, SECOND))
    assert notes(empty) == ["a;b"]


def test_a_migration_that_fails_leaves_nothing_and_the_next_start_makes_it(opened: Store, empty: str) -> None:
    migrate, steps = migrating_of(opened, empty)
    with pytest.raises(StoreUnavailable, match="already exists"):
        migrate((*steps, BROKEN))
    migrate((*steps, SECOND))
    assert notes(empty) == ["a;b"]


def test_a_database_of_a_newer_release_is_refused(opened: Store, empty: str) -> None:
    migrate, steps = migrating_of(opened, empty)
    migrate((*steps, SECOND))
    with pytest.raises(StoreUnavailable, match=r"was written by a newer release \(migration 2\); install"):
        open_database(empty, key=KEY)


def test_a_database_of_another_first_schema_is_refused(opened: Store, empty: str) -> None:
    migrate, _ = migrating_of(opened, empty)
    with pytest.raises(StoreUnavailable, match="was written by an earlier development version"):
        migrate((OTHER,))


def test_a_file_of_a_development_version_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.executescript(f"""
            PRAGMA journal_mode = wal;
            PRAGMA application_id = {APPLICATION_ID};
            CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT);
            INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('events', 'work_is_queued');
            CREATE TABLE events (position INTEGER);
        """)
    connection.close()
    before = path.read_bytes()

    with pytest.raises(StoreUnavailable) as refused:
        open_database(f"sqlite:///{path}")
    assert str(refused.value) == (
        f"DATABASE_URL: {path} was written by an earlier development version, and was left as it is. Export "
        "each of its models with that version (`threatmodel export MODEL --format events`), and import the "
        "files into a new database (`threatmodel import FILE`)"
    )
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_the_steps_are_numbered_from_one_without_a_gap() -> None:
    for dialect in (SQLITE, POSTGRES):
        steps = migrations(dialect)
        assert [step.number for step in steps] == list(range(1, len(steps) + 1))


def test_one_file_of_a_step_is_made_for_both_databases(tmp_path: Path) -> None:
    (tmp_path / "0001_notes.sql").write_text("CREATE TABLE notes (note {text}) {rows};\n{own_part}")
    (tmp_path / "0001_notes.sqlite.sql").write_text("-- of a file: {}\n")

    assert [one.sql for one in migrations(SQLITE, tmp_path)] == [
        "CREATE TABLE notes (note TEXT) STRICT, WITHOUT ROWID;\n-- of a file: {}\n"
    ]
    assert [one.sql for one in migrations(POSTGRES, tmp_path)] == [
        'CREATE TABLE notes (note text COLLATE "C") ;\n'
    ]


def test_a_script_is_divided_between_statements_only() -> None:
    trigger = "CREATE TRIGGER t BEFORE DELETE ON a\nBEGIN SELECT 1; SELECT 2; END;\n"
    assert list(statements(f"CREATE TABLE a (b TEXT);\n{trigger}")) == ["CREATE TABLE a (b TEXT);\n", trigger]
