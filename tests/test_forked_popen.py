"""A process that is forked is like one that is started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.forked_popen import ForkedPopen


def test_a_forked_process_reads_and_writes_its_own_streams(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "json.tool", "--compact"]
    with ForkedPopen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert Path(f"/proc/{process.pid}/cwd").readlink() == tmp_path
        assert process.communicate('{"a": 1}', timeout=60)[0] == '{"a":1}\n'
    assert process.returncode == 0


def test_a_forked_process_has_the_given_environment_and_tells_how_it_ended() -> None:
    command = [sys.executable, "-m", "bot", "serve"]
    for environment, missing in ({}, "SLACK_BOT_TOKEN"), ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"):
        with ForkedPopen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            errors = process.communicate(timeout=60)[1]
        assert errors.startswith(f"threatmodel: {missing} is missing")
        assert process.returncode == 2


def test_a_forked_process_is_a_child_in_a_session_of_its_own_and_can_be_killed() -> None:
    command = [sys.executable, "-m", "json.tool"]
    with ForkedPopen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        assert os.getsid(process.pid) == process.pid
        os.killpg(process.pid, signal.SIGKILL)
        assert os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT) is not None
        assert process.wait(60) == -signal.SIGKILL
