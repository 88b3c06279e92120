"""A later version opens what an earlier one wrote, and the way back is the backup from before the upgrade."""

import json
import re
import shutil
from functools import reduce
from operator import getitem
from pathlib import Path

import pytest

from deploy import releasing
from tests.cli.conftest import runner_on
from tests.depth import deep_only
from tests.operations.test_postgres_restore import command, run
from tests.postgres_server import database as server_database
from tests.release import kept_files
from tests.release.conftest import NEXT, ROOT, VERSION, Packages, built_packages

MIGRATION = {"bot/store/schema/0002_notes.sql": "CREATE TABLE notes (note {text} NOT NULL) {wide_rows};\n"}


def run_this_version(database: Path, *words: str) -> str:
    done = runner_on(database)(*words)
    assert done.exit_code == 0, (words, done.output)
    return done.stdout


@pytest.fixture(scope="module")
def own_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that this version would keep."""
    folder = tmp_path_factory.mktemp("kept") / "this version"
    kept_files.write(run_this_version, folder)
    return folder


def test_this_version_opens_the_files_of_every_released_one(own_files: Path, tmp_path: Path) -> None:
    for folder in (own_files, *sorted(kept_files.KEPT.glob("*"))):
        kept_files.check(run_this_version, folder, tmp_path / folder.name)


@pytest.mark.parametrize(
    ("name", "place"),
    [("list", (0, "name")), ("history-TM-2", (3, "at")), ("portfolio", ("totals", "removed"))],
)
def test_a_changed_value_and_a_removed_field_are_found(
    own_files: Path, tmp_path: Path, name: str, place: tuple[int | str, ...]
) -> None:
    folder = tmp_path / "earlier"
    shutil.copytree(own_files, folder)
    answer = json.loads((folder / f"{name}.json").read_text())
    *path, last = place
    reduce(getitem, path, answer)[last] = "as it was"
    (folder / f"{name}.json").write_text(json.dumps(answer))
    with pytest.raises(AssertionError, match=f"{name} of earlier"):
        kept_files.check(run_this_version, folder, tmp_path / "opened")


def test_the_files_of_every_released_version_are_kept() -> None:
    _, *earlier = re.findall(r"(?m)^## (Unreleased|\S+)", (ROOT / releasing.CHANGELOG).read_text())
    assert [one for one in earlier if not (kept_files.KEPT / one).is_dir()] == [], (
        "at the tag of this version: python -m tests.release.kept_files"
    )


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The packages of a next version, which migrates the database."""
    return built_packages(tmp_path_factory.mktemp("next"), NEXT, MIGRATION)


@deep_only
def test_the_next_version_opens_what_this_one_keeps(
    packages: Packages, later: Packages, tmp_path: Path
) -> None:
    assert later.done_on(tmp_path / "x.db", "--version") != packages.done_on(tmp_path / "x.db", "--version")
    kept_files.write(packages.done_on, tmp_path / VERSION)
    kept_files.check(later.done_on, tmp_path / VERSION, tmp_path / "opened")


@deep_only
def test_a_file_is_migrated_and_its_backup_leads_back(
    packages: Packages, later: Packages, tmp_path: Path
) -> None:
    database, backup = tmp_path / "t.db", tmp_path / "backup.sqlite"
    packages.done_on(database, "demo", "house")
    packages.done_on(database, "backup", str(backup))
    before = migrated(packages, later, database)

    for path in tmp_path.glob("t.db*"):
        if path.name in {"t.db", "t.db-wal", "t.db-shm"}:
            path.rename(path.with_name(f"upgraded-{path.name}"))
    shutil.copy(backup, database)
    as_before(packages, database, before)


@deep_only
def test_the_database_of_a_server_is_migrated_and_its_dump_leads_back(
    packages: Packages, later: Packages, tmp_path: Path
) -> None:
    with server_database("template0") as url, server_database("template0") as restored:
        packages.done_on(url, "demo", "house")
        run(command("pg_dump"), tmp_path, DATABASE_URL=url)
        before = migrated(packages, later, url)

        run(command("pg_restore"), tmp_path, RESTORED_URL=restored)
        as_before(packages, restored, before)


def migrated(packages: Packages, later: Packages, database: Path | str) -> str:
    """Upgrade a database, which the earlier version refuses from then on; return the history before."""
    before = packages.done_on(database, "history", "TM-1", "--json")
    later.done_on(database, "demo", "web-shop")
    later.done_on(database, "verify")
    assert later.done_on(database, "history", "TM-1", "--json") == before

    refused = packages.run_on(database, "list")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "was written by a newer release (migration 2); install that one" in refused.stderr
    later.done_on(database, "verify")
    return before


def as_before(packages: Packages, database: Path | str, before: str) -> None:
    """Assert that the earlier version goes on with a restored database."""
    packages.done_on(database, "restored")
    packages.done_on(database, "verify")
    assert packages.done_on(database, "history", "TM-1", "--json") == before
    assert [one["key"] for one in json.loads(packages.done_on(database, "list", "--json"))] == ["TM-1"]
