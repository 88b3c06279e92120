"""HTML of static blocks, charts and Markdown, with the sender's text escaped."""

from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.sandbox.slack_json import Json, json_items, json_objects, nested_objects, text_of
from bot.sandbox.users.block_text import cell
from bot.sandbox.users.mrkdwn import HTML, Name, plain_to_html, rich_text, text_object


def text_html(text: object, name: Name) -> str:
    """Return a text object as HTML."""
    return text_object(text, name, HTML)


def image_html(image: Json, css: str) -> str:
    """Return an image with its description; only https addresses and uploaded files are loaded."""
    address, described = str(image.get("image_url", "")), escape(str(image.get("alt_text", "")), quote=True)
    if not address.startswith(("https://", "http://", "/files-pri/")):
        return f'<span class="{css} no-image">{described}</span>'
    return (
        f'<img class="{css}" src="{escape(address, quote=True)}" alt="{described}" '
        f'loading="lazy" referrerpolicy="no-referrer">'
    )


def unknown_html(kind: str, thing: Json) -> str:
    """Return a plain box for an unsupported block: its type and all its text."""
    said = [
        text_of(one) for one in nested_objects(thing) if one.get("type") in ("plain_text", "mrkdwn", "text")
    ]
    said += [
        str(value)
        for key, value in thing.items()
        if key in ("text", "title", "caption") and isinstance(value, str)
    ]
    lines = "".join(f"<div>{plain_to_html(line)}</div>" for line in said if line)
    return f'<div class="unknown-block"><b>{escape(kind)}</b>{lines}</div>'


def context_html(block: Json, name: Name) -> str:
    """Return a context block."""
    parts = [
        image_html(json_object, "context-image")
        if json_object.get("type") == "image"
        else f"<span>{text_html(json_object, name)}</span>"
        for json_object in json_objects(block.get("elements"))
    ]
    return f'<div class="context">{"".join(parts)}</div>'


def table_html(block: Json, name: Name, *, only: range | None = None) -> str:
    """Return a table with its first row as headings, optionally with only some of the rows below it."""
    rows = [json_objects(row) for row in json_items(block.get("rows"))]
    aligned = [str(one.get("align", "left")) for one in json_objects(block.get("column_settings"))]
    lines: list[str] = []
    for number, row in enumerate(rows):
        if number and only is not None and number not in only:
            continue
        cells = ""
        for place, shown in enumerate(row):
            tag = "th" if number == 0 or place == block.get("row_header_column_index") else "td"
            align = aligned[place] if place < len(aligned) else ""
            style = f' style="text-align:{align}"' if align in ("center", "right") else ""
            cells += f"<{tag}{style}>{cell(shown, name, HTML)}</{tag}>"
        lines.append(f"<tr>{cells}</tr>")
    caption = text_of(block.get("caption"))
    heading = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="table-frame"><table>{heading}{"".join(lines)}</table></div>'


def rich_text_html(block: Json, name: Name) -> str:
    """Return a rich_text block."""
    return "".join(rich_text(part, name, HTML) for part in json_objects(block.get("elements")))


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
        (str(json_object.get("label", "")), "", _number(json_object.get("value")), _TINTS[0])
        for json_object in json_objects(chart.get("segments"))
    ]


def _series(chart: Json) -> list[tuple[str, str, float, str]]:
    rows: list[tuple[str, str, float, str]] = []
    for place, series in enumerate(json_objects(chart.get("series"))):
        tint = _TINTS[place % len(_TINTS)]
        name = str(series.get("name", ""))
        rows += [
            (str(json_object.get("label", "")), name, _number(json_object.get("value")), tint)
            for json_object in json_objects(series.get("data"))
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


def _preformatted(self: object, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
    del self, options, env
    return f"<pre>{escape(tokens[place].content.rstrip())}</pre>"


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
_MARKDOWN.enable(["table", "strikethrough"]).disable("image")
_MARKDOWN.add_render_rule("fence", _preformatted)
_MARKDOWN.validateLink = lambda url: url.startswith(("https://", "http://", "mailto:"))


def markdown_html(text: str) -> str:
    """Return Markdown as HTML, in which HTML of the text is text."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type == "hr":
            token.attrSet("class", "divider")
        elif token.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            level = min(int(token.tag[1]), 4)
            token.tag = f"h{level + 2}"
            if token.nesting == 1:
                token.attrSet("class", f"header-block level-{level}")
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrSet("target", "_blank")
                inner.attrSet("rel", "noopener noreferrer")
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return html.replace("<table>", '<div class="table-frame"><table>').replace("</table>", "</table></div>")
