"""HTML of static blocks, charts and Markdown, with the sender's text escaped."""

import re
from collections.abc import Callable
from html import escape

from bot.sandbox.slack_json import Json, json_items, json_objects, nested_objects, text_of
from bot.sandbox.users.mrkdwn import EMOJI, Name, mrkdwn_to_html, plain_to_html


def text_html(text_object: object, name: Name) -> str:
    """Return a text object as HTML."""
    for one in json_objects([text_object]):
        if one.get("type") == "mrkdwn":
            return mrkdwn_to_html(text_of(one), name)
        return plain_to_html(text_of(one), emoji=one.get("emoji", True))
    return plain_to_html(text_of(text_object))


def image_html(image: Json, css: str) -> str:
    """Return an image with its description; only https addresses and uploaded files are loaded."""
    address, described = str(image.get("image_url", "")), escape(str(image.get("alt_text", "")), quote=True)
    if not address.startswith(("https://", "http://", "/files-pri/")):
        return f'<span class="{css} no-image">{described}</span>'
    return (
        f'<img class="{css}" src="{escape(address, quote=True)}" alt="{described}" '
        f'loading="lazy" referrerpolicy="no-referrer">'
    )


def link_html(address: str, shown: str) -> str:
    """Return a link that opens in a new tab; text only if the address is not http(s)."""
    if not address.startswith(("https://", "http://", "mailto:")):
        return escape(shown or address)
    attributes = 'target="_blank" rel="noopener noreferrer"'
    return f'<a href="{escape(address, quote=True)}" {attributes}>{escape(shown or address)}</a>'


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
        image_html(one, "context-image")
        if one.get("type") == "image"
        else f"<span>{text_html(one, name)}</span>"
        for one in json_objects(block.get("elements"))
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
        for place, cell in enumerate(row):
            tag = "th" if number == 0 or place == block.get("row_header_column_index") else "td"
            align = aligned[place] if place < len(aligned) else ""
            style = f' style="text-align:{align}"' if align in ("center", "right") else ""
            cells += f"<{tag}{style}>{_cell_html(cell, name)}</{tag}>"
        lines.append(f"<tr>{cells}</tr>")
    caption = text_of(block.get("caption"))
    heading = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="table-frame"><table>{heading}{"".join(lines)}</table></div>'


def rich_text_html(block: Json, name: Name) -> str:
    """Return a rich_text block."""
    return "".join(_rich_html(part, name) for part in json_objects(block.get("elements")))


def _cell_html(cell: Json, name: Name) -> str:
    if cell.get("type") == "rich_text":
        return rich_text_html(cell, name)
    return plain_to_html(str(cell.get("text", cell.get("value", ""))))


def _rich_html(part: Json, name: Name) -> str:
    match part.get("type"):
        case "text":
            return _styled(plain_to_html(str(part.get("text", "")), emoji=False), part)
        case "link":
            address = str(part.get("url", ""))
            return _styled(link_html(address, str(part.get("text") or address)), part)
        case "user":
            return f'<span class="mention">@{escape(name(str(part.get("user_id"))))}</span>'
        case "channel":
            return f'<span class="mention">#{escape(name(str(part.get("channel_id"))))}</span>'
        case "broadcast":
            return f'<span class="mention">@{escape(str(part.get("range")))}</span>'
        case "emoji":
            return EMOJI.get(str(part.get("name")), f":{escape(str(part.get('name')))}:")
        case "color":
            return f"<code>{escape(str(part.get('value', '')))}</code>"
        case "date":
            seen = name(f"!date^{part.get('timestamp')}^{part.get('format', '{date}')}")
            return escape(str(part.get("fallback", "")) if seen.startswith("!date") else seen)
        case "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            lines = "".join(f"<li>{_inner(one, name)}</li>" for one in json_objects(part.get("elements")))
            start = f' start="{int(part["offset"]) + 1}"' if part.get("offset") else ""
            return f'<{tag}{start} class="indent-{int(part.get("indent", 0))}">{lines}</{tag}>'
        case "rich_text_preformatted":
            return f"<pre>{_inner(part, name)}</pre>"
        case "rich_text_quote":
            return f"<blockquote>{_inner(part, name)}</blockquote>"
        case _:
            return f"<div>{_inner(part, name)}</div>"


def _inner(part: Json, name: Name) -> str:
    return "".join(_rich_html(one, name) for one in json_objects(part.get("elements")))


