"""Branch coverage of `domain` by its own tests, and which test runs which line.

`python -m tests.mutation.covered` prints what is missing, fails below the aim, and leaves the map for the
mutation run.
"""

import sys
import time
from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest
from coverage import Coverage

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "coverage"
MAP = RESULTS / "tests.json"
AIM = 98.0
"""Percent of the lines and branches of `domain`."""

TESTS = ("tests/domain", "tests/store/contract/test_reminders.py", "tests/cli/test_changes.py")
"""Its own tests, and those of what only others use: what became of a reminder, and changes in words."""


class Covered(msgspec.Struct, frozen=True):
    """Seconds of each test, and for each module and line the tests that run it."""

    tests: list[str]
    """The quickest first."""

    lines: dict[str, dict[int, list[int]]]
    """Which of the tests run a line."""

    def tests_of(self, file: str, line: int, *, on_import: bool = False) -> list[str]:
        """Return the tests that run a line, the quickest first.

        What runs on import may be noticed by any test: those that run the line come first, then those that
        run its module. A constant is often compared by a test that runs nothing of its module, and a table
        may hold functions, which are run, beside values.
        """
        lines = self.lines.get(file, {})
        of_line = set(lines.get(line, ()))
        if not lines or (of_line and not on_import):
            return [self.tests[number] for number in sorted(of_line)]
        of_module = {number for each in lines.values() for number in each}
        others = set(range(len(self.tests))) - of_module
        order = (*sorted(of_line), *sorted(of_module - of_line), *sorted(others))
        return [self.tests[number] for number in order]


class _Contexts:
    """Tells the measurement which test is running."""

    def __init__(self, coverage: Coverage) -> None:
        self.seconds: dict[str, float] = {}
        self._coverage = coverage

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._coverage.switch_context(item.nodeid)
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = round(time.monotonic() - began, 4)
            self._coverage.switch_context("")


def main() -> int:
    """Run the tests of `domain` under measurement; 0 when they pass and the aim is met."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    coverage = Coverage(branch=True, source=["domain"], data_file=str(RESULTS / "data.sqlite"))
    coverage.erase()
    coverage.start()
    contexts = _Contexts(coverage)
    status = int(pytest.main(["-q", "-p", "no:cacheprovider", *TESTS], plugins=[contexts]))
    coverage.stop()
    coverage.save()
    data = coverage.get_data()
    tests = sorted(contexts.seconds, key=lambda test: (contexts.seconds[test], test))
    numbers = {test: number for number, test in enumerate(tests)}
    lines = {
        str(Path(file).relative_to(ROOT)): {
            line: [numbers[test] for test in run if test]
            for line, run in data.contexts_by_lineno(file).items()
        }
        for file in sorted(data.measured_files())
    }
    MAP.write_bytes(msgspec.json.encode(Covered(tests, lines)))
    percent = coverage.report(skip_covered=True, show_missing=True)
    print(f"\nBranch coverage of domain: {percent:.2f} % (aim: {AIM:.0f} %)")
    return status or int(percent < AIM)


def load() -> Covered:
    """Read what the last measurement wrote."""
    return msgspec.json.decode(MAP.read_bytes(), type=Covered)


if __name__ == "__main__":
    sys.exit(main())
