"""One replica of the ticker, as a process of its own: ticks until somebody ends it."""

import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bot.nudges.courier import Nothing
from bot.nudges.nudging import NudgePace
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.app import Parts
from bot.slack.connection.installation import look_around, slack_api
from bot.slack.surfaces.agenda import Pace
from bot.slack.surfaces.courier import SlackCourier
from bot.slack.upkeep.metrics import Metrics
from bot.slack.upkeep.tables import SLACK
from bot.store import StoreError, open_store
from bot.workshop import Workshop


class FileClock:
    """What time it is in a story: it runs faster than time does, and jumps, as a file says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        told = json.loads(self._path.read_text())
        passed = (time.time() - told["since"]) * told["rate"] + told["jumped"]
        return datetime.fromisoformat(told["start"]) + timedelta(seconds=passed)


def main(database: str, api_url: str, token: str, clock: str, lease: str, blind: str) -> None:
    """Tick every moment; `blind` does not look for messages that another process may have sent."""
    settings = Settings(
        bot_token=Secret(token),
        app_token=Secret("xapp-none"),
        signing_secret=Secret(""),
        api_url=api_url,
        database_url=DatabaseUrl(f"sqlite:///{database}"),
        host="127.0.0.1",
        port=None,
        log_level="info",
        log_format="text",
    )
    if blind == "blind":
        setattr(SlackCourier, "find", _sees_nothing)  # noqa: B010  (the fault that is planted)
    store = open_store(settings.database_url, tables=(SLACK,), patience=10)
    workshop = Workshop(store)
    pace = Pace(nudges=NudgePace(between=0.01, longest=5.0, lease=float(lease)))
    installation = look_around(slack_api(settings))
    parts = Parts(
        settings, installation, workshop, store, FileClock(Path(clock)), metrics=Metrics(), pace=pace
    )
    print("ticking", flush=True)
    while True:
        try:
            parts.nudging.tick()
        except StoreError as busy:
            print("tick failed", busy, flush=True)
        time.sleep(0.05)


def _sees_nothing(*_: object) -> Nothing:
    return Nothing()


if __name__ == "__main__":
    main(*sys.argv[1:])
