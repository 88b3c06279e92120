"""Order of the tests in a run with several workers: long tests begin early in each of them."""

from itertools import groupby

import pytest

LAST = ("tests/domain/", "tests/store/contract/", "tests/report/", "tests/docs/", "tests/mutation/")
"""Folders of many quick tests, which fill the gaps at the end."""


def deal(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Return the tests in an order in which each worker of `--dist worksteal` begins with long ones.

    That mode gives each worker an equal part of the list, and moves tests from the end of a part to a worker
    that has none left. Modules stay together because of their fixtures.
    """
    modules = [list(module) for _, module in groupby(items, key=lambda item: item.nodeid.split("::")[0])]
    quick = [item for module in modules if module[0].nodeid.startswith(LAST) for item in module]
    long = [module for module in modules if not module[0].nodeid.startswith(LAST)]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        part = [item for module in long[worker::workers] for item in module]
        missing = max(0, (len(items) - len(ordered)) // (workers - worker) - len(part))
        part, quick = [*part, *quick[:missing]], quick[missing:]
        ordered += part
    return [*ordered, *quick]
