"""Types of messages and records are prepared before threads use them: msgspec may crash otherwise."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.slack import slack_bot
from tests.slack.slack_team import run_bot

FIRST_USES = """
import sys, threading
from typing import Optional
import msgspec
from bot.struct_types import prepare_struct_types

sys.setswitchinterval(1e-6)
for _ in range(300):
    text = ("text", Optional[str], None)
    Inner = msgspec.defstruct("Inner", [text])
    Outer = msgspec.defstruct("Outer", [("inner", Optional[list[Inner]], None), text])
    prepare_struct_types()
    start = threading.Barrier(4)

    def read():
        start.wait()
        assert msgspec.convert({"text": "a", "inner": [{"text": "b"}]}, Outer).text == "a"

    threads = [threading.Thread(target=read) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
print("all read")
"""


def test_threads_that_read_a_type_first_at_the_same_moment_end_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_USES], capture_output=True, text=True, check=False)
    assert done.stdout == "all read\n", done.stderr


def test_a_bot_prepares_the_types_before_it_starts_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    before = threading.active_count()
    monkeypatch.setattr(
        slack_bot, "prepare_struct_types", lambda: running.append(threading.active_count() - before)
    )
    with run_bot(tmp_path / "threatmodel.db") as team:
        (at_start,) = running
        assert threading.active_count() - before > at_start
        assert team.bot.readiness_problem() == ""
