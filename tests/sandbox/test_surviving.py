"""The sandbox as people start it goes on after an end or a kill: same words, same card, same tokens."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bot.sandbox import Sandbox
from bot.sandbox.cast import HOUSE
from bot.sandbox.installed_app import Tokens
from bot.sandbox.keeping import FILE

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


def test_a_killed_sandbox_has_its_card_and_posts_no_second_one(tmp_path: Path) -> None:
    _run(tmp_path, "--house", end=signal.SIGTERM)
    before = _left(tmp_path)
    _run(tmp_path, end=signal.SIGKILL)
    _run(tmp_path, end=signal.SIGTERM)
    assert _left(tmp_path) == before
    assert len(before[0]) == 1


def test_where_only_the_workspace_is_gone_the_card_is_posted_again(tmp_path: Path) -> None:
    _run(tmp_path, "--house", end=signal.SIGTERM)
    before = _left(tmp_path)
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()
    _run(tmp_path, end=signal.SIGTERM)
    after = _left(tmp_path)
    assert len(after[0]) == 1
    assert after != before


def _run(data: Path, *words: str, end: signal.Signals) -> None:
    """Start `threatmodel sandbox`, let it come to rest, and end it."""
    command = [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--data", str(data), *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        _until(process.stdout.readline, "From another terminal")
        process.send_signal(end)
        process.communicate(timeout=SECONDS)


def _until(read: Callable[[], str], words: str) -> None:
    while words not in (line := read()):
        assert line, "it ended by itself"


def _left(data: Path) -> tuple[list[str], Tokens]:
    """The cards of the channel, by their timestamps, and the tokens."""
    sandbox = Sandbox(data=data)
    messages = sandbox.workspace.messages(HOUSE.id, None)
    cards = [one.ts for one in messages if one.thread is None and one.blocks]
    sandbox.stop()
    return cards, sandbox.tokens
