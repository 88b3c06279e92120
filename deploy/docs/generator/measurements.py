"""The last recorded run of the benchmarks, as a chart relative to the targets."""

from pathlib import Path
from typing import Final

import msgspec

from deploy.docs.generator.svg import Svg

RECORDED: Final = Path(__file__).resolve().parents[1] / "benchmarks.json"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `python -m tests.bench --json`."""

    what: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    aim: float
    at_least: bool
    met: bool

    @property
    def used(self) -> float:
        """The measured share of the target; more than 1 misses it."""
        return self.aim / self.ratio if self.at_least else self.ratio / self.aim


def recorded() -> list[Measured]:
    """Return the rows of the recorded run."""
    return msgspec.json.decode(RECORDED.read_bytes(), type=list[Measured])


def _number(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.01 else f"{ratio:.3f}"


def chart() -> str:
    """Draw one bar for each row, with a line at its target."""
    rows = recorded()
    svg = Svg(_WIDTH, _TOP + _STEP * len(rows) + 14, "Measurements relative to their targets")
    aim = _LEFT + _UNIT
    svg.text(aim, 20, "aim", size=12, anchor="middle", kind="muted")
    for place, one in enumerate(rows):
        y = _TOP + _STEP * place
        width = max(2, min(one.used, _MAX_RATIO) * _UNIT)
        svg.text(_LEFT - 10, y + 14, one.what, size=12, anchor="end")
        svg.bar(_LEFT, y + 4, width, _STEP - 8, kind="good" if one.met else "bad")
        svg.text(_WIDTH - 10, y + 14, _number(one.ratio), size=12, anchor="end", kind="muted")
    svg.line([(aim, 26), (aim, _TOP + _STEP * len(rows))], kind="limit")
    return svg.done()


_WIDTH: Final = 1000
_LEFT: Final = 560
_UNIT: Final = 290
"""Length of a bar that exactly meets its target."""
_MAX_RATIO: Final = 1.3
_TOP: Final = 32
_STEP: Final = 22
