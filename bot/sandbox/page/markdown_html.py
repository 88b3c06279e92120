"""Markdown of Slack's markdown block as HTML; the sender's text is never markup."""

import re
from collections.abc import Callable
from html import escape

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
        written += escape(text[at : match.start()]) + _styled(match)
        at = match.end()
    return written + escape(text[at:])


def _styled(match: re.Match[str]) -> str:
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
