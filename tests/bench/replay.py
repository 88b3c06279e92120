"""Reading a long past into a model, against the `eventsourcing` library on the same disk."""

import gc
import tracemalloc
from pathlib import Path
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bot.store import SqliteStore, StreamId, open_store
from domain.model import ThreatModel
from domain.replay import replay
from tests.bench.benchmark_models import DESCRIPTION, append_past
from tests.bench.measurements import Row, Say, at_most, faster, medians

EVENTS = 10_000
LONGER = 4 * EVENTS
ROUNDS = 7


class House(Aggregate):
    """The same words about the same assets, in the library's own way; it keeps the time by itself."""

    def __init__(self) -> None:
        self.assets: dict[str, tuple[str, str, str]] = {}

    @event("AssetRevised")
    def revise(
        self, by: str, answer: int, element: str, name: str, description: str, confidentiality: str
    ) -> None:
        """Describe an asset anew."""
        del by, answer
        self.assets[element] = (name, description, confidentiality)


def run(directory: Path, say: Say) -> list[Row]:
    """Compare the time for a past of 10,000 events, and our memory for that and for a longer one."""
    say(f"telling {EVENTS:,} events to ours and to the eventsourcing library")
    store = open_store(f"sqlite:///{directory}/ours.db")
    past = append_past(store, StreamId("T1/TM-1"), EVENTS)
    longer = append_past(store, StreamId("T1/TM-2"), LONGER)
    library = Application[UUID](
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": f"{directory}/theirs.db",
        }
    )
    house = _told(library)

    say(f"replaying {ROUNDS} times in turns")
    times = medians(
        {"ours": lambda: folded(store, past), "theirs": lambda: library.repository.get(house)},
        rounds=ROUNDS,
        warm_up=1,
    )
    say(f"watching the memory for {EVENTS:,} and for {LONGER:,} events")
    short, long = (_peak(store, stream) for stream in (past, longer))
    library.close()
    store.close()
    return [
        faster(
            f"replay of {EVENTS:,} events: eventsourcing's ÷ ours",
            times["ours"] / 1000,
            times["theirs"] / 1000,
            "ms",
            aim=12,
        ),
        at_most(
            f"peak memory of replaying {LONGER:,} events ÷ {EVENTS:,}",
            long / 1024,
            short / 1024,
            "KiB",
            aim=1.1,
        ),
    ]


def folded(store: SqliteStore, stream: StreamId) -> ThreatModel:
    """The model as a start finds it."""
    return replay(store.events(stream))


def _told(library: Application[UUID]) -> UUID:
    house = House()
    for number in range(EVENTS):
        house.revise("U0BENCH", number, f"AS-{number % 4 + 1}", f"Letters {number}", DESCRIPTION, "high")
        if number % 1000 == 999:
            library.save(house)
    library.save(house)
    return house.id


def _peak(store: SqliteStore, stream: StreamId) -> int:
    folded(store, stream)
    gc.collect()
    tracemalloc.start()
    folded(store, stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
