"""Metrics for Prometheus."""

import threading
import time
from collections.abc import Callable
from typing import Final, Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.store import StoreError
from bot.version import version

PATIENCE_SECONDS: Final = 3.0
"""Time for which a scrape waits for the database: longer than a usual lock, shorter than a scrape."""

RequestResult = Literal["accepted", "signature", "clock", "body", "unknown", "unavailable", "unsigned"]
"""What became of a request to Slack's address: accepted, or the reason of its refusal.

A wrong `signature` and an `unsigned` request differ: anyone can send the latter. `unknown` is a workspace
without the app.
"""


class Metrics:
    """Prometheus registry of one process, with its counters; no label tells workspaces or people apart.

    A scrape never fails with the database: the values that come from there are read by `in_background`, and a
    scrape shows the last ones, with their age.
    """

    def __init__(
        self,
        *,
        in_background: Callable[[Callable[[], None]], None] = lambda task: task(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._in_background = in_background
        self._changed = threading.Condition()
        self._reading = False
        self._from_database: list[_DatabaseValue] = []
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Gauge(
            "threatmodel_info", "Version of the bot; always 1", ["version"], registry=self._registry
        ).labels(version()).set(1)
        self._requests = Counter(
            "threatmodel_requests",
            "Requests from Slack by kind and outcome",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "threatmodel_answer_seconds",
            "Time from the arrival of a request to its response, including the durable record",
            ["kind"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
            registry=self._registry,
        )
        self._deliveries = Counter(
            "threatmodel_deliveries",
            "Deliveries of messages, files and Home tabs, by kind and outcome",
            ["kind", "outcome"],
            registry=self._registry,
        )
        self._calls = Counter(
            "threatmodel_slack_calls",
            "Calls of the Web API after an answer, by outcome",
            ["call", "outcome"],
            registry=self._registry,
        )
        self._agent_calls = Counter(
            "threatmodel_agent_calls",
            "Calls of agents by operation and outcome",
            ["operation", "outcome"],
            registry=self._registry,
        )
        self._agent_seconds = Histogram(
            "threatmodel_agent_answer_seconds",
            "Time to answer a call of an agent",
            ["operation"],
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10),
            registry=self._registry,
        )

        self._ages = Gauge(
            "threatmodel_value_age_seconds",
            "Seconds since a value that comes from the database was last read",
            ["metric"],
            registry=self._registry,
        )
        self._accepted = Counter(
            "threatmodel_requests_accepted",
            "Accepted requests and events from Slack",
            registry=self._registry,
        )
        self._card_delay = Histogram(
            "threatmodel_card_delay_seconds",
            "Time from the first change that a card does not show to the card that shows it",
            buckets=(0.5, 1, 2, 4, 8, 15, 30, 60, 90, 180, 300),
            registry=self._registry,
        )
        self._reserved: dict[str, float] = {}
        self._budget = Gauge(
            "threatmodel_slack_budget",
            "Calls that can be made at once in the busiest workspace; negative: so many wait",
            ["method"],
            registry=self._registry,
        )
        self._refused = Counter(
            "threatmodel_requests_refused",
            "Refused requests and events from Slack, by reason",
            ["reason"],
            registry=self._registry,
        )
        for result in get_args(RequestResult):
            if result != "accepted":
                self._refused.labels(result)

    def expect_requests(self, kind: str, *outcomes: str) -> None:
        """Show outcomes before they first occur: a rate over time misses the first one of a new series."""
        for outcome in outcomes:
            self._requests.labels(kind, outcome)

    def request(self, kind: str, outcome: str, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(kind, outcome).inc()
        self._seconds.labels(kind).observe(seconds)

    def delivery(self, kind: str, outcome: str) -> None:
        """Count a delivery of a message, file or Home tab by outcome."""
        self._deliveries.labels(kind, "put_off")  # a rate over time misses the first one of a new series
        self._deliveries.labels(kind, outcome).inc()

    def call(self, call: str, outcome: str) -> None:
        """Count a Slack call that was made after an answer."""
        self._calls.labels(call, outcome).inc()

    def agent_call(self, operation: str, outcome: str, seconds: float) -> None:
        """Count an answered or refused call of an agent."""
        self._agent_calls.labels(operation, outcome).inc()
        self._agent_seconds.labels(operation).observe(seconds)

    def slack_request(self, result: RequestResult) -> None:
        """Count a request or event from Slack, accepted or refused."""
        (self._accepted if result == "accepted" else self._refused.labels(result)).inc()

    def card_shown(self, seconds: float) -> None:
        """Record how long the first change of a model waited for its card."""
        self._card_delay.observe(seconds)

    def reserved(self, call: str, burst: int, interval: float, ahead: float) -> None:
        """Note a reserved call to Slack: all that were reserved so far have passed after `ahead` seconds.

        The gauge shows the workspace with the fewest calls left.
        """
        until = self._clock() + ahead
        if until <= self._reserved.get(call, 0.0):
            return
        if call not in self._reserved:
            self._budget.labels(call).set_function(
                lambda: burst - max(0.0, self._reserved[call] - self._clock()) / interval
            )
        self._reserved[call] = until

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Add a gauge whose value is computed on each scrape, from memory alone."""
        Gauge(name, meaning, registry=self._registry).set_function(value)

    def watch_database(
        self, name: str, meaning: str, value: Callable[[], float], *, late: float | None = None
    ) -> None:
        """Add a gauge whose value is read from the database; while it cannot be, it keeps its last one.

        With `late`, it has this value instead as soon as the database does not answer in time.
        """
        kept = _DatabaseValue(value, late, self._clock)
        self._from_database.append(kept)
        Gauge(name, meaning, registry=self._registry).set_function(lambda: kept.shown)
        self._ages.labels(name).set_function(lambda: kept.age)

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format; wait at most `PATIENCE_SECONDS`."""
        with self._changed:
            if self._from_database and not self._reading:
                self._reading = True
                for one in self._from_database:
                    one.is_read = False
                self._in_background(self._read)
            self._changed.wait_for(lambda: not self._reading, PATIENCE_SECONDS)
        return generate_latest(self._registry)

    def stop(self) -> None:
        """Read nothing more from the database: it is about to be closed."""
        self._from_database.clear()

    def _read(self) -> None:
        try:
            for one in tuple(self._from_database):
                one.read()
        except StoreError:
            pass  # readiness and the log name it, and the ages grow
        finally:
            with self._changed:
                self._reading = False
                self._changed.notify_all()


class _DatabaseValue:
    """Last value that was read from the database."""

    def __init__(self, value: Callable[[], float], late: float | None, clock: Callable[[], float]) -> None:
        self._value = value
        self._late = late
        self._clock = clock
        self._last = float("nan")
        self._read_at = clock()
        self.is_read = False

    @property
    def shown(self) -> float:
        return self._last if self._late is None or self.is_read else self._late

    @property
    def age(self) -> float:
        return self._clock() - self._read_at

    def read(self) -> None:
        self._last = self._value()
        self._read_at, self.is_read = self._clock(), True
