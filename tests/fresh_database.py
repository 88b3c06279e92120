"""A fresh database file without the work of making one: a copy of the one that this process made before."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from bot.store import open_store

NAME = "threatmodel.db"


def copy_fresh_file(path: Path) -> None:
    """Put a fresh database there, unless there is one."""
    if path.exists():
        return
    copy_files(_made(), path)


def copy_files(made: Path, path: Path) -> None:
    """Copy the database `NAME` of a directory, with all files beside it, to a path with another name."""
    for one in made.iterdir():
        shutil.copy2(one, path.with_name(one.name.replace(NAME, path.name)))


@cache
def _made() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="threatmodel-fresh-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    open_store(f"sqlite:///{directory / NAME}").close()
    return directory
