"""A plugin for pytest that shows which files of tests use the processor for how long.

pytest -p tests.cpu_time -n 2 tests/slack

Time on the wall depends on what else the machine does; processor time depends on it much less. What the
processes use that a test starts (servers, browsers) counts for the test.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "cpu seconds"
SHOWN = int(os.environ.get("CPU_SHOWN", "40"))
"""Files and tests that are listed, the largest first."""

_looking = 0.0
"""Processor seconds that looking itself has used."""

_TICKS = os.sysconf("SC_CLK_TCK")


def used_seconds() -> float:
    """Return the processor seconds that this process and its descendants have used until now (Linux only)."""
    began = time.thread_time()
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                # The name of the program, in brackets, may hold spaces.
                fields = (directory / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            parents[int(directory.name)] = int(fields[1])
            used[int(directory.name)] = sum(map(int, fields[11:15]))
    own = os.getpid()
    total = sum(ticks for process, ticks in used.items() if _descends(process, own, parents)) / _TICKS
    global _looking
    _looking += time.thread_time() - began
    return total - _looking


def _descends(process: int, ancestor: int, parents: dict[int, int]) -> bool:
    while process and process != ancestor:
        process = parents.get(process, 0)
    return process == ancestor


class Meter:
    """Measures in the process that runs the tests."""

    def __init__(self) -> None:
        self._before = used_seconds()
        self.preparing = self._before

    def pytest_collection_finish(self) -> None:
        """Keep apart what imports and collection use."""
        self.preparing = self._before = used_seconds()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note what was used since the last report."""
        report = yield
        now = used_seconds()
        # What nobody waited for at its end (a killed browser) is no longer counted: less than before.
        report.user_properties.append((PROPERTY, max(0.0, now - self._before)))
        self._before = now
        return report


class Table:
    """Adds up what was measured and prints it at the end."""

    def __init__(self, meter: Meter, *, alone: bool) -> None:
        self._meter = meter
        self._alone = alone
        self._tests: defaultdict[str, float] = defaultdict(float)
        self._preparing: list[float] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a part of a test used."""
        for name, value in report.user_properties:
            if name == PROPERTY and isinstance(value, float):
                self._tests[report.nodeid] += value

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self) -> None:
        """Take what was used before the first worker was there: in the process that forks them, above all."""
        if not self._preparing:
            self._preparing.append(used_seconds())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker used before its first test."""
        self._preparing.append(getattr(node, "workeroutput", {}).get(PROPERTY, 0.0))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print folders, files and tests."""
        if self._alone:
            self._preparing = [self._meter.preparing]
        files: defaultdict[str, float] = defaultdict(float)
        folders: defaultdict[str, float] = defaultdict(float)
        for name, seconds in self._tests.items():
            file = name.partition("::")[0]
            files[file] += seconds
            folders["/".join(file.split("/")[:2])] += seconds
        out = terminalreporter
        out.section("processor seconds")
        preparing = sum(self._preparing)
        out.write_line(f"{sum(self._tests.values()):8.1f} tests, and {preparing:.1f} imports and collection")
        for table in (folders, files, self._tests):
            out.write_line("")
            for name, seconds in sorted(table.items(), key=lambda one: -one[1])[:SHOWN]:
                out.write_line(f"{seconds:8.2f} {name}")


def pytest_configure(config: pytest.Config) -> None:
    """Measure in each process with tests, and print in the one that has the terminal."""
    meter = Meter()
    worker = hasattr(config, "workerinput")
    config.pluginmanager.register(meter, "cpu-meter")
    if not worker:
        alone = not getattr(config.option, "numprocesses", None)
        config.pluginmanager.register(Table(meter, alone=alone), "cpu-table")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send what was used before the first test to the process with the terminal."""
    output: dict[str, float] | None = getattr(session.config, "workeroutput", None)
    meter: Meter | None = session.config.pluginmanager.get_plugin("cpu-meter")
    if output is not None and meter is not None:
        output[PROPERTY] = meter.preparing
