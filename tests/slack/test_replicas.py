"""Two replicas serve one PostgreSQL database over Socket Mode: either may end at any moment."""

import random
import signal
import subprocess
import threading
from collections.abc import Generator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from tests.depth import count
from tests.postgres_server import database
from tests.slack.crowd import PEOPLE, Crowd, begin, cards, kept, running
from tests.slack.slack_team import run_at_the_same_time
from tests.waiting import patient_sandbox

KILLS = count(1, deep=30)
RESTARTS = count(1, deep=20)
STARTS = count(4, deep=50)


@pytest.fixture
def url() -> Generator[str]:
    with database() as made:
        yield made


@pytest.fixture
def sandbox() -> Generator[Sandbox]:
    with patient_sandbox(
        manifest=build_manifest("socket", None), delivery="socket", ack_seconds=10.0
    ) as made:
        yield made


class Replicas:
    """Two processes of the bot; the older one is replaced."""

    def __init__(self, sandbox: Sandbox, url: str, log: Path) -> None:
        self._make = lambda: running(sandbox, url, log, "socket")
        self._held: list[tuple[ExitStack, subprocess.Popen[str]]] = []

    def __enter__(self) -> "Replicas":
        self.add()
        self.add()
        return self

    def __exit__(self, *error: object) -> None:
        for stack, _ in self._held:
            stack.close()

    def add(self) -> None:
        """Start one more."""
        stack = ExitStack()
        self._held.append((stack, stack.enter_context(self._make())))

    def kill_one(self) -> None:
        """Kill the older one without a word."""
        self._held.pop(0)[0].close()

    def end_one(self) -> int:
        """Ask the older one to end, and wait until it has; return its exit status."""
        stack, process = self._held.pop(0)
        process.send_signal(signal.SIGTERM)
        status = process.wait(60)
        stack.close()
        return status


def test_whatever_was_acknowledged_outlives_the_kill_of_either(
    sandbox: Sandbox, url: str, tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)
    print("seed", seed)
    chance, log = random.Random(seed), tmp_path / "log"
    with Replicas(sandbox, url, log) as replicas:
        begin(sandbox)
        crowd = Crowd(sandbox)
        for _ in range(KILLS):
            enough = len(crowd.acknowledged) + chance.randint(3, 12)
            sandbox.wait_until(lambda enough=enough: len(crowd.acknowledged) >= enough, 150)
            replicas.kill_one()
            replicas.add()
        crowd.go_home()
        sandbox.wait_until(lambda: f"Assets  {len(kept(url))}" in cards(sandbox)[0], 150)
    names = kept(url)
    assert crowd.faults == []
    assert sorted(crowd.acknowledged - names.keys()) == [], f"lost, seed {seed}"
    assert [name for name, times in names.items() if times > 1] == [], f"doubled, seed {seed}"
    assert len(cards(sandbox)) == 1
    assert "Traceback" not in log.read_text(errors="replace")


def test_a_rolling_restart_leaves_no_request_without_an_answer(
    sandbox: Sandbox, url: str, tmp_path: Path
) -> None:
    answers: list[tuple[bool, float, str | None]] = []
    home = threading.Event()

    def ask() -> None:
        while not home.is_set():
            delivery = sandbox.person("dee").command("#house", "/threatmodel help")
            answers.append((delivery.acked, delivery.ack_ms, delivery.failure))

    with Replicas(sandbox, url, tmp_path / "log") as replicas:
        begin(sandbox)
        asking = [threading.Thread(target=ask) for _ in range(2)]
        for one in asking:
            one.start()
        for _ in range(RESTARTS):
            replicas.add()
            assert replicas.end_one() == 0
            seen = len(answers)
            sandbox.wait_until(lambda seen=seen: len(answers) > seen + 20)
        home.set()
        for one in asking:
            one.join(60)

    assert len(answers) > 20 * RESTARTS
    assert [answer for answer in answers if not answer[0]] == []
    assert "Traceback" not in (tmp_path / "log").read_text(errors="replace")


def test_models_started_at_the_same_moment_have_one_card_each(
    sandbox: Sandbox, url: str, tmp_path: Path
) -> None:
    names = [f"Model {number}" for number in range(STARTS)]
    with Replicas(sandbox, url, tmp_path / "log"):
        begin(sandbox)
        for first in range(0, STARTS, len(PEOPLE)):
            some = zip(PEOPLE, names[first:], strict=False)
            acts = [partial(start, sandbox, who, name) for who, name in some]
            run_at_the_same_time(*acts)
        sandbox.wait_until(lambda: all(any(name in card for card in cards(sandbox)) for name in names), 60)

    assert len(cards(sandbox)) == 1 + STARTS


def start(sandbox: Sandbox, who: str, name: str) -> None:
    """Start a model of a name, as a person does."""
    person = sandbox.person(who)
    assert person.command("#house", f"/threatmodel start {name}").acked
    sandbox.wait_until(lambda: person.modal is not None)
    person.submit()
    sandbox.wait_until(lambda: person.modal is None or person.modal.title != "New threat model")
    person.close(all_of_them=True)
