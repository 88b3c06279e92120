"""What each released version wrote, kept to be opened by all later ones: a database, events and JSON answers.

python -m tests.release.kept_files      keep what this version writes, in `kept`; commit it after a release
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from bot.version import version

KEPT: Final = Path(__file__).parent / "kept"
DATABASE: Final = "threatmodel.sqlite"
MODELS: Final = {"TM-1": "house", "TM-2": "web-shop"}
FACTS: Final = {"list": ("list",), **{f"history-{key}": ("history", key) for key in MODELS}}
"""Answers whose values stay."""
VIEWS: Final = {"portfolio": ("portfolio",), **{f"show-{key}": ("show", key) for key in MODELS}}
"""Answers whose fields stay. Their values follow the rules of a version, and the time."""

IMPORTING: Final = ("--workspace", "TDEMO", "--channel", "CDEMO", "--by", "UANA", "--yes")

RunOn = Callable[..., str]
"""Run `threatmodel` on a database file with some words; return its output, or fail."""


def write(run_on: RunOn, folder: Path) -> None:
    """Write the files of a version into a folder, which must not exist."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory) / "t.db"
        for example in MODELS.values():
            run_on(database, "demo", example)
        run_on(database, "backup", str(folder / DATABASE))
        for key in MODELS:
            run_on(database, "export", key, "--format", "events", "-o", str(folder / f"{key}.json"))
        for name, words in {**FACTS, **VIEWS}.items():
            (folder / f"{name}.json").write_text(run_on(database, *words, "--json"))


def check(run_on: RunOn, folder: Path, directory: Path) -> None:
    """Assert that a version opens the files of another one, in copies below a directory."""
    directory.mkdir()
    database = directory / "t.db"
    shutil.copy(folder / DATABASE, database)
    run_on(database, "verify")
    for name, words in {**FACTS, **VIEWS}.items():
        before, now = _load(folder / f"{name}.json"), json.loads(run_on(database, *words, "--json"))
        assert [*missing_fields(before, now)] == [], f"{name} of {folder.name}"
        if name in FACTS:
            assert now == _extended(before, now), f"{name} of {folder.name}"
    imported = directory / "imported.db"
    for key in MODELS:
        run_on(imported, "import", str(folder / f"{key}.json"), *IMPORTING)
        assert _subjects(run_on, imported, key) == _subjects(run_on, database, key), f"{key} of {folder.name}"
    run_on(imported, "verify")


def missing_fields(before: Any, now: Any, place: str = "") -> Iterator[str]:
    """Yield the paths of fields that an answer had and no longer has."""
    match before, now:
        case dict(), dict():
            yield from (f"{place}.{name}" for name in before if name not in now)
            for name in before.keys() & now.keys():
                yield from missing_fields(before[name], now[name], f"{place}.{name}")
        case [one, *_], [other, *_]:
            yield from missing_fields(one, other, f"{place}[]")
        case _:
            pass


def _extended(before: Any, now: Any) -> Any:
    """Return the earlier answer with the fields that were added since."""
    match before, now:
        case dict(), dict():
            return {**now, **{name: _extended(value, now.get(name)) for name, value in before.items()}}
        case list(), list() if len(before) == len(now):
            return [_extended(one, other) for one, other in zip(before, now, strict=True)]
        case _:
            return before


def _subjects(run_on: RunOn, database: Path, key: str) -> Any:
    """Return what a model holds, without what differs after an import: its key and its origin."""
    return json.loads(run_on(database, "show", key, "--json"))["registers"]


def _load(path: Path) -> Any:
    return json.loads(path.read_text())


def _run_this_version(database: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": f"sqlite:///{database}"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    if (KEPT / version()).exists():
        sys.exit(f"{KEPT / version()} exists. Files of a released version stay as they are.")
    write(_run_this_version, KEPT / version())
    print(f"written: {KEPT / version()}")
