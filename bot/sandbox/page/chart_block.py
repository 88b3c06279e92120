"""Slack's data_visualization block, as bars with their numbers."""

from html import escape

from bot.sandbox.slack_json import Json, json_objects, text_of

_TINTS = ("#1164a3", "#007a5a", "#b5562f", "#6a4c93", "#a83254", "#2b7a78")


def chart_html(block: Json) -> str:
    """Return a chart of any kind as rows of bars, which are readable as text."""
    chart: Json = next(iter(json_objects([block.get("chart")])), Json())
    rows = _segments(chart) or _series(chart)
    most = max((abs(value) for _, _, value, _ in rows), default=0.0) or 1.0
    bars = "".join(_bar(shown, of, value, most, tint) for shown, of, value, tint in rows)
    title = escape(text_of(block.get("title")))
    kind = escape(str(chart.get("type", "")))
    return f'<div class="chart"><b>{title}</b><div class="chart-kind">{kind}</div>{bars}</div>'


def _segments(chart: Json) -> list[tuple[str, str, float, str]]:
    return [
        (str(one.get("label", "")), "", _number(one.get("value")), _TINTS[0])
        for one in json_objects(chart.get("segments"))
    ]


def _series(chart: Json) -> list[tuple[str, str, float, str]]:
    rows: list[tuple[str, str, float, str]] = []
    for place, series in enumerate(json_objects(chart.get("series"))):
        tint = _TINTS[place % len(_TINTS)]
        name = str(series.get("name", ""))
        rows += [
            (str(one.get("label", "")), name, _number(one.get("value")), tint)
            for one in json_objects(series.get("data"))
        ]
    return rows


def _bar(shown: str, of: str, value: float, most: float, tint: str) -> str:
    wide = max(1.0, abs(value) / most * 100)
    name = f"{escape(shown)}{f' <span>{escape(of)}</span>' if of else ''}"
    return (
        f'<div class="bar"><div class="bar-name">{name}</div><div class="bar-room">'
        f'<div class="bar-fill" style="width:{wide:.1f}%;background:{tint}"></div></div>'
        f'<div class="bar-value">{value:g}</div></div>'
    )


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
