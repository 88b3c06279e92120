"""The sandbox as a process resumes with the same messages, card and tokens."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bot.sandbox.api import Sandbox
from bot.sandbox.workspace.installed_app import Tokens
from bot.sandbox.workspace.record_storage import FILE
from bot.sandbox.workspace.seed_data import GENERAL, HOUSE, SlackChannel
from tests.depth import deep_only
from tests.forked_popen import ForkedPopen

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


@deep_only
def test_a_card_is_posted_once_and_again_only_where_the_workspace_is_gone(tmp_path: Path) -> None:
    _run(tmp_path, "--house", "--web-shop")
    before = _left(tmp_path)
    assert len(before[0]) == 1
    assert len(_left(tmp_path, GENERAL)[0]) == 1
    _run(tmp_path)
    assert _left(tmp_path) == before
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()
    _run(tmp_path)
    anew = _left(tmp_path)
    assert len(anew[0]) == 1
    assert anew != before


def _run(data: Path, *words: str) -> None:
    """Start `threatmodel sandbox`, let it come to rest, and end it."""
    command = [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--data", str(data), *words]
    with ForkedPopen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        _until(process.stdout.readline, "From another terminal")
        process.terminate()
        process.communicate(timeout=SECONDS)


def _until(read: Callable[[], str], words: str) -> None:
    while words not in (line := read()):
        assert line, "it ended by itself"


def _left(data: Path, channel: SlackChannel = HOUSE) -> tuple[list[str], Tokens]:
    """The cards of the channel, by their timestamps, and the tokens."""
    sandbox = Sandbox(data=data)
    messages = sandbox.workspace.messages(channel.id, None)
    cards = [message.ts for message in messages if message.thread is None and message.blocks]
    sandbox.stop()
    return cards, sandbox.tokens
