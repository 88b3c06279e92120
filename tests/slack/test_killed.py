"""Killed again and again while everybody answers: what was acknowledged is there once, on one card."""

import random
import signal
import time
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from tests.depth import count, deep_also
from tests.slack.crowd import Crowd, begin, cards, kept, running
from tests.slack.slack_team import Transport
from tests.waiting import patient_sandbox

KILLS = count(2, deep=40)


@pytest.mark.parametrize("transport", ["http", *deep_also(("socket",))])
def test_whatever_was_acknowledged_outlives_every_kill(tmp_path: Path, transport: Transport) -> None:
    seed = random.randrange(1_000_000)
    print("seed", seed)
    chance = random.Random(seed)
    url, log = f"sqlite:///{tmp_path}/threatmodel.db", tmp_path / "log"
    described = build_manifest(transport, "https://sandbox.invalid" if transport == "http" else None)
    with patient_sandbox(manifest=described, delivery=transport, ack_seconds=2.0) as sandbox:
        with running(sandbox, url, log, transport):
            begin(sandbox)
        crowd = Crowd(sandbox)
        for number in range(KILLS + 1):
            with running(sandbox, url, log, transport) as bot:
                enough = len(crowd.acknowledged) + chance.randint(3, 20)
                sandbox.wait_until(lambda enough=enough: len(crowd.acknowledged) >= enough, 150)
                time.sleep(chance.uniform(0, 0.05))
                if number == KILLS:
                    crowd.go_home()
                    sandbox.wait_until(lambda: f"Assets  {len(kept(url))}" in cards(sandbox)[0], 150)
                    bot.send_signal(signal.SIGTERM)
                    assert bot.wait(60) == 0
    names = kept(url)
    assert crowd.faults == []
    assert sorted(crowd.acknowledged - names.keys()) == [], f"lost, seed {seed}"
    assert [name for name, times in names.items() if times > 1] == [], f"doubled, seed {seed}"
    assert len(crowd.acknowledged) >= 3 * KILLS
    assert len(cards(sandbox)) == 1, "the kills were long after the card was posted"
    assert "Traceback" not in log.read_text(errors="replace")
