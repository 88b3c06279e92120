"""Killed again and again while everybody answers: what was acknowledged is there once, on one card."""

import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest

from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from domain.commands import ReportThreat
from domain.kernel.threat import Stride
from tests.depth import count, deep_also, deep_only
from tests.forked_popen import ForkedPopen
from tests.running_database import url_of
from tests.slack.crowd import Crowd, begin, cards, kept, running
from tests.slack.slack_team import SlackTeam, Transport, run_at_the_same_time, run_bot
from tests.slack.voting_steps import (
    SOME,
    begin_analysis_with,
    fill_ballot_page,
    open_ballot,
    open_round_for,
    person_id,
    published_results,
    recorded_event_types,
)
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


ROOT = Path(__file__).resolve().parents[2]
ROUNDS = count(2, deep=4)
MODELS = 3


def test_two_last_ballots_at_once_to_two_processes_close_the_round_once_and_both_count(
    tmp_path: Path,
) -> None:
    path = tmp_path / "threatmodel.db"
    with run_bot(path) as team:
        begin_analysis_with(team, "Threat 1")
        team.bot.stop()
        team.sandbox.wait_until(lambda: not team.sandbox.socket_mode.connections)
        with ExitStack() as processes:
            both = [processes.enter_context(_replica(team.sandbox, path)) for _ in range(2)]
            team.sandbox.wait_until(lambda: team.sandbox.socket_mode.connections == 2)
            for number in range(1, ROUNDS + 1):
                if number > 1:
                    _report(team, f"Threat {number}")
                # The workspace brings each payload to the two connections in turn.
                open_round_for(team, "ben", "chi", threats=(f"TH-{number}",))
                for who in ("ben", "chi"):
                    open_ballot(team, who)
                    fill_ballot_page(team, who, SOME)
                run_at_the_same_time(lambda: team.submit("ben"), lambda: team.submit("chi"))
                team.wait(lambda number=number: len(published_results(team)) == number)
                for who in ("ben", "chi"):
                    team.person(who).close(all_of_them=True)
            metrics = [_ended(*one) for one in both]
        assert recorded_event_types(team).count("RoundClosed") == ROUNDS
        assert len(team.model().ballots) == 2 * ROUNDS
        assert len(published_results(team)) == ROUNDS, "told once each, whichever process told it"
    # Which process a payload goes to depends on what else was brought before it.
    shares = [_submissions(text) for text in metrics]
    assert sum(shares) == 2 * ROUNDS, metrics
    assert all(shares), metrics


@deep_only
def test_two_processes_that_start_together_post_one_card_for_each_model(tmp_path: Path) -> None:
    path = tmp_path / "threatmodel.db"
    with run_bot(path) as team:
        for number in range(MODELS):
            team.start(name=f"House {number}")
            team.wait(lambda number=number: len(shown(team)) == number + 1)
            team.person("ana").close(all_of_them=True)
        team.bot.stop()
        for _ in range(count(2, deep=20)):
            team.sandbox.wait_until(lambda: not team.sandbox.socket_mode.connections)
            team.unit.cards.forget()
            before = len(posts(team))
            with ExitStack() as processes:
                both = [processes.enter_context(_replica(team.sandbox, path)) for _ in range(2)]
                team.sandbox.wait_until(lambda: team.sandbox.socket_mode.connections == 2)
                team.wait(lambda: len(shown(team)) == MODELS)
                for one in both:
                    _ended(*one)
            assert len(posts(team)) - before == MODELS


def shown(team: SlackTeam) -> list[str]:
    """Where the cards are that the bot remembers."""
    return [one.ts for one in team.unit.cards.all() if one.ts]


def posts(team: SlackTeam) -> list[str]:
    """The messages that were posted into the channel itself."""
    calls = team.sandbox.calls_of("chat.postMessage")
    return [str(call.answer.get("ts")) for call in calls if not call.arguments.get("thread_ts")]


def _submissions(metrics: str) -> int:
    """How many submissions a process has answered, by its metrics."""
    found = re.search(
        r'^threatmodel_requests_total{kind="submission",outcome="answered"} (\d+)', metrics, re.MULTILINE
    )
    return int(found[1]) if found else 0


def _report(team: SlackTeam, title: str) -> None:
    report = ReportThreat(by=person_id(team, "ana"), at=team.now(), title=title, stride=(Stride.SPOOFING,))
    team.command_handler.execute(report, stream=team.streams[0], key=team.key())


@contextmanager
def _replica(sandbox: Sandbox, path: Path) -> Generator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """A process, and what it says: a file, as a pipe that nobody reads would hold it up once it is full."""
    with (
        TemporaryFile("w+") as said,
        ForkedPopen(
            [
                sys.executable,
                "-m",
                "tests.slack.replica_process",
                url_of(path),
                sandbox.url,
                sandbox.bot_token,
                sandbox.app_token,
            ],
            cwd=ROOT,
            stdout=said,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield process, said
        finally:
            process.kill()


def _ended(process: subprocess.Popen[bytes], said: IO[str]) -> str:
    """What a process had to say, once it was asked to end."""
    process.terminate()
    process.wait(90)
    said.seek(0)
    words = said.read()
    assert process.returncode == 0, words
    return words
