"""Runs tests with one fault planted: a `Run` as JSON on standard input, pytest's exit status on exit.

The fault exists in this process alone. No file is changed, so an interrupted run leaves nothing behind.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import msgspec
import pytest
from typing_extensions import override

from tests.mutation.mutants import Mutant, mutated

ROOT = Path(__file__).resolve().parents[2]


class Run(msgspec.Struct, frozen=True):
    """One fault and the tests that should notice it, in their order."""

    mutant: Mutant
    tests: list[str]


class _Planted(MetaPathFinder, SourceLoader):
    """Finds and loads the one module that holds the fault."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._path = ROOT / mutant.file
        parts = Path(mutant.file).with_suffix("").parts
        self._module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        return spec_from_file_location(fullname, self._path, loader=self)

    @override
    def get_filename(self, fullname: str) -> str:
        return str(self._path)

    @override
    def get_data(self, path: str) -> bytes:
        return Path(path).read_bytes()

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(mutated(self._path.read_text(), self._mutant), self._path, "exec")


def main() -> int:
    """Plant the fault and run the tests until the first one fails."""
    run = msgspec.json.decode(sys.stdin.buffer.read(), type=Run)
    sys.meta_path.insert(0, _Planted(run.mutant))
    return int(pytest.main(["-x", "-q", "--no-header", "-p", "no:cacheprovider", *run.tests]))


if __name__ == "__main__":
    sys.exit(main())