def _styled(html: str, part: Json) -> str:
    style = json_objects([part.get("style")])
    for key, tag in (("code", "code"), ("strike", "s"), ("italic", "i"), ("bold", "b")):
        if style and style[0].get(key):
            html = f"<{tag}>{html}</{tag}>"
    return html


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


_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}$")
_DIVIDING_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\[(?P<shown>[^\]\n]+)\]\((?P<link>(?:https?://|mailto:)[^)\s]+)\)"
    r"|\*\*(?P<bold>[^\n]+?)\*\*"
    r"|~~(?P<strike>[^\n]+?)~~"
    r"|(?<![\w*])\*(?P<italic>[^*\s][^*\n]*?)\*(?![\w*])"
    r"|(?<!\w)_(?P<slanted>[^_\s][^_\n]*?)_(?!\w)"
)


def markdown_html(text: str) -> str:
    """Return Markdown as HTML."""
    lines, html = text.split("\n"), list[str]()
    at = 0
    while at < len(lines):
        at = _block(lines, at, html)
    return "".join(html)


def _block(lines: list[str], at: int, html: list[str]) -> int:
    """Write the block that starts at a line; return the line after it."""
    line = lines[at]
    if line.startswith("```"):
        end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("```")), len(lines))
        html.append(f"<pre>{escape(chr(10).join(lines[at + 1 : end]))}</pre>")
        return end + 1
    if not line.strip():
        return at + 1
    if _RULE.match(line):
        html.append('<hr class="divider">')
        return at + 1
    if heading := _HEADING.match(line):
        level = min(len(heading[1]), 4)
        html.append(f'<h{level + 2} class="header-block level-{level}">{_inline(heading[2])}</h{level + 2}>')
        return at + 1
    if "|" in line and at + 1 < len(lines) and _DIVIDING_ROW.match(lines[at + 1]):
        return _table(lines, at, html)
    for matches, write in ((_is_item, _list), (_is_quote, _quote)):
        if matches(line):
            end = _end_of(lines, at, matches)
            html.append(write(lines[at:end]))
            return end
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _starts_block(lines[end]):
        end += 1
    html.append(f"<p>{'<br>'.join(_inline(one) for one in lines[at:end])}</p>")
    return end


def _inline(text: str) -> str:
    written, at = "", 0
    for match in _INLINE.finditer(text):
        written += escape(text[at : match.start()]) + _markdown_html_styled(match)
        at = match.end()
    return written + escape(text[at:])


def _markdown_html_styled(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if match["code"] is not None:
        return f"<code>{escape(match['code'])}</code>"
    if match["link"] is not None:
        address = escape(match["link"], quote=True)
        return f'<a href="{address}" target="_blank" rel="noopener noreferrer">{_inline(match["shown"])}</a>'
    tag = {"bold": "b", "strike": "s"}.get(str(kind), "i")
    return f"<{tag}>{_inline(match[str(kind)])}</{tag}>"


def _table(lines: list[str], at: int, html: list[str]) -> int:
    end = _end_of(lines, at + 2, lambda line: "|" in line)
    rows = [lines[at], *lines[at + 2 : end]]
    written = ""
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        written += "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in cells) + "</tr>"
    html.append(f'<div class="table-frame"><table>{written}</table></div>')
    return end


def _list(lines: list[str]) -> str:
    written = ""
    for line in lines:
        item = _ITEM.match(line)
        if item is not None:
            mark = f"{item[2]}." if item[2] else "•"
            depth = min(len(item[1]) // 2, 4)
            said = f"<span>{mark}</span><span>{_inline(item[3])}</span>"
            written += f'<div class="md-item indent-{depth}">{said}</div>'
    return written


def _quote(lines: list[str]) -> str:
    return f"<blockquote>{'<br>'.join(_inline(line.lstrip('> ')) for line in lines)}</blockquote>"


def _is_item(line: str) -> bool:
    return _ITEM.match(line) is not None


def _is_quote(line: str) -> bool:
    return line.startswith(">")


def _starts_block(line: str) -> bool:
    return line.startswith(("```", ">")) or bool(_HEADING.match(line)) or _is_item(line)


def _end_of(lines: list[str], at: int, matches: Callable[[str], bool]) -> int:
    while at < len(lines) and matches(lines[at]):
        at += 1
    return at
