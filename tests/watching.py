"""Keep a run from hanging and from hiding failures: a limit for each test, failures named as they come."""

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Generator
from types import FrameType

import pytest

from tests.depth import count

LIMIT = float(os.environ.get("THREATMODEL_TEST_LIMIT") or count(400, deep=3600))
"""Seconds for a test, and for its fixtures: many times what the slowest takes, for the machine may be busy.

Where failing the test does not end it, `faulthandler_timeout` in pyproject.toml ends its process.
"""


WIDTH = 300
"""Characters of what went wrong that are shown as it comes; the whole of it follows at the end."""


class Limit:
    """Fails a test that takes too long, and shows what each thread was doing."""

    def __init__(self, seconds: float, stderr: int) -> None:
        self._seconds = seconds
        self._stderr = stderr

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Limit the test itself."""
        return (yield from self._limited(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Limit its fixtures."""
        return (yield from self._limited(item))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Limit the end of its fixtures."""
        return (yield from self._limited(item))

    def _limited(self, item: pytest.Item) -> Generator[None, object, object]:
        if threading.current_thread() is not threading.main_thread():
            return (yield)  # signals arrive in the main thread only

        def over(_signal: int, _frame: FrameType | None) -> None:
            os.write(self._stderr, f"\n{item.nodeid}: longer than {self._seconds:.0f} s, in\n".encode())
            faulthandler.dump_traceback(self._stderr, all_threads=True)
            pytest.fail(f"longer than {self._seconds:.0f} s; what each thread did is on standard error")

        before = signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


class Failures:
    """Names each failure as soon as it is known, so that an interrupted run shows it, too."""

    def __init__(self, out: pytest.TerminalReporter) -> None:
        self._out = out

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print the test and the last line of what went wrong."""
        if report.failed:
            lines = report.longreprtext.strip().splitlines()
            message = next((line for line in lines if line.startswith("E ")), lines[-1] if lines else "")
            where = "" if report.when == "call" else f" ({report.when})"
            self._out.write_line("")
            told = f"failed: {report.nodeid}{where}: {message.removeprefix('E').strip()[:WIDTH]}"
            self._out.write_line(told, red=True)


def install(config: pytest.Config) -> None:
    """Register both in a run."""
    # Nothing is captured yet. Later, what a hanging test writes to standard error may never be shown.
    stderr = os.dup((sys.__stderr__ or sys.stderr).fileno())
    config.pluginmanager.register(Limit(LIMIT, stderr), "time-limit")
    out: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if out is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failures(out), "failures-as-they-come")
