"""Over which transports a test is played: the contract of a transport over both, other tests over one."""

from zlib import crc32

import pytest

from tests.depth import DEEP
from tests.slack.slack_team import Transport

BOTH: tuple[Transport, ...] = ("socket", "http")

CONTRACT = (
    "tests.slack.test_durable",
    "tests.slack.test_idempotence",
    "tests.slack.test_slack_bot",
    "tests.slack.test_readiness",
    "tests.cases.test_outages",
    "tests.cases.test_repeats",
    "tests.cases.test_disk",
)
"""Modules that say what a transport must do: record before the ack, count an answer once, tell its health."""


def transports(metafunc: pytest.Metafunc) -> tuple[Transport, ...]:
    """Return both transports for the contract and in the deep run; else one, always the same for a test."""
    if DEEP or metafunc.function.__module__ in CONTRACT:
        return BOTH
    return (BOTH[crc32(metafunc.function.__name__.encode()) % 2],)
