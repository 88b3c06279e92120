"""An end that nobody has to wait for, even while Slack answers nothing."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.manifest import build_manifest
from bot.sandbox.api import Sandbox
from bot.slack.handlers.thread_pool import DeferredWork
from tests.forked_popen import ForkedPopen
from tests.running_database import environment_of
from tests.waiting import patient_sandbox

ROOT = Path(__file__).resolve().parents[2]


def test_while_slack_hangs_the_process_still_ends_in_time_with_0(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox, started(sandbox, tmp_path) as process:
        sandbox.wait_for_connection(60)
        sandbox.faults.latency = 30
        assert sandbox.person("ana").command("#house", "/threatmodel start").acked
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert time.monotonic() - began < 25
        sandbox.faults.latency = 0


def test_what_follows_an_answer_is_finished_before_the_end() -> None:
    done: list[str] = []
    deferred_work = DeferredWork()
    deferred_work.later(lambda: time.sleep(0.1))
    deferred_work.later(lambda: done.append("told"))
    deferred_work.start()
    assert deferred_work.finish(5)
    assert done == ["told"]


def test_what_hangs_is_given_up_and_what_would_follow_it_is_not_begun() -> None:
    slack_answers = threading.Event()
    done: list[str] = []
    deferred_work = DeferredWork()
    deferred_work.later(lambda: slack_answers.wait(10))
    deferred_work.later(lambda: done.append("too late"))
    deferred_work.start()
    assert not deferred_work.finish(0.05)
    slack_answers.set()
    deferred_work.now(lambda: done.append("far too late"))
    wait_for_threads()
    assert done == []


def test_one_piece_of_work_that_fails_does_not_stop_the_next() -> None:
    done: list[str] = []
    deferred_work = DeferredWork()
    deferred_work.now(lambda: done.remove("never there"))
    deferred_work.now(lambda: done.append("well"))
    assert deferred_work.finish(5)
    assert done == ["well"]


def test_it_works_on_no_more_threads_than_it_may_have() -> None:
    gate = threading.Event()
    deferred_work = DeferredWork()
    of_other_tests = set(threading.enumerate())
    for _ in range(100):
        deferred_work.now(lambda: gate.wait(10))
    started = set(threading.enumerate()) - of_other_tests
    names = [one.name for one in started if one.name.startswith("afterwards-")]
    gate.set()
    assert len(names) == 32
    assert deferred_work.finish(5)
    wait_for_threads()


def wait_for_threads() -> None:
    ends = time.monotonic() + 60
    while any(one.name.startswith("afterwards-") for one in threading.enumerate()):
        assert time.monotonic() < ends, "threads are left behind"
        time.sleep(0.005)


@contextmanager
def started(sandbox: Sandbox, directory: Path) -> Generator[subprocess.Popen[bytes]]:
    """The bot as an operator starts it; killed at the end if it still runs."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "SLACK_API_URL": sandbox.url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        **environment_of(directory / "threatmodel.db"),
    }
    command = [sys.executable, "-m", "bot", "serve"]
    with ForkedPopen(command, cwd=ROOT, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()
