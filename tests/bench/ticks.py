"""An idle tick, by how many models there are: it must cost what is due, not what exists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.commands.command_handler import Workshop
from bot.metrics import Metrics
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.app import Parts
from bot.slack.protocol.installation import Installation
from bot.store import SqliteStore, StreamId, open_store, utc_now
from domain.elements import PersonId
from tests.bench.material import with_past
from tests.bench.measuring import Row, Say, at_most, medians

SIZES = ((100, 500), (1_000, 500), (10_000, 50))
"""Models, and events of each."""

ROUNDS = 200
ALLOWED = 10_000.0
"""Microseconds."""


def run(directory: Path, say: Say) -> list[Row]:
    """Compare idle ticks over few and many models."""
    ticking = {models: _idle(directory, say, models, events) for models, events in SIZES}
    say(f"{ROUNDS} rounds of idle ticks in turns")
    times = medians({str(models): parts.tick for models, (parts, _) in ticking.items()}, rounds=ROUNDS)
    for _, store in ticking.values():
        store.close()
    rows = [
        at_most(
            f"idle tick over {models:,} models of {events} events ÷ the 10 ms that it may take",
            times[str(models)],
            ALLOWED,
            "µs",
            aim=1,
        )
        for models, events in SIZES
    ]
    few, many = str(SIZES[0][0]), str(SIZES[-1][0])
    grown = at_most(f"idle tick over {many} models ÷ over {few}", times[many], times[few], "µs", aim=2)
    return [*rows, grown]


def _idle(directory: Path, say: Say, models: int, events: int) -> tuple[Parts, SqliteStore]:
    say(f"{models:,} models of {events} events")
    path = directory / f"{models}.db"
    store = open_store(f"sqlite:///{path}")
    store.database.here().execute("PRAGMA synchronous = OFF")  # only while it is filled
    for number in range(1, models + 1):
        with_past(store, StreamId(f"T1/TM-{number}"), events)
    store.database.here().execute("PRAGMA synchronous = FULL")
    nudges, later = store.unit("T1").nudges, datetime.now(UTC) + timedelta(days=1)
    for look in nudges.to_look_at(datetime.now(UTC)):
        nudges.looked(look, later)
    settings = Settings(
        bot_token=Secret("xoxb-none"),
        app_token=Secret("xapp-none"),
        signing_secret=Secret(""),
        api_url="http://127.0.0.1:9/api/",
        database_url=DatabaseUrl(f"sqlite:///{path}"),
        host="127.0.0.1",
        port=None,
        log_level="info",
        log_format="text",
    )
    installed = Installation(team="T1", url="", bot_user=PersonId("UBOT"), bot_name="threatmodel")
    return Parts(settings, installed, Workshop(store), store, utc_now, metrics=Metrics()), store
