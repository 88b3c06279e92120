"""What every test may lean on: Hypothesis without clocks, and Chromium or a clear word without it."""

import gc
import os
import ssl
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from _pytest.unraisableexception import gc_collect_iterations_key

from bot.struct_types import prepare_struct_types
from deploy.environment import chromium as find_chromium
from tests import depth, fork_server, forked_workers, fresh_database, kept_graphviz, order, scratch, watching

if TYPE_CHECKING:
    from playwright.sync_api import Browser

depth.load_profile()
scratch.keep_in_memory()
_configure_logging: Callable[..., None] = structlog.configure


def _configure_logging_for_now(**settings: Any) -> None:
    """Configure it without loggers that keep this configuration for all later tests of the process."""
    _configure_logging(**{**settings, "cache_logger_on_first_use": False})


def _load_no_certificates(_context: ssl.SSLContext, _purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH) -> None:
    """Save what each client of Slack takes milliseconds for. No test speaks TLS."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Limit each test, name failures as they come, and save what takes each process or client long."""
    watching.install(config)
    forked_workers.install(config)
    patch = pytest.MonkeyPatch()
    patch.setattr(ssl.SSLContext, "load_default_certs", _load_no_certificates)
    patch.setattr(structlog, "configure", _configure_logging_for_now)
    kept_graphviz.keep(patch)
    config.add_cleanup(patch.undo)
    if not depth.DEEP:
        # What is found by collecting garbage at the end takes each process a second.
        config.stash[gc_collect_iterations_key] = 0


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector rest meanwhile: what is made then stays, and it would take a sixth."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each of several workers begin with long tests."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = order.deal(items, workers)


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all modules and tests again and again."""
    prepare_struct_types()
    gc.freeze()
    gc.set_threshold(*fork_server.RARE_COLLECTIONS)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Close the stores of a test; take back how a command that it ran in this process has set up the logs."""
    fresh_database.close_fresh_stores()
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failed browser test what each window shows."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.when == "call" and report.failed and browser is not None:
        from tests.browser.player import describe_windows

        report.sections.append(("Windows", describe_windows(browser)))
    return report


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium; without it the test skips, or fails where the browser is required."""
    found = find_chromium()
    if found is not None:
        return found
    word = "no Chromium on this machine (Debian: apt-get install chromium-headless-shell)"
    if os.environ.get("THREATMODEL_REQUIRE_BROWSER"):
        pytest.fail(word)
    pytest.skip(word)


@pytest.fixture(scope="session")
def kept_browser(chromium: Path) -> Iterator["Browser"]:
    """One Chromium for all browser tests of this process; tests take `browser`."""
    from tests.browser.player import running_chromium

    with running_chromium(chromium) as running:
        yield running


@pytest.fixture
def browser(kept_browser: "Browser") -> Iterator["Browser"]:
    """The system's Chromium, without a window of an earlier test."""
    from tests.browser.player import close_windows, playwright_in_use

    with playwright_in_use(kept_browser):
        yield kept_browser
        close_windows(kept_browser)
