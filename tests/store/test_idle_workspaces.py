"""A look for work costs the same however many workspaces are idle, and however much one has to do."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from bot.store import SqliteStore
from bot.store.timestamps import DUE_NOW, format_timestamp
from tests.store.saying import NOON

TOMORROW = format_timestamp(NOON + timedelta(days=1))
LOOKS: dict[str, Callable[[SqliteStore], object]] = {
    "what to do": lambda store: store.work.look(NOON),
    "how much": lambda store: store.work.backlog(NOON),
    "late reminders": lambda store: store.housekeeping.overdue_reminders(("card",), NOON, seconds=600),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_many_idle_workspaces_cost_nothing(store: SqliteStore, look: Callable[[SqliteStore], object]) -> None:
    costs = list[int]()
    for tenants in (1, 2000):
        _fill(store, ((f"T{number}", "TM-1", TOMORROW) for number in range(tenants)))
        costs.append(_steps(store, lambda: look(store)))
    assert costs[1] <= 1.2 * costs[0], "more only by the depth of the indexes"


def test_the_many_rows_of_a_busy_workspace_are_passed_over(store: SqliteStore) -> None:
    costs = list[int]()
    for rows in (2, 2000):
        _fill(store, (("T1", f"TM-{number}", DUE_NOW) for number in range(rows)))
        costs.append(_steps(store, lambda: store.work.look(NOON)))
        assert store.work.look(NOON) == ["T1"]
    assert costs[1] <= 1.2 * costs[0]


def _steps(store: SqliteStore, look: Callable[[], object]) -> int:
    """Count the steps of the database's virtual machine."""
    steps = list[None]()
    connection = store.database.current()
    connection.set_progress_handler(lambda: steps.append(None), 1)
    look()
    connection.set_progress_handler(None, 1)
    return len(steps)


def _fill(store: SqliteStore, rows: Iterable[tuple[str, str, str]]) -> None:
    with store.database.writing(durable=False) as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO work (tenant, kind, subject, lane, due) VALUES (?, 'card', ?, 'C1', ?)",
            rows,
        )
