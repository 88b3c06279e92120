"""Digests of source code, by which values that are kept for later processes become invalid."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import domain

_ROOT = Path(domain.__file__ or "").parent


@cache
def digest_of(module: str) -> str:
    """Return a digest of a module of the domain with all that it imports from the domain.

    Values that the module computes from events stay valid as long as this is the same: a release that changes
    only other modules does not change it.
    """
    digest = hashlib.sha256()
    for source in _files(modules_behind(module)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


@cache
def modules_behind(module: str) -> frozenset[str]:
    """Return a module with the modules of the domain that it imports, directly or not, and their packages."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        one = waiting.pop()
        if one in found or (file := _file(one)) is None:
            continue
        found.add(one)
        waiting += [one.rpartition(".")[0], *_imports(file.read_text(encoding="utf-8"))]
    return frozenset(found)


def _imports(source: str) -> Iterator[str]:
    for found in _IMPORT.finditer(source):
        module = found["module"] or found["package"]
        yield module
        # What is imported from a package may be a module of it.
        yield from (f"{module}.{name}" for name in _NAME.findall(found["names"] or ""))


def _files(modules: Iterable[str]) -> list[Path]:
    return sorted(file for module in modules if (file := _file(module)) is not None)


def _file(module: str) -> Path | None:
    """Return the file of a module of the domain; None for anything else, such as a class in one."""
    parts = module.split(".")
    if parts[0] != domain.__name__:
        return None
    place = _ROOT.joinpath(*parts[1:])
    for file in (place / "__init__.py", place.with_suffix(".py")):
        if file.is_file():
            return file
    return None


_IMPORT = re.compile(
    r"^[ \t]*(?:import[ \t]+(?P<module>domain[\w.]*)"
    r"|from[ \t]+(?P<package>domain[\w.]*)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n]*))",
    re.MULTILINE,
)
_NAME = re.compile(r"\w+")
