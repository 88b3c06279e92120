"""Order of the tests in a run with several workers: long tests begin early in each of them."""

from itertools import groupby

import pytest

LAST = ("tests/domain/", "tests/store/contract/", "tests/report/", "tests/docs/", "tests/mutation/")
"""Folders of many quick tests, which fill the gaps at the end."""


SOURCES = (
    "tests/cases/test_identifiers.py",
    "tests/docs/test_imports_drawing.py",
    "tests/docs/test_labels_named.py",
    "tests/docs/test_pages.py",
    "tests/sandbox/test_door.py",
    "tests/sentences/",
    "tests/slack/test_modal_registry.py",
    "tests/slack/test_secrecy_told.py",
    "tests/store/test_statements.py",
    "tests/test_names.py",
)
"""Modules that parse the sources of the product, which takes seconds: one process does it for all of them."""


BROWSER = ("tests/browser/", "tests/sandbox/page/")
"""Folders of tests with a browser, which each process starts once."""


AGENTS = ("tests/mcp_server/",)
"""The folder of tests that need the library of the protocol, whose import takes each process a second."""

WAITING = ("tests/slack/test_reminders.py", "tests/slack/test_replicas.py", "tests/slack/test_trickling.py")
"""Modules with tests that wait for ten seconds and longer: at the end, the others would wait for them."""

TOGETHER = (SOURCES, BROWSER, AGENTS, WAITING)


def deal(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests in an order in which each worker of `--dist worksteal` begins with long ones.

    That mode gives each worker an equal part of the list, and moves tests from the end of a part to a worker
    that has none left. Modules stay together because of their fixtures, and so do all that parse the sources,
    all with a browser, all about agents, and those that wait for long.
    """
    together = [[item for item in items if item.nodeid.startswith(which)] for which in TOGETHER]
    others = [item for item in items if not item.nodeid.startswith(sum(TOGETHER, ()))]
    modules = [list(module) for _, module in groupby(others, key=lambda item: item.nodeid.split("::")[0])]
    quick = [item for module in modules if module[0].nodeid.startswith(LAST) for item in module]
    long = [module for module in modules if not module[0].nodeid.startswith(LAST)]
    long = [*filter(None, together), *long]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        part = [item for module in long[worker::workers] for item in module]
        missing = max(0, (len(items) - len(ordered)) // (workers - worker) - len(part))
        part, quick = [*part, *quick[:missing]], quick[missing:]
        ordered += part
    return [*ordered, *quick]
