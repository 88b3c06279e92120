"""A sandbox process with the bot in it, and Chromium to look at it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import pytest

from bot.commands.command_handler import CommandHandler
from bot.demo import house_story, scored_house_story
from bot.demo.story_runner import Step, run_story
from bot.sandbox.api import ANA, BEN, CHI, DEE, HOUSE, TEAM_ID, RecordStorage, WorkspaceClock
from bot.store import CommandKey, open_store
from domain.kernel.elements import ChannelId, PersonId
from domain.working_hours import ChooseWorkingHours
from tests.forked_popen import ForkedPopen

PATIENCE = 60.0
HOUSE_CHANNEL = ChannelId(HOUSE.id)

COLLECTED = 5
"""Steps of the story: started, named, assumed, drawn and placed."""


class Workspace:
    """The sandbox as a process of its own, that can be killed and started again on the same data."""

    def __init__(
        self,
        data: Path,
        *,
        house: bool = False,
        install: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._data = data
        self._environment = {**os.environ, **(environment or {})}
        self._more = [*(["--house"] if house else []), *(["--install"] if install else [])]
        self._process: subprocess.Popen[str] | None = None
        self.address = ""
        """Where the page is; a new process opens it at the same place."""
        self.start()

    @property
    def database(self) -> str:
        """The database that the bot inside writes to."""
        return f"sqlite:///{self._data / 'models.db'}"

    def start(self) -> None:
        """Start it and wait until it says that the page is open."""
        command = [
            sys.executable,
            "-m",
            "tests.browser.patient_command_line",
            "sandbox",
            "--port",
            self.address.rpartition(":")[2] or "0",
            "--data",
            str(self._data),
            *self._more,
        ]
        self._process = ForkedPopen(command, stdout=subprocess.PIPE, text=True, env=self._environment)
        ends = time.monotonic() + PATIENCE
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("The workspace is open: "):
                self.address = line.rpartition(" ")[2].strip()
                return
            if time.monotonic() > ends:
                break
        pytest.fail("the sandbox did not open its page")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order; fails where it has ended by itself, or answers no more."""
        if self._process is not None:
            assert self._process.poll() is None, f"the sandbox ended by itself ({self._process.returncode})"
            if not self._answers():
                self._end(signal.SIGABRT)
                pytest.fail("the sandbox answered no more; what each thread did is on standard error")
        self._end(signal.SIGTERM)

    def terminal(self, *words: str) -> str:
        """What the command line prints, asked from another terminal."""
        command = [sys.executable, "-m", "bot", *words]
        environment = {**os.environ, "DATABASE_URL": self.database}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/nothing", timeout=PATIENCE):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)
            self._process = None


def move_clock(data: Path, by: timedelta) -> None:
    """Set the clock of a workspace ahead before it is opened."""
    kept = RecordStorage(data)
    WorkspaceClock.kept_in(kept).move(by.total_seconds())
    kept.close()


Scored = tuple[Workspace, date]
"""A workspace, and the day on which it opens."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace in which nothing has been said."""
    running = Workspace(tmp_path / "data")
    yield running
    running.stop()


@pytest.fixture
def uninstalled(tmp_path: Path) -> Iterator[Workspace]:
    """Two workspaces in one sandbox, in neither of which the app is installed."""
    running = Workspace(tmp_path / "data", install=True)
    yield running
    running.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the House in it, as four people left it."""
    running = Workspace(tmp_path / "data", house=True)
    yield running
    running.stop()


def house_collected(data: Path, *, steps: int) -> None:
    """Tell the House's story up to a step, before a workspace is opened on it."""
    story_told(data, house_story, steps=steps)


def story_told(
    data: Path,
    told: Callable[..., list[Step]],
    *,
    steps: int | None = None,
    channel: ChannelId = HOUSE_CHANNEL,
) -> None:
    """Tell a story up to a step, or all of it, before a workspace is opened on it."""
    store = open_store(f"sqlite:///{data / 'models.db'}")
    people = [PersonId(person.id) for person in (ANA, BEN, CHI, DEE)]
    story = told(channel, people)[:steps]
    command_handler = CommandHandler(store)
    run_story(command_handler, story, workspace=TEAM_ID, key="collected")
    store.close()


@pytest.fixture
def collected(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with the House as four people collected it, and nothing judged yet.

    They work around the clock, except in the last minute of a day. It is noon there, in UTC: so they are
    notified whenever the test runs.
    """
    house_collected(tmp_path, steps=COLLECTED)
    _work_day_and_night(tmp_path)
    now = datetime.now(UTC)
    move_clock(tmp_path, (now + timedelta(days=1)).replace(hour=12, minute=0) - now)
    running = Workspace(tmp_path)
    yield running
    running.stop()


def _work_day_and_night(data: Path) -> None:
    store = open_store(f"sqlite:///{data / 'models.db'}")
    command_handler = CommandHandler(store)
    for one in (ANA, BEN, CHI, DEE):
        always = ChooseWorkingHours(
            by=PersonId(one.id),
            at=datetime.now(UTC),
            days=(1, 2, 3, 4, 5, 6, 7),
            starts=time_of_day(0),
            ends=time_of_day(23, 59),
        )
        command_handler.choose_hours(always, tenant=TEAM_ID, key=CommandKey(f"always {one.id}"))
    store.close()


@pytest.fixture
def scored(tmp_path: Path) -> Iterator[Scored]:
    """A workspace with the House as four people scored its six threats, and nothing done about them.

    There it is the next Monday, when Dee has just begun to work and Ana is still asleep.
    """
    story_told(tmp_path, scored_house_story)
    now = datetime.now(UTC)
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=3, minute=45)  # 9:15 in Kolkata
    move_clock(tmp_path, monday - now)
    running = Workspace(tmp_path)
    yield running, monday.date()
    running.stop()
