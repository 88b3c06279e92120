"""The order of a run with several workers loses no test, and gives each worker long ones first."""

from typing import cast

import pytest
from msgspec import Struct

from tests.order import BROWSER, LAST, SOURCES, deal


class _Item(Struct, frozen=True):
    nodeid: str


def dealt(names: list[str], workers: int) -> list[str]:
    items = cast("list[pytest.Item]", [_Item(name) for name in names])
    return [item.nodeid for item in deal(items, workers)]


def module(path: str, tests: int) -> list[str]:
    return [f"{path}::test_{number}" for number in range(tests)]


NAMES = [
    *module("tests/browser/test_a.py", 1),
    *module("tests/browser/test_b.py", 1),
    *module("tests/domain/test_c.py", 40),
    *module("tests/slack/test_d.py", 10),
    *module("tests/slack/test_e.py", 12),
    *module("tests/slack/test_f.py", 5),
]


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
def test_every_test_is_there_once(workers: int) -> None:
    assert sorted(dealt(NAMES, workers)) == sorted(NAMES)


@pytest.mark.parametrize("workers", [2, 3, 4])
def test_each_worker_begins_with_a_long_module(workers: int) -> None:
    ordered = dealt(NAMES, workers)
    start = 0
    for worker in range(workers):
        assert not ordered[start].startswith(LAST)
        start += (len(ordered) - start) // (workers - worker)


def test_modules_that_share_what_a_process_prepares_once_stay_together() -> None:
    names = [
        *module("tests/docs/test_pages.py", 3),
        *NAMES,
        *module("tests/sandbox/page/test_g.py", 2),
        *module("tests/test_names.py", 2),
    ]
    ordered = dealt(names, 3)
    assert sorted(ordered) == sorted(names)
    for which, count in ((SOURCES, 5), (BROWSER, 4)):
        places = [place for place, name in enumerate(ordered) if name.startswith(which)]
        assert places == list(range(places[0], places[0] + count))


def test_modules_of_long_tests_stay_together() -> None:
    ordered = [name.split("::")[0] for name in dealt(NAMES, 3) if not name.startswith(LAST)]
    assert len([one for one, before in zip(ordered, ["", *ordered], strict=False) if one != before]) == 5
