"""Files and functions that one form executes: from its bytes to the append, and from the append to the card.

    python -m tests.bench path    print them, in the order in which they are first executed

The bot runs in this process. Functions are counted that are executed in each of several runs, so that timers
and polls that happen to run meanwhile do not count.
"""

import logging
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import msgspec
import structlog
from rich.console import Console
from rich.markdown import Markdown

from bot.commands.command_handler import CommandHandler
from tests.slack.slack_team import SlackTeam, run_bot

ROOT = Path(__file__).resolve().parents[2]
RUNS = 5
ASSET = "Customer e-mails"

_QUIET_SECONDS = 3.0
"""In which what an earlier form has caused comes to an end."""

_TOOL = 3  # a number that sys.monitoring leaves to programs
_NOT_OURS = ("bot/sandbox/",)  # the simulated Slack
_SENDS = "bot/slack/protocol/web_api_client.py"


class Step(msgspec.Struct, frozen=True):
    """A function that was executed, and the file that it is in, relative to the project."""

    file: str
    function: str


class FormPath(msgspec.Struct, frozen=True, kw_only=True):
    """What a form executes, in the order of first execution."""

    to_append: tuple[Step, ...]
    to_post: tuple[Step, ...]


def main(_: Sequence[str]) -> int:
    """Print the path of a form."""
    Console().print(Markdown(page_of(measured_path())))
    return 0


def measured_path() -> FormPath:
    """Submit a form several times, and return what each time executed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with (
        tempfile.TemporaryDirectory() as folder,
        run_bot(Path(folder) / "bot.db", transport="http") as team,
    ):
        team.begin()
        team.card("TM-1")
        runs = [_submitted(team, f"{ASSET} {number}") for number in range(RUNS)]
    return FormPath(
        to_append=_in_each([run.to_append for run in runs]), to_post=_in_each([run.to_post for run in runs])
    )


def _submitted(team: SlackTeam, name: str) -> FormPath:
    team.command("ben", "/threatmodel add asset")
    team.modal("ben", "Add asset")
    team.person("ben").fill("Name", name)
    time.sleep(_QUIET_SECONDS)
    before = len(team.sandbox.api_calls)
    with _recorded_steps() as (steps, appended):
        team.submit("ben")
        team.wait(lambda: any(call.method == "chat.update" for call in team.sandbox.api_calls[before:]))
    end = max(place for place, step in enumerate(steps) if step.file == _SENDS)
    return FormPath(to_append=tuple(steps[: appended[0]]), to_post=tuple(steps[appended[0] : end + 1]))


@contextmanager
def _recorded_steps() -> Generator[tuple[list[Step], list[int]]]:
    """Record the project's functions as they start, and after how many of them the command was executed."""
    steps: list[Step] = []
    appended: list[int] = []
    lock = threading.Lock()
    monitoring: Any = getattr(sys, "monitoring", None)
    if monitoring is None:
        sys.exit("python -m tests.bench path: this needs Python 3.12")
    executed = CommandHandler.execute.__code__

    def started(code: CodeType, _offset: int) -> object:
        file = code.co_filename.removeprefix(f"{ROOT}/")
        ours = file.startswith(("bot/", "domain/")) and not file.startswith(_NOT_OURS)
        if not ours or code.co_name.startswith("<"):  # parts of functions: lambdas, comprehensions
            return monitoring.DISABLE
        with lock:
            steps.append(Step(file, code.co_qualname))
        return None

    def returned(code: CodeType, _offset: int, _value: object) -> object:
        if code is not executed:
            return monitoring.DISABLE
        with lock:
            appended.append(len(steps))
        return None

    events = monitoring.events
    monitoring.use_tool_id(_TOOL, "path")
    monitoring.register_callback(_TOOL, events.PY_START, started)
    monitoring.register_callback(_TOOL, events.PY_RETURN, returned)
    monitoring.restart_events()
    monitoring.set_events(_TOOL, events.PY_START | events.PY_RETURN)
    try:
        yield steps, appended
    finally:
        monitoring.set_events(_TOOL, 0)
        monitoring.free_tool_id(_TOOL)


def _in_each(runs: Sequence[tuple[Step, ...]]) -> tuple[Step, ...]:
    common = set[Step].intersection(*map(set, runs))
    return tuple(dict.fromkeys(step for step in runs[0] if step in common))


def page_of(path: FormPath) -> str:
    """Return the page: the files in the order in which they are entered first."""
    return f"""# The path of a form

The files that run when a person submits *Add asset* over HTTP, in the order in which each is entered first:
a good first reading of the code.

## From the bytes to the append

{_listed(path.to_append)}

## From the append to the posted card

{_listed(path.to_post)}
"""


def _listed(steps: Sequence[Step]) -> str:
    files = list(dict.fromkeys(step.file for step in steps))
    return "\n".join((f"{len(files)} files, {len(steps)} functions.", "", "```text", *files, "```"))
