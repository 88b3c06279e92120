"""Draws a chart of a model: its threats by score, its coverage, its open threats over time."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from bot.picture.charts import Chart, coverage_chart, ranking_chart, trend_chart
from bot.picture.diagram.color_themes import Look
from bot.picture.png_renderer import png
from bot.store import SqliteStore
from bot.terminal.diagrams import is_svg
from bot.terminal.moments import clocks_of
from bot.terminal.reading import Seen, find
from bot.terminal.writing import write_file
from domain.trend import open_threats

Charted = Literal["scores", "coverage", "open-threats"]


def chart_of(
    store: SqliteStore,
    seen: Seen,
    what: Charted,
    *,
    look: Look,
    workspace: str | None,
    zone: str | None,
    until: datetime,
) -> Chart:
    """A chart of a model as it was read; days are those of a zone, or of this machine's."""
    match what:
        case "scores":
            return ranking_chart(seen.register, look)
        case "coverage":
            return coverage_chart(seen.register, look)
        case "open-threats":
            stream = find(store, seen.register.key, workspace)
            events = list(store.events(stream))
            return trend_chart(seen.register, open_threats(events, clocks_of(zone), until), look)


def write_chart(chart: Chart, file: Path) -> None:
    """Draw into a file; raises Unfit where it cannot be written."""
    write_file(file, chart.svg.encode() if is_svg(file) else png(chart.svg))
