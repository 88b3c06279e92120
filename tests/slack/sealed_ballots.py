"""Ballots of any content, and all outputs that an operator can read, to compare them."""

import io
import json
import logging
import re
from collections.abc import Callable, Generator
from contextlib import chdir, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import structlog
from click.testing import CliRunner
from hypothesis import strategies as st

from bot.__main__ import cli
from bot.formats import FORMATS
from bot.logs import set_up_logging
from bot.settings import VARIABLES
from bot.slack.protocol.requests import Json
from domain.dread.metrics import HIGHEST, Metric

ABSTAIN = "?"
REASONS = ("", "zebra", "the door was open", "10", "Valuables")
CONFIDENCES = ("", "low", "medium", "high")


class BallotContent(msgspec.Struct, frozen=True):
    """What is in a ballot: an option of each metric, a reason and how sure somebody is."""

    numbers: tuple[str, ...] = ("5",) * len(Metric)
    reason: str = ""
    confidence: str = ""

    def fill(self, block: Json) -> Json:
        """The state of a field of the form of a ballot."""
        field = str(block["block_id"]).partition("/")[0]
        kind = block["element"]["type"]
        if field == "reason":
            return {"type": kind, "value": self.reason or None}
        chosen = self.confidence if field == "confidence" else self.number(Metric(field))
        return {"type": kind, "selected_option": {"value": chosen} if chosen else None}

    def number(self, metric: Metric) -> str:
        """The option of one metric."""
        return self.numbers[tuple(Metric).index(metric)]


options = st.sampled_from([ABSTAIN, *map(str, range(1, HIGHEST + 1))])
contents = st.builds(
    BallotContent,
    st.tuples(*[options] * len(Metric)),
    st.sampled_from(REASONS),
    st.sampled_from(CONFIDENCES),
)


@contextmanager
def captured_logs() -> Generator[Callable[[], list[str]]]:
    """All that is logged meanwhile, at the level that says most; without moments and durations."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logging(level="debug", format="json")
    heard = io.StringIO()
    cast("logging.StreamHandler[io.StringIO]", root.handlers[0]).setStream(heard)
    try:
        yield lambda: [
            _timeless(entry)
            for line in heard.getvalue().splitlines()
            if not (entry := json.loads(line)).get("logger", "").startswith(_OF_THE_WORKSPACE)
        ]
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()


_OF_THE_WORKSPACE = "uvicorn"
"""The logger of the server that stands for Slack, in the same process."""


def _timeless(entry: Json) -> str:
    for key in ("timestamp", "seconds", "quiet_seconds", "request_id", "work_id"):
        entry.pop(key, None)
    return without_timestamps(json.dumps(entry, sort_keys=True))


def without_timestamps(text: str) -> str:
    """A text without what is never the same twice: Slack's timestamps, ids and addresses of this run."""
    return _EVER_NEW.sub("…", text)


_EVER_NEW = re.compile(
    r"\d{10}\.\d{3,9}|\bp\d{16}\b"  # Slack's timestamps
    r"|\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00| UTC)?|in [\d.]+ seconds"
    r"|127\.0\.0\.1:\d+"
    r"|\b[DFV]0[0-9A-Z]{7,}\b|[0-9a-f]{8}-[0-9a-f-]{27}"
    r'|(?<=\\"x\\":\\")[\w-]{8}(?=\\")'  # the mark of a post, in its buttons
)


def comparable_metrics(metrics: str) -> list[str]:
    """What `/metrics` says, without how long anything took, what waits, and since when it is counted.

    How often a surface was updated is left out too: what is said in one breath is shown at once.
    """
    lines = [line for line in metrics.splitlines() if not _TIMES.search(line) or line.startswith("#")]
    return [re.sub(r"^(threatmodel_deliveries_.*) [\d.]+$", r"\1", line) for line in lines]


_TIMES = re.compile("^process_|_created|_bucket|_sum|quiet_seconds|age_seconds|threatmodel_work_")


def command_outputs(database: Path, model: str, workspace: str, as_of: str) -> dict[str, str]:
    """What every command that shows something of a model prints, for people and for programs."""
    where = ("--workspace", workspace)
    earlier = (datetime.fromisoformat(as_of) - timedelta(hours=23)).isoformat()
    commands = [
        ("list", *where),
        ("show", model, *where),
        ("show", model, *where, "--as-of", as_of),
        ("history", model, *where, "--zone", "UTC"),
    ]
    every = [
        *commands,
        *((*one, "--json") for one in commands),
        ("diagram", model, *where),
        ("changes", model, *where, "--since", earlier, "--as-of", as_of),
        ("changes", model, *where, "--since", earlier, "--as-of", as_of, "--json"),
        ("report", model, *where, "--as-of", as_of, "--zone", "UTC"),
        *(("chart", model, chart, *where) for chart in ("scores", "coverage", "open-threats")),
        *(("export", model, *where, "--format", word) for word in FORMATS),
    ]
    told = {" ".join(words): _run(database, words) for words in every}
    known = {words[0] for words in every} | {"erase"}
    for name, command in cli.commands.items():
        if name not in known and any(param.name == "model" for param in command.params):
            # Nobody has said here yet how it is best called; what it says then must be the same, too.
            told[name] = _run(database, (name, model, *where), well=False)
    return told


def _run(database: Path, words: tuple[str, ...], *, well: bool = True) -> str:
    cleared: dict[str, Any] = dict.fromkeys(variable.name for variable in VARIABLES)
    given = {
        **cleared,
        "DATABASE_URL": f"sqlite:///{database}",
        "COLUMNS": "250",
        "THREATMODEL_KEY": "k" * 32,
    }
    with chdir(database.parent):
        result = CliRunner().invoke(cli, words, env=given, prog_name="threatmodel")
    assert result.exit_code == 0 or not well, result.output
    return without_timestamps(result.output)
