"""Channels are read again from time to time: one at a time, and each at a moment of its own."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bot.delivery.work_kinds import Done
from bot.slack.directory.channel_reads import (
    CHANNEL_INTERVAL_SECONDS,
    CHANNEL_READ,
    EVERY_SECONDS,
    FIRST_SUSPENDED_SECONDS,
    SUSPENDED_SECONDS,
    ChannelReads,
)
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.store.records import StreamId, Summary
from bot.store.timestamps import utc_now
from bot.store.work_queue import Claim, Touch
from domain.kernel.elements import ChannelId
from tests.fresh_database import fresh_queue, fresh_store
from tests.queue_rows import claim_one, due_subjects
from tests.store.saying import say, started

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
CHANNELS = [ChannelId(f"C{number}") for number in range(3)]


class Site:
    """Three channels with a model each, a queue, and a machine's clock in the test's hand."""

    def __init__(self, every: float = EVERY_SECONDS, idle_every: float = 0.0) -> None:
        store = fresh_store()
        for number, channel in enumerate(CHANNELS):
            key = f"TM-{number + 1}"
            summary = Summary(name=key, channel=channel, phase="collection")
            say(store, started(key), stream=StreamId(f"T1/{key}"), key=key, summary=summary)
        self.seconds, self.now = 1_000_000.0, NOON
        self.queue = fresh_queue(lambda: self.seconds)
        self.read: list[ChannelId] = []
        self.resting: set[ChannelId] = set()
        self.sees = True
        self.during: Callable[[ChannelId], None] = lambda _: None
        """What happens while a channel is read."""
        self.reads = ChannelReads(
            cast("DirectoryLookup", self),
            store.unit("T1").events,
            tenant="T1",
            is_suspended=lambda channel: channel in self.resting,
            wrote=lambda: None,
            touch=self.touch,
            now=lambda: self.now,
            every=every,
            idle_every=idle_every,
        )

    def read_channel(self, channel: ChannelId) -> None:
        self.read.append(channel)
        self.during(channel)
        if self.sees:
            self.reads.was_read(channel)

    def touch(self, touches: Iterable[Touch]) -> None:
        self.queue.touch(*touches)

    def claim(self) -> Claim | None:
        return claim_one(self.queue, "T1", self.now)

    def work(self) -> None:
        """Read what is due."""
        (kind,) = self.reads.kinds()
        while (claim := self.claim()) is not None:
            assert self.claim() is None, "one at a time"
            done = kind.run(claim)
            assert isinstance(done, Done)
            self.queue.settle(claim, again_after=done.again_after, again_at=done.again_at)

    def pass_by(self, seconds: float) -> list[ChannelId]:
        """Let time pass, and give what is read then."""
        before = len(self.read)
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)
        self.work()
        return self.read[before:]


@pytest.fixture
def site() -> Site:
    return Site()


def test_at_the_start_every_channel_is_read_one_after_the_other(site: Site) -> None:
    site.reads.read_all()
    for channel in CHANNELS:
        assert site.pass_by(0) == [channel]
        site.seconds += CHANNEL_INTERVAL_SECONDS
    assert site.read == CHANNELS


def test_what_this_process_has_read_is_not_missed_and_is_read_again_after_a_lost_connection(
    site: Site,
) -> None:
    site.reads.was_read(CHANNELS[1])  # its daily read is why the workspace was opened
    assert site.pass_by(EVERY_SECONDS) == [CHANNELS[1]]

    site.reads.request_missed()
    site.reads.read_requested()
    assert site.pass_by(0) + site.pass_by(1) == [CHANNELS[0], CHANNELS[2]]

    site.reads.request_all()
    site.reads.read_requested()
    assert site.pass_by(0) + site.pass_by(1) == CHANNELS


def test_a_read_that_began_before_the_connection_was_lost_does_not_count(site: Site) -> None:
    site.during = lambda channel: site.reads.request_all() if channel == CHANNELS[0] else None
    site.reads.was_read(CHANNELS[0])
    assert site.pass_by(EVERY_SECONDS) == [CHANNELS[0]]
    site.during = lambda _: None

    site.reads.read_requested()

    assert site.pass_by(0) + site.pass_by(1) == CHANNELS


def test_a_channel_is_read_again_after_the_usual_time_whoever_read_it_first(site: Site) -> None:
    site.reads.was_read(CHANNELS[0])
    assert site.pass_by(EVERY_SECONDS - 1) == []
    site.reads.was_read(CHANNELS[0])  # somebody came in, for instance
    assert site.pass_by(1) == [CHANNELS[0]]
    assert site.pass_by(EVERY_SECONDS - 1) == []
    assert site.pass_by(1) == [CHANNELS[0]]


def test_a_channel_that_is_read_once_a_day_is_read_once_a_day() -> None:
    site, day = Site(every=86_400.0), 86_400.0
    site.reads.read_all()
    site.pass_by(3 * CHANNEL_INTERVAL_SECONDS)
    assert site.read == CHANNELS
    assert site.pass_by(EVERY_SECONDS) == []
    assert site.pass_by(day - EVERY_SECONDS - 10) == []
    assert site.pass_by(10) == CHANNELS


def test_a_channel_in_which_nothing_changes_is_read_once_a_week() -> None:
    day = 86_400.0
    site = Site(every=day, idle_every=7 * day)
    site.now = utc_now()  # when the models were started
    site.reads.read_all()
    site.pass_by(3 * CHANNEL_INTERVAL_SECONDS)
    for _ in range(7):
        assert site.pass_by(day) == CHANNELS, "the models have changed within the week"
    assert [site.pass_by(day) for _ in range(6)] == [[]] * 6
    assert site.pass_by(day) == CHANNELS


def test_a_look_up_in_between_moves_the_next_read_of_a_day_forward_and_not_to_now() -> None:
    site = Site(every=86_400.0)
    site.reads.was_read(CHANNELS[0])
    assert site.pass_by(EVERY_SECONDS - 1) == []
    assert site.pass_by(1) == [CHANNELS[0]]
    assert site.pass_by(EVERY_SECONDS) == []


def test_a_read_that_is_asked_for_while_one_is_under_way_comes_after_it(site: Site) -> None:
    site.reads.read_all()
    read = site.read_channel

    def meanwhile(channel: ChannelId) -> None:
        if len(site.read) == 0:
            site.reads.read_all()
        read(channel)

    site.read_channel = meanwhile
    assert site.pass_by(0) == [CHANNELS[0]] * 2


def test_after_a_time_away_all_are_read_though_some_were_read_lately(site: Site) -> None:
    for channel in CHANNELS:
        site.reads.was_read(channel)
    site.seconds += 60
    site.reads.read_all()
    assert site.pass_by(0) == [CHANNELS[0]]
    assert site.pass_by(2 * CHANNEL_INTERVAL_SECONDS) == CHANNELS[1:]


@pytest.mark.parametrize("sees", [True, False], ids=["seen", "not seen"])
def test_a_suspended_channel_is_read_soon_and_then_less_often_down_to_every_ten_minutes(
    site: Site, *, sees: bool
) -> None:
    site.sees = sees
    site.reads.was_read(CHANNELS[0])
    site.resting.add(CHANNELS[0])
    site.reads.suspended(CHANNELS[0])
    for seconds in (5, 10, 20, 40, 80, 160, 320, *[SUSPENDED_SECONDS] * 3):
        assert site.pass_by(seconds - 1) == []
        assert site.pass_by(1) == [CHANNELS[0]]
    site.resting.clear()
    assert site.pass_by(SUSPENDED_SECONDS) == [CHANNELS[0]]
    assert site.pass_by(EVERY_SECONDS - 1) == []


def test_a_channel_that_is_suspended_after_each_read_is_read_less_and_less_often(site: Site) -> None:
    read = site.read_channel

    def resume_in_vain(channel: ChannelId) -> None:
        read(channel)
        site.reads.suspended(channel)

    site.read_channel = resume_in_vain
    site.resting.add(CHANNELS[0])
    site.reads.suspended(CHANNELS[0])
    assert [len(site.pass_by(5)) for _ in range(7)] == [1, 0, 1, 0, 0, 0, 1]


def test_a_suspension_that_is_recorded_after_the_channel_was_read_brings_an_early_read(site: Site) -> None:
    site.reads.was_read(CHANNELS[0])
    site.resting.add(CHANNELS[0])
    site.reads.suspended(CHANNELS[0])
    site.resting.clear()
    site.reads.was_read(CHANNELS[0])  # resumed, but the next refusal is under way
    site.resting.add(CHANNELS[0])
    site.reads.suspended(CHANNELS[0])
    assert site.pass_by(5) == [CHANNELS[0]]


def test_a_channel_that_has_no_model_any_longer_is_not_read_again(site: Site) -> None:
    site.reads.was_read(ChannelId("C9"))
    assert site.pass_by(EVERY_SECONDS) == []
    assert due_subjects(site.queue, "T1", CHANNEL_READ, NOON) == []


def test_after_a_start_a_channel_that_a_late_event_suspends_again_is_read_within_seconds(site: Site) -> None:
    channel = CHANNELS[0]
    site.resting.add(channel)  # since before the start
    site.reads.request_all()
    site.reads.read_requested()

    def resume(channel: ChannelId) -> None:
        site.resting.discard(channel)

    site.read_channel = resume
    site.pass_by(0)
    assert not site.resting
    site.resting.add(channel)
    site.reads.suspended(channel)
    site.pass_by(2 * FIRST_SUSPENDED_SECONDS)
    assert not site.resting
