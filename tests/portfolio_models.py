"""Generated models of many teams: three stories, ended at different steps and moved to different days."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from msgspec.structs import replace

from bot.demo import PEOPLE, STORIES
from bot.demo.story_runner import Step
from bot.store import EventStore, StreamId
from bot.store.records import summary_of
from domain.decide import decide
from domain.events import Event, LabelsChosen, ThreatModelClosed, ThreatModelStarted
from domain.kernel.elements import ChannelId, ModelKey
from domain.replay import EMPTY, replay
from tests.orders_story import planned_orders_story
from tests.store.saying import say

TEAMS = ("Payments", "Checkout", "Identity", "Logistics", "Data platform")
SYSTEMS = ("API", "web front end", "event pipeline", "back office", "mobile app", "partner gateway")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def generated_events(number: int, channel: ChannelId, now: datetime = NOW) -> list[Event]:
    """The events of one model; the same for the same number."""
    stories = [_events(name) for name in ("house", "web-shop", "orders")]
    story = stories[number % len(stories)]
    part = (1.0, 0.8, 0.35, 1.0, 0.15)[number // len(stories) % 5]
    events = list(story[: max(1, int(len(story) * part))])
    last = now - timedelta(hours=7 + 29 * (number % 23))
    team, system = TEAMS[number % len(TEAMS)], SYSTEMS[number // len(TEAMS) % len(SYSTEMS)]
    labels = (f"team: {team.lower()}", *(("PCI DSS",) if number % 4 == 0 else ()))
    past = _moved(events, last, slower=40 + 13 * (number % 7))
    started = past[0]
    assert isinstance(started, ThreatModelStarted)
    key, name = ModelKey(f"TM-{number + 1}"), f"{team} {system}"
    past[0] = replace(started, key=key, name=name, channel=channel)
    past.append(LabelsChosen(by=PEOPLE[0], at=last, answer=len(past) + 1, labels=labels))
    if number % 10 == 9:
        past.append(ThreatModelClosed(by=PEOPLE[0], at=last, answer=len(past) + 1, review_on=last.date()))
    return past


def save_generated_models(
    store: EventStore, number: int, *, tenant: str, channels: Sequence[ChannelId], now: datetime = NOW
) -> list[StreamId]:
    """Record so many models of a workspace, in turns in the channels."""
    streams: list[StreamId] = []
    for one in range(number):
        stream = StreamId(f"{tenant}/TM-{one + 1}")
        events = generated_events(one, channels[one % len(channels)], now)
        say(store, *events, stream=stream, summary=summary_of(replay(events)))
        streams.append(stream)
    return streams


@cache
def _events(story: str) -> tuple[Event, ...]:
    stories = {**STORIES, "orders": planned_orders_story}
    return tuple(_decided(stories[story](ChannelId("C1"), PEOPLE)))


def _decided(steps: Sequence[Step]) -> Iterator[Event]:
    model = EMPTY
    for step in steps:
        events = decide(step(model), model)
        model = replay(events, model)
        yield from events


def _moved(events: Sequence[Event], last: datetime, *, slower: int) -> list[Event]:
    """The events over a time that is longer by a factor, so that the last one is at a moment."""
    return [
        replace(event, at=last - timedelta(minutes=3 * slower) * (len(events) - 1 - number))
        for number, event in enumerate(events)
    ]
