"""One replica of the ticker, as a process of its own: ticks until somebody ends it."""

import json
import os
import random
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from bot.nudges.courier import Nothing
from bot.nudges.nudging import NudgePace
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.app import Parts
from bot.slack.asking.requests import Json
from bot.slack.connection.installation import look_around, slack_api
from bot.slack.connection.slack_api import SlackApi
from bot.slack.surfaces.agenda import Pace
from bot.slack.surfaces.courier import SlackCourier
from bot.slack.upkeep.metrics import Metrics
from bot.slack.upkeep.tables import SLACK
from bot.store import StoreError, open_store
from bot.workshop import Workshop


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """What one ticker is given; `skew` are the seconds of the story by which its clock is wrong.

    A `blind` one does not look for messages that another process may have sent. `pauses` is the share of its
    messages just before which it stops, until somebody lets it go on.
    """

    database: str
    api_url: str
    token: str
    clock: str
    lease: float
    patience: float
    skew: float = 0.0
    pauses: float = 0.0
    blind: bool = False


class FileClock:
    """What time it is in a story: it runs faster than time does, and jumps, as a file says."""

    def __init__(self, path: Path, skew: float) -> None:
        self._path = path
        self._skew = skew

    def __call__(self) -> datetime:
        told = json.loads(self._path.read_text())
        passed = (time.time() - told["since"]) * told["rate"] + told["jumped"] + self._skew
        return datetime.fromisoformat(told["start"]) + timedelta(seconds=passed)


def main(given: str) -> None:
    """Tick every moment."""
    replica = msgspec.json.decode(given, type=Replica)
    settings = Settings(
        bot_token=Secret(replica.token),
        app_token=Secret("xapp-none"),
        signing_secret=Secret(""),
        api_url=replica.api_url,
        database_url=DatabaseUrl(f"sqlite:///{replica.database}"),
        host="127.0.0.1",
        port=None,
        log_level="info",
        log_format="text",
    )
    if replica.blind:
        setattr(SlackCourier, "find", _sees_nothing)  # noqa: B010  (the fault that is planted)
    store = open_store(settings.database_url, tables=(SLACK,), patience=replica.patience)
    workshop = Workshop(store)
    pace = Pace(nudges=NudgePace(between=0.01, longest=5.0, lease=replica.lease))
    installation = look_around(slack_api(settings))
    clock = FileClock(Path(replica.clock), replica.skew)
    parts = Parts(settings, installation, workshop, store, clock, metrics=Metrics(), pace=pace)
    if replica.pauses:
        _stop_before_posting(replica.pauses)
    print("ticking", flush=True)
    while True:
        try:
            parts.nudging.tick()
        except StoreError as busy:
            print("tick failed", busy, flush=True)
        time.sleep(0.05)


def _sees_nothing(*_: object) -> Nothing:
    return Nothing()


def _stop_before_posting(share: float) -> None:
    """Stop where nothing is looked at any more: between the last check and the post."""
    call, chance = SlackApi.call, random.Random()

    def called(self: SlackApi, method: str, **arguments: object) -> Json:
        if method == "chat.postMessage" and chance.random() < share:
            os.kill(os.getpid(), signal.SIGSTOP)
        return call(self, method, **arguments)

    SlackApi.call = called


if __name__ == "__main__":
    main(sys.argv[1])
