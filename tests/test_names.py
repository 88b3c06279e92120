"""Every module and every public class of a package has a name of its own, save for parallel parts."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.docs.generator.syntax import parsed

ROOT = Path(__file__).parent.parent


class Parallel(NamedTuple):
    """Folders in which the same part of parallel things has the same name."""

    reason: str
    folders: frozenset[str]
    names: frozenset[str] = frozenset()
    """The only names for which this holds; none means any."""


PARALLEL = (
    Parallel(
        "each horizontal package has a module for each part of the work; so has the layer above the model",
        frozenset(
            {
                "domain",
                "domain/changes",
                "domain/commands",
                "domain/decide",
                "domain/events",
                "domain/model",
                "domain/wording",
            }
        ),
        frozenset({"analysis", "collection", "drafts", "remediation", "steering", "voting"}),
    ),
    Parallel(
        "a command that enters elements, and the decision on it",
        frozenset({"domain/commands", "domain/decide"}),
        frozenset({"bulk_entry", "element_entry"}),
    ),
    Parallel(
        "what a file and a server do each in their own way",
        frozenset({"bot/store/postgres", "bot/store/sqlite"}),
        frozenset({"connections", "copy_ends", "database_faults", "event_rows", "work"}),
    ),
    Parallel(
        "files that are read as drafts, and the rows in which drafts are kept",
        frozenset({"bot", "bot/store/repositories"}),
        frozenset({"drafts"}),
    ),
)
"""The only reasons for which a name may occur twice."""

CASES = [(package, what) for package in ("domain", "bot") for what in ("modules", "classes")]


def modules(package: str) -> Iterator[tuple[str, Path]]:
    """The name of each module and folder of a package, and where it lies."""
    for path in sorted((ROOT / package).rglob("*.py")):
        if path.name != "__init__.py":
            yield path.stem, path
        elif path.parent != ROOT / package:
            yield path.parent.name, path.parent


def classes(package: str) -> Iterator[tuple[str, Path]]:
    """The name of each public class of a package, and the module that defines it."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in parsed(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, path


def repeated(package: str, what: str) -> dict[str, list[Path]]:
    """The names that occur more than once, without those of parallel parts."""
    places: dict[str, list[Path]] = defaultdict(list)
    for name, path in modules(package) if what == "modules" else classes(package):
        places[name].append(path)
    return {name: paths for name, paths in places.items() if len(paths) > 1 and not is_parallel(name, paths)}


def is_parallel(name: str, paths: list[Path]) -> bool:
    """Whether the places are the same part of parallel things, each of which has it once."""
    folders = [path.parent.relative_to(ROOT).as_posix() for path in paths]
    return len({*folders}) == len(folders) and any(
        {*folders} <= one.folders and (not one.names or name in one.names) for one in PARALLEL
    )


@pytest.mark.parametrize(("package", "what"), CASES)
def test_no_name_occurs_twice(package: str, what: str) -> None:
    places = repeated(package, what)
    assert not {name: [str(path.relative_to(ROOT)) for path in paths] for name, paths in places.items()}


def test_every_reason_for_a_repeated_name_is_needed() -> None:
    named = [module for package in ("domain", "bot") for module in modules(package)]
    for one in PARALLEL:
        here = [name for name, path in named if path.parent.relative_to(ROOT).as_posix() in one.folders]
        repeated_here = {name for name in here if here.count(name) > 1}
        assert repeated_here
        assert one.names <= repeated_here, one.reason
        assert all((ROOT / folder).is_dir() for folder in one.folders)
