"""Chart of a model, to a file."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from bot.cli.local_moments import local_time_of
from bot.cli.model_queries.model_lookup import ModelSnapshot, find_model
from bot.cli.operations.diagram_operation import is_svg
from bot.cli.operations.private_file import write_private_file
from bot.picture.charts import Chart, draw_coverage, draw_ranking, draw_trend
from bot.picture.diagram.color_themes import ThemeName
from bot.picture.png_renderer import render_png
from bot.store import Store
from domain.threat_trend import open_threats

Charted = Literal["scores", "coverage", "open-threats"]


def draw_chart(
    store: Store,
    seen: ModelSnapshot,
    what: Charted,
    *,
    theme: ThemeName,
    workspace: str | None,
    zone: str | None,
    until: datetime,
) -> tuple[Chart, ...]:
    """Return the pages of a chart of a model as it was read; days are in a zone, or in this machine's."""
    match what:
        case "scores":
            return (draw_ranking(seen.register, theme),)
        case "coverage":
            return draw_coverage(seen.register, theme)
        case "open-threats":
            stream = find_model(store, seen.register.key, workspace)
            events = list(store.events(stream))
            days = open_threats(events, local_time_of(zone), until)
            return (draw_trend(seen.register, days, theme),)


def write_charts(pages: Sequence[Chart], file: Path) -> list[Path]:
    """Draw into a file, further pages into files with a number behind the name; return them all.

    Raises OperatorError where one cannot be written.
    """
    names = [file, *(file.with_stem(f"{file.stem}-{page}") for page in range(2, len(pages) + 1))]
    for page, name in zip(pages, names, strict=True):
        write_private_file(name, page.svg.encode() if is_svg(name) else render_png(page.svg))
    return names
