"""SVG document with boxes, arrows and text that follows light or dark mode."""

from collections.abc import Sequence
from typing import Final, Literal
from xml.sax.saxutils import escape

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

STYLE: Final = """\
text { font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: #1f2933; }
.muted { fill: #5b6773; } .strong { font-weight: 600; }
.paper { fill: #ffffff; }
.box { fill: #f4f7f9; stroke: #7b8794; } .pure { fill: #e6f4ea; stroke: #2f855a; }
.store { fill: #eaf1fb; stroke: #2b6cb0; } .slack { fill: #f3e8f5; stroke: #6b2f76; }
.group { fill: none; stroke: #9aa5b1; stroke-dasharray: 5 4; }
.good { fill: #2f855a; } .bad { fill: #c53030; }
.arrow { fill: none; stroke: #52606d; stroke-width: 1.4; }
.back { fill: none; stroke: #c53030; stroke-width: 1.4; }
.limit { fill: none; stroke: #c53030; stroke-width: 1.2; stroke-dasharray: 4 3; }
.tip { fill: #52606d; } .tip-back { fill: #c53030; }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb; } .muted { fill: #9aa5b1; } .paper { fill: #161b22; }
  .box { fill: #222b35; } .pure { fill: #17352a; } .store { fill: #1b2c44; } .slack { fill: #35203a; }
  .arrow { stroke: #9fb3c8; } .tip { fill: #9fb3c8; }
  .back, .limit { stroke: #fc8181; } .tip-back, .bad { fill: #fc8181; } .good { fill: #48bb78; }
}"""


class Svg:
    """SVG document under construction; `done` returns its text."""

    def __init__(self, width: float, height: float, title: str) -> None:
        shape = f'viewBox="0 0 {_n(width)} {_n(height)}" {_size(width, height)}'
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {shape} role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            "<defs>",
            _tip("tip"),
            _tip("tip-back"),
            "</defs>",
            f'<rect class="paper" {_size(width, height)}/>',
        ]

    def box(
        self, x: float, y: float, width: float, height: float, *, kind: str = "box", round_: int = 7
    ) -> None:
        """Draw a box with round corners."""
        self._rect(x, y, width, height, kind, round_)

    def bar(self, x: float, y: float, width: float, height: float, *, kind: str) -> None:
        """Draw a bar of a chart."""
        self._rect(x, y, width, height, kind, 2)

    def text(
        self, x: float, y: float, words: str, *, size: float = 14, anchor: Anchor = "start", kind: str = ""
    ) -> None:
        """Write one line of text with its baseline at `y`."""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}"'
            f"{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{escape(words)}</text>"
        )

    def line(self, points: Sequence[Point], *, kind: str = "arrow") -> None:
        """Draw straight lines from point to point, with an arrowhead if they are an arrow."""
        self.curve("M" + " L".join(f"{_n(x)},{_n(y)}" for x, y in points), kind=kind)

    def curve(self, path: str, *, kind: str = "arrow") -> None:
        """Draw a path, with an arrowhead at its end if it is an arrow."""
        tip = {"arrow": "tip", "back": "tip-back"}.get(kind)
        end = f' marker-end="url(#{tip})"' if tip else ""
        self._parts.append(f'<path class="{kind}" d="{path}"{end}/>')

    def done(self) -> str:
        """Return the document."""
        return "\n".join([*self._parts, "</svg>", ""])

    def _rect(self, x: float, y: float, width: float, height: float, kind: str, round_: int) -> None:
        self._parts.append(
            f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" {_size(width, height)} rx="{round_}"/>'
        )


def _tip(name: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path class="{name}" d="M0,0 L10,5 L0,10 z"/></marker>'
    )


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _size(width: float, height: float) -> str:
    return f'width="{_n(width)}" height="{_n(height)}"'
