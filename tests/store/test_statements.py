"""SQL stands in the store alone, and every statement there names the workspace."""

import ast
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

import bot
from bot.store import SqliteStore
from deploy.docs.generator.syntax import nodes, parsed
from tests.store.saying import plainly

BOT = Path(bot.__file__).parent
STORE = BOT / "store"

OWN_STORE = BOT / "sandbox" / "workspace" / "record_storage.py"
"""The sandbox stands in for Slack and knows nothing of the bot: it keeps its workspace in its own file."""

STATEMENT = re.compile(
    r"^\s*(SELECT\b.+\bFROM\b|INSERT (OR \w+ )?INTO\b|REPLACE INTO\b|UPDATE (OR \w+ )?\S+ SET\b|DELETE FROM\b"
    r"|(CREATE|ALTER|DROP) (UNIQUE )?(TABLE|INDEX|TRIGGER)\b|PRAGMA \w+|BEGIN IMMEDIATE\b|WITH .+ AS \()",
    re.DOTALL,
)
KEYWORD = re.compile(
    r"\b(SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|BEGIN|WITH)\b", re.IGNORECASE
)
"""A word with which a statement begins: a module without any needs no parsing."""

LIBRARIES = {"sqlite3", "sqlite_utils"}

OVER_ALL_WORKSPACES = {
    "epoch.py": "a database is restored with all of its workspaces",
    "copying.py": "all workspaces of a database are copied together",
    "copy_ends.py": "all workspaces of a database are copied together",
    "cross_checks.py": "verify compares every workspace, and what belongs to none, with the chain",
    "housekeeping.py": "one statement does for all workspaces what an idle one must not cost",
    "installations.py": "a request finds its workspace here, and maintenance goes through all of them",
    "migrate.py": "a file is migrated with all of its workspaces",
    "replay_comparison.py": "verify folds the models of every workspace",
    "event_rows.py": "verify walks the chains of every workspace",
    "verified_file.py": "a check of every workspace goes on if nothing was erased in any",
    "verify.py": "verify walks the chains of every workspace",
}
"""Modules of the store whose statements read every workspace, and why."""

EXCEPTIONS = {
    "_LOOK": "one look finds the workspaces in which there is something to do",
    "_BACKLOG": "operators watch the work of all workspaces together",
    "_HEADS": "lists the ends of all chains for an outside witness; a unit of work leaves its own",
    "_UNFINISHED": "a file has one log for the erased words of all workspaces",
    "_NOTED": "a file has one log for the erased words of all workspaces",
    "_LISTED": "`threatmodel list` shows every workspace unless told otherwise; a unit of work adds its own",
}
"""Single statements that may read every workspace, and why."""

NAMED = re.compile(r"\btenant = |\btenant IS |USING \(tenant\b|INTO \S+\s*\([^)]*\btenant\b")
REFERENCE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE(?: OR \w+)?)\s+([\w{}*]+)")
FILLED_IN = {"{}", "*"}


class Statement(NamedTuple):
    """SQL in a module; `name` is the constant that it is, if it is one."""

    module: Path
    line: int
    name: str
    sql: str


