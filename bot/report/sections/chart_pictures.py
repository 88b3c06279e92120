"""Charts as pictures of a report."""

from collections.abc import Callable

from bot.picture.charts import Chart
from bot.picture.diagram import ThemeName
from bot.report.document_parts import Picture


def chart_picture(id: str, title: str, drawn: Callable[[ThemeName], Chart]) -> Picture:
    """Return a chart in light and dark; the table after it has the same content."""
    chart = drawn("light")
    return Picture(
        id=id,
        title=title,
        svg=chart.svg,
        width=chart.width,
        height=chart.height,
        alt_text=chart.alt_text,
        dark=drawn("dark").svg,
        described_by_table=True,
    )
