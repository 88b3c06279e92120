"""Metrics for Prometheus."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.version import version


class Metrics:
    """Prometheus registry of one process, with its counters; no label tells workspaces or people apart."""

    def __init__(self) -> None:
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
        self._surfaces = Counter(
            "threatmodel_surfaces",
            "Deliveries of messages, files and Home tabs, by kind and outcome",
            ["surface", "outcome"],
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

    def expect_requests(self, kind: str, *outcomes: str) -> None:
        """Show outcomes before they first occur: a rate over time misses the first one of a new series."""
        for outcome in outcomes:
            self._requests.labels(kind, outcome)

    def request(self, kind: str, outcome: str, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(kind, outcome).inc()
        self._seconds.labels(kind).observe(seconds)

    def surface(self, surface: str, outcome: str) -> None:
        """Count a delivery of a message, file or Home tab by outcome."""
        self._surfaces.labels(surface, outcome).inc()

    def call(self, call: str, outcome: str) -> None:
        """Count a Slack call that was made after an answer."""
        self._calls.labels(call, outcome).inc()

    def agent_call(self, operation: str, outcome: str, seconds: float) -> None:
        """Count an answered or refused call of an agent."""
        self._agent_calls.labels(operation, outcome).inc()
        self._agent_seconds.labels(operation).observe(seconds)

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        """Add a gauge whose value is computed on each scrape."""
        Gauge(name, meaning, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)
