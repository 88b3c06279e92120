"""Files and canvases below a message."""

import csv
import json
import re
from html import escape, unescape

from msgspec import Struct

from bot.sandbox.page.block_html import markdown_html
from bot.sandbox.page.html_elements import element, html, icon
from bot.sandbox.slack_json import ApiError
from bot.sandbox.workspace.uploaded_files import Canvas, UploadedFile
from bot.sandbox.workspace.workspace_state import PostedMessage, Workspace

MAX_ROWS, MAX_COLUMNS = 6, 8
"""Preview size of a CSV file below its message."""
_UNITS = ((1_000_000, "MB"), (1000, "kB"))


class Attachment(Struct, frozen=True, kw_only=True):
    """One attached file."""

    file: UploadedFile
    address: str
    """Its address on the page's own host."""
    preview: str = ""
    more_lines: int = 0


def attachments(workspace: Workspace, message: PostedMessage) -> tuple[Attachment, ...]:
    """Return the completed files of a message."""
    found: list[Attachment] = []
    for file_id in message.files:
        try:
            file = workspace.files.file(file_id)
        except ApiError:
            continue
        preview, more = workspace.files.preview(file_id) if file.is_text else ("", 0)
        found.append(
            Attachment(file=file, address=file_address(workspace, file), preview=preview, more_lines=more)
        )
    return tuple(found)


def file_address(workspace: Workspace, file: UploadedFile) -> str:
    """Return a file's address relative to the page's host."""
    return workspace.files.address(file).removeprefix(workspace.files.base_url)


def draw_attachments(files: tuple[Attachment, ...]) -> None:
    """Draw files one below the other: pictures, previews of texts, and cards for others."""
    with element("div", css="files", testid="files"):
        for file in files:
            if file.file.is_image:
                _picture(file)
            elif file.file.is_text:
                inside = _table_html(file) if file.file.name.endswith(".csv") else _lines_html(file)
                html(_card_html(file) + inside, css="file-snippet", testid="file")
            else:
                html(_card_html(file), css="file-whole", testid="file")


def _picture(one: Attachment) -> None:
    described = escape(one.file.alt_text or one.file.title, quote=True)
    html(
        f'<div class="file-name">{escape(one.file.title)} {_get_html(one)}</div>'
        f'<a href="{escape(one.address, quote=True)}" target="_blank" rel="noopener">'
        f'<img class="file-image" src="{escape(one.address, quote=True)}" alt="{described}"></a>',
        testid="file",
    )


def _card_html(one: Attachment) -> str:
    ending = one.file.name.rpartition(".")[2].lower() if "." in one.file.name else ""
    css = ending if ending in ("pdf", "csv") else ""
    what = escape(f"{ending.upper() or 'File'} · {format_size(one.file.size)}")
    return (
        f'<div class="file-card"><span class="file-mark {css}">{icon("file", 22)}</span>'
        f'<span class="file-words"><b>{escape(one.file.title)}</b><span class="soft small">{what}</span>'
        f"</span>{_get_html(one)}</div>"
    )


def _get_html(one: Attachment) -> str:
    name = escape(one.file.name, quote=True)
    return (
        f'<a class="file-get" href="{escape(one.address, quote=True)}?download=1" download="{name}" '
        f'title="Download {name}" aria-label="Download {name}">{icon("download", 18)}</a>'
    )


def _lines_html(one: Attachment) -> str:
    more = f'<div class="file-more">{one.more_lines} more lines</div>' if one.more_lines else ""
    return f"<pre>{escape(one.preview)}</pre>{more}"


def _table_html(one: Attachment) -> str:
    rows = list(csv.reader(one.preview.splitlines()))[:MAX_ROWS]
    lines = ""
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row[:MAX_COLUMNS])
        lines += f"<tr>{cells}</tr>"
    more = f'<div class="file-more">{one.more_lines} more rows</div>' if one.more_lines else ""
    return f'<div class="table-frame"><table>{lines}</table></div>{more}'


def format_size(size: int) -> str:
    """Format a size in bytes."""
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


_ADDRESS = re.compile(r"https://[^\s<>|\"]+/docs/[^\s<>|\"]+")


def canvases_of(workspace: Workspace, message: PostedMessage) -> tuple[Canvas, ...]:
    """Return the current canvases that a message links to."""
    addresses = dict.fromkeys(_ADDRESS.findall(unescape(f"{message.text} {json.dumps(message.blocks)}")))
    found = (workspace.canvases.linked(address) for address in addresses)
    return tuple({one.id: one for one in found if one is not None}.values())


def draw_canvases(canvases: tuple[Canvas, ...]) -> None:
    """Draw each canvas as an expandable box."""
    for canvas in canvases:
        with element("div", css="canvas", testid="canvas"):
            html(
                f"<details><summary>{icon('file', 18)} <b>{escape(canvas.title)}</b>"
                f'<span class="soft small">Canvas</span></summary>'
                f'<div class="canvas-words">{markdown_html(canvas.markdown)}</div></details>'
            )
