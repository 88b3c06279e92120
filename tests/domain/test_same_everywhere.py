"""The same events give the same register in every process, however that process hashes its words."""

import os
import re
import subprocess
import sys

from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.bench.rules import busy
from tests.depth import deep_only
from tests.domain.remediation_story import TH2, THREATS, implement, plan, start
from tests.domain.voting_story import CONTESTED
from tests.examples import at, decide_all, house, started
from tests.random_commands import FURNISHED

_TELL = "from tests.domain.test_same_everywhere import tell; tell()"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where a process keeps the functions of a rule is its own affair."""


@deep_only
def test_processes_that_hash_differently_see_the_same() -> None:
    seeds = ("1", "2", "3")
    beginning = [sys.executable, "-c", _TELL]
    running = [
        subprocess.Popen(
            beginning,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in seeds
    ]
    told_by = [process.communicate(timeout=60)[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0] * len(seeds)
    first, *others = told_by
    assert len(first) > len(_models())
    for other in others:
        assert other == first


def tell() -> None:
    """Print what is seen of every model, an item a line, so that a difference can be read."""
    for model in _models():
        seen = register(model, at(60 * 24 * 30))
        for field in seen.__struct_fields__:
            # The counter holds the answers by hash; what it counts is read.
            value = seen.question_progress if field == "question_counter" else getattr(seen, field)
            print(field, _ADDRESS.sub("", repr(value)))


def _models() -> list[ThreatModel]:
    return [
        busy(60),
        replay(house()),
        replay(decide_all(*FURNISHED, after=[started()])),
        replay(decide_all(plan(), plan(TH2), start(), implement(), after=THREATS)),
        replay(CONTESTED),
    ]
