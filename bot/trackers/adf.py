"""Text of Jira Cloud: the Atlassian Document Format, in which a text node holds no markup."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from bot.trackers.issue_text import Markup, begin_line, end_line, kept_rows, part_lines
from bot.trackers.text_defusing import defused
from bot.trackers.tracker import IssueContent

Node = dict[str, Any]
"""A node of a document, as JSON."""

_INLINE: Final = frozenset(
    ("text", "hardBreak", "mention", "emoji", "inlineCard", "status", "date", "placeholder")
)
_DEEPEST: Final = 40
_LINES: Final = Markup(escape=defused, link=lambda text, to: f"{text}: {to}", bullet="")


def description_with_part(people: object, content: IssueContent, *, most: int) -> Node:
    """Return a description with our part put in or replaced; other nodes stay as they are.

    `people` is the current description, None without one. The part gets fewer lines where the text would have
    more than `most` characters, as in issue_text.
    """
    before = nodes_of(people)
    rows = [plain_text([node]).replace("\n", " ") for node in before]
    kept = kept_rows(rows, content.subject)
    if content.ended and None not in kept:
        return document(before)
    bullets = _bullets(content)
    for count in range(len(bullets), -1, -1):
        part = _part(content, bullets[:count])
        nodes = [one for number in kept for one in (part if number is None else [before[number]])]
        if None not in kept:
            nodes = [*part, *nodes]
        if len(plain_text(nodes)) <= most:
            return document(nodes)
    return document(before)


def document(nodes: Sequence[Node]) -> Node:
    """Return a document with these nodes."""
    return {"type": "doc", "version": 1, "content": list(nodes)}


def paragraph(text: str, link: str = "") -> Node:
    """Return a paragraph with a text, all of it a link if one is given."""
    marks = {"marks": [{"type": "link", "attrs": {"href": link}}]} if link else {}
    return {"type": "paragraph", "content": [{"type": "text", "text": text, **marks}]}


def nodes_of(description: object) -> Sequence[Node]:
    """Return the nodes of a document or of another node, none without any."""
    if not isinstance(description, dict):
        return []
    content = cast("Mapping[str, object]", description).get("content")
    if not isinstance(content, list):
        return []
    return [cast("Node", one) for one in cast("list[object]", content) if isinstance(one, dict)]


def plain_text(nodes: Iterable[Node]) -> str:
    """Return the text of nodes, one line for each block that has any."""
    pieces: list[str] = []
    _add_text(nodes, pieces, _DEEPEST)
    return "\n".join(line for line in "".join(pieces).split("\n") if line.strip())


def _part(content: IssueContent, bullets: Sequence[Node]) -> Sequence[Node]:
    name, ended = content.subject, content.ended
    listed: list[Node] = [{"type": "bulletList", "content": list(bullets)}] if bullets else []
    return [paragraph(begin_line(name, ended=ended)), *listed, paragraph(end_line(name, ended=ended))]


def _bullets(content: IssueContent) -> Sequence[Node]:
    link = [paragraph("Open the mitigation in the threat model", content.link)] if content.link else []
    texts = part_lines(msgspec.structs.replace(content, link=""), _LINES)
    return [{"type": "listItem", "content": [one]} for one in [*link, *map(paragraph, texts)]]


def _add_text(nodes: Iterable[Node], pieces: list[str], depth: int) -> None:
    for node in nodes:
        kind, text, attributes = node.get("type"), node.get("text"), node.get("attrs")
        if kind not in _INLINE or kind == "hardBreak":
            pieces.append("\n")
        if isinstance(text, str):
            target = _target(node.get("marks"))
            pieces.append(f"{text} ({target})" if target and target != text else text)
        elif isinstance(attributes, dict):
            pieces.append(_shown(cast("Mapping[str, object]", attributes)))
        if depth:
            _add_text(nodes_of(node), pieces, depth - 1)


def _target(marks: object) -> str:
    """The address of a link among the marks of a text; empty without one."""
    for mark in cast("Sequence[Any]", marks) if isinstance(marks, list) else ():
        match mark:
            case {"type": "link", "attrs": {"href": str(target)}}:
                return target
            case _:
                pass
    return ""


def _shown(attributes: Mapping[str, object]) -> str:
    """What a node without text shows: a mention, an emoji, a card or a status."""
    for name in ("text", "shortName", "url"):
        value = attributes.get(name)
        if isinstance(value, str):
            return value
    return ""