def statements(path: Path, names: dict[str, object]) -> Iterator[Statement]:
    """The SQL of a module, as complete as the module's own constants make it."""
    text = path.read_text()
    if not KEYWORD.search(text):
        return
    parts = {id(part) for node in nodes(text) if isinstance(node, ast.JoinedStr) for part in node.values}
    constants = {
        id(node.value): target.id
        for node in parsed(text).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes(text):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in parts:
            sql = _filled(node, names)
            if STATEMENT.match(sql):
                yield Statement(path, node.lineno, constants.get(id(node), ""), sql)


def _filled(node: ast.expr, names: dict[str, object]) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_filled(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        known = names.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return known if isinstance(known, str) else "*"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def modules(under: Path) -> list[Path]:
    return sorted(under.rglob("*.py"))


def constants_of(path: Path) -> dict[str, object]:
    name = ".".join(path.relative_to(BOT.parent).with_suffix("").parts).removesuffix(".__init__")
    return vars(import_module(name))


def of_workspaces(store: SqliteStore) -> set[str]:
    """The tables whose rows belong to a workspace."""
    names = plainly(store.database.path, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {
        name
        for (name,) in names
        if any(row[1] == "tenant" for row in plainly(store.database.path, f"PRAGMA table_info({name})"))
    }


def forgotten(sql: str, tables: set[str]) -> int:
    """How many references to tables of workspaces a statement makes without naming the workspace."""
    named = [table if table in FILLED_IN else table.rstrip("{}") for table in REFERENCE.findall(sql)]
    about = [table for table in named if table in tables | FILLED_IN]
    return len(about) - len(NAMED.findall(sql))


OUTSIDE = [one for one in modules(BOT) if STORE not in one.parents and one != OWN_STORE]
INSIDE = [one for one in modules(STORE) if one.name not in OVER_ALL_WORKSPACES]


def test_there_is_no_sql_outside_the_store() -> None:
    found = [
        f"{statement.module.relative_to(BOT)}:{statement.line}: {statement.sql.split()[:6]}"
        for path in OUTSIDE
        for statement in statements(path, {})
    ]

    assert found == [], "put it into a repository of bot/store"


def test_no_database_library_is_imported_outside_the_store() -> None:
    found: list[str] = []
    for path in OUTSIDE:
        text = path.read_text()
        for node in nodes(text) if any(library in text for library in LIBRARIES) else ():
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.relative_to(BOT)}: {name}" for name in names if name.split(".")[0] in LIBRARIES]

    assert found == []


def test_nothing_outside_the_store_goes_past_the_unit_of_work_to_the_database() -> None:
    found = [
        f"{path.relative_to(BOT)}:{node.lineno}"
        for path in OUTSIDE
        if BOT / "sandbox" not in path.parents and "database" in (text := path.read_text())
        for node in nodes(text)
        if isinstance(node, ast.Attribute)
        and node.attr == "database"
        and not (isinstance(node.value, ast.Name) and node.value.id == "settings")
    ]

    assert found == []


def test_every_statement_names_the_workspace(store: SqliteStore) -> None:
    tables, found = of_workspaces(store), set[str]()
    for path in INSIDE:
        for one in statements(path, constants_of(path)):
            if one.name not in EXCEPTIONS and forgotten(one.sql, tables) > 0:
                found.add(f"{path.relative_to(STORE)}:{one.line}: {' '.join(one.sql.split())[:120]}")

    assert sorted(found) == [], "two workspaces on one file would see each other's rows"


def test_the_exceptions_are_still_there(store: SqliteStore) -> None:
    tables = of_workspaces(store)
    names = {
        statement.name
        for path in INSIDE
        for statement in statements(path, constants_of(path))
        if statement.name and forgotten(statement.sql, tables) > 0
    }

    assert names == set(EXCEPTIONS)
    assert {path.name for path in modules(STORE)} >= set(OVER_ALL_WORKSPACES)


def test_every_table_about_people_and_models_has_a_workspace_first_in_its_key(store: SqliteStore) -> None:
    without: dict[str, Sequence[str]] = {}
    for (name,) in plainly(store.database.path, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        columns = plainly(store.database.path, f"PRAGMA table_info({name})")
        key = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
        if key[:1] != ["tenant"] and not name.startswith(("_", "sqlite_")):
            without[name] = key

    assert without == {
        "database_epoch": ["one"],  # one row: the epoch of the database
        "positions": ["only"],  # one row: the last position that the file gave to an event
        "write_checks": ["only"],  # one row, written to see whether the file takes it
        "used_install_states": ["nonce"],  # random values of installations that have not happened yet
    }


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT thread FROM deliveries WHERE stream = ?1",
        "UPDATE deliveries SET thread = ?2 WHERE stream = ?1",
        "DELETE FROM deliveries",
        "INSERT OR REPLACE INTO deliveries (stream, thread) VALUES (?1, ?2)",
        "SELECT 1 FROM streams WHERE tenant = ?1 AND EXISTS (SELECT 1 FROM deliveries WHERE thread = ?2)",
        "SELECT stream FROM {} WHERE NOT over",
    ],
)
def test_a_statement_without_a_workspace_is_found(store: SqliteStore, sql: str) -> None:
    assert STATEMENT.match(sql)
    assert forgotten(sql, of_workspaces(store)) > 0
