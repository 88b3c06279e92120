"""Metrics: a scrape needs no database, and shows the last values of one that is gone."""

import threading
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import metrics as metrics_module
from bot.metrics import Metrics
from bot.store import StoreUnavailable
from tests.fake_clock import FakeMonotonicClock


class Database:
    """A database that counts one thing, until it is gone."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.now = 100.0
        self.metrics = Metrics(clock=lambda: self.now)
        self.metrics.watch_database("ready", "", lambda: self.read(1), late=0)
        self.metrics.watch_database("due", "", lambda: self.read(7))

    def read(self, value: int) -> int:
        if self.fault is not None:
            raise self.fault
        return value


def test_during_an_outage_each_value_keeps_its_last_one_with_its_age() -> None:
    database = Database()
    before = samples(database.metrics)
    assert (before["ready"], before["due"], before[age("due")]) == (1, 7, 0)
    database.fault = StoreUnavailable("the server is gone")
    database.now += 90
    during = samples(database.metrics)
    assert (during["ready"], during["due"], during[age("due")]) == (0, 7, 90)
    database.fault = None
    after = samples(database.metrics)
    assert (after["ready"], after["due"], after[age("due")]) == (1, 7, 0)


def test_a_value_that_was_never_read_is_no_number() -> None:
    database = Database()
    database.fault = StoreUnavailable("the server is gone")
    first = samples(database.metrics)
    assert first["due"] != first["due"], "not zero, which would say that nothing is due"
    assert first["ready"] == 0


def test_a_scrape_does_not_wait_for_a_database_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics_module, "PATIENCE_SECONDS", 0.01)
    begun, answered = threading.Event(), threading.Event()
    started: list[Callable[[], None]] = []

    def in_background(task: Callable[[], None]) -> None:
        started.append(task)
        threading.Thread(target=task, daemon=True).start()

    def hang() -> int:
        begun.set()
        assert answered.wait(60)
        return 1

    metrics = Metrics(in_background=in_background)
    metrics.watch_database("ready", "", hang, late=0)
    assert samples(metrics)["ready"] == 0
    assert begun.wait(60)
    assert samples(metrics)["ready"] == 0
    assert len(started) == 1, "one reading at a time, however often it is scraped"
    monkeypatch.setattr(metrics_module, "PATIENCE_SECONDS", 60)
    answered.set()
    assert samples(metrics)["ready"] == 1


def age(metric: str) -> str:
    return f"threatmodel_value_age_seconds {metric}"


def samples(metrics: Metrics) -> dict[str, float]:
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_the_budget_of_calls_is_that_of_the_busiest_workspace_and_comes_back() -> None:
    clock = FakeMonotonicClock()
    metrics = Metrics(clock=clock)
    for ahead in (8.0, 2.0):
        metrics.reserved("chat.update", 6, 2.0, ahead)
    assert b'threatmodel_slack_budget{method="chat.update"} 2.0' in metrics.text()
    clock.advance(4.0)
    assert b'threatmodel_slack_budget{method="chat.update"} 4.0' in metrics.text()
