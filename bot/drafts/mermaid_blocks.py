"""Mermaid diagrams in a file or on a page of Markdown."""

import re
from typing import Final

_MAX_LINES: Final = 20_000
_MAX_BLOCKS: Final = 50
"""Diagrams of one page that are read."""

FLOWCHART: Final = re.compile(
    r"\s*(?:graph|flowchart(?:-elk)?)\b[ \t]*(?P<direction>TB|TD|BT|RL|LR)?[ \t]*;?", re.IGNORECASE
)
"""The first line of a flowchart."""

_OTHER_DIAGRAMS: Final = re.compile(
    r"\s*(sequenceDiagram|classDiagram|stateDiagram|erDiagram|gantt|pie|journey|mindmap|timeline|gitGraph|"
    r"quadrantChart|requirementDiagram|C4\w{1,20}|architecture(?:-beta)?|block(?:-beta)?|sankey(?:-beta)?|"
    r"packet(?:-beta)?|kanban|xychart(?:-beta)?)\b"
)
_FENCE: Final = re.compile(r"^ {0,3}(?:```|~~~|:::)[ \t]*\{?mermaid\b[^\n]*$", re.MULTILINE)
_FENCE_END: Final = re.compile(r"^ {0,3}(?:```|~~~|:::)[ \t]*$", re.MULTILINE)


def mermaid_blocks(text: str, *, markdown: bool) -> list[tuple[str, int]]:
    """Return the diagrams of a file, each with the line before its first; a page may have several."""
    if not markdown and not _FENCE.search(text):
        return [(text, 0)] if _starts_diagram(text) else []
    found: list[tuple[str, int]] = []
    at, line = 0, 0
    while len(found) < _MAX_BLOCKS and (fence := _FENCE.search(text, at)):
        end = _FENCE_END.search(text, fence.end())
        inside = text[fence.end() + 1 : end.start() if end else len(text)]
        line += text.count("\n", at, fence.end())
        if _starts_diagram(inside):
            found.append((inside, line + 1))
        if end is None:
            break
        line += text.count("\n", fence.end(), end.end())
        at = end.end()
    return found


def without_front_matter(lines: list[str]) -> list[tuple[int, str]]:
    """Return the lines with their numbers, without comments, directives and the front matter."""
    start = 0
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[first : first + 1] and lines[first].strip() == "---":
        start = next((n + 1 for n in range(first + 1, len(lines)) if lines[n].strip() == "---"), 0)
    return [
        (number, line.strip())
        for number, line in enumerate(lines, 1)
        if number > start and line.strip() and not line.strip().startswith("%%")
    ][:_MAX_LINES]


def _starts_diagram(text: str) -> bool:
    lines = without_front_matter(text.split("\n", 400))
    return bool(lines) and bool(FLOWCHART.match(lines[0][1]) or _OTHER_DIAGRAMS.match(lines[0][1]))
