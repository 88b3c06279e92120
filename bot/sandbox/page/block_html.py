"""HTML of static blocks, with the sender's text escaped."""

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
