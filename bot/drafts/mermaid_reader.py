"""Drafts from Mermaid flowcharts, in files of their own or in Markdown pages."""

import re
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, cut_key
from bot.formats.importers.untrusted_document import UnreadableFile
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocols_in
from domain.catalog.technology_names import guess_technology
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import ComponentKind, Kind


class ChartSubgraph(msgspec.Struct, frozen=True, kw_only=True):
    """A subgraph within another one, or at the top."""

    id: str
    title: str
    line: int
    parent: str = ""


class ChartEdge(msgspec.Struct, frozen=True, kw_only=True):
    """An edge from one node to another; one with two heads starts where it is written first."""

    source: str
    target: str
    line: int
    label: str = ""


class ChartNode(msgspec.Struct, kw_only=True):
    """A node; `shape` is store, decision or plain."""

    id: str
    line: int
    label: str = ""
    shape: str = "plain"
    subgraph: str = ""


class FlowChart(msgspec.Struct, kw_only=True):
    """Everything that a file draws."""

    nodes: dict[str, ChartNode] = msgspec.field(default_factory=dict[str, ChartNode])
    edges: list[ChartEdge] = msgspec.field(default_factory=list[ChartEdge])
    subgraphs: dict[str, ChartSubgraph] = msgspec.field(default_factory=dict[str, ChartSubgraph])


_PEOPLE: Final = re.compile(
    r"(?:users?|customers?|clients?|admins?|administrators?|operators?|visitors?|people|person|staff|employees?|"
    r"attackers?|developers?|engineers?|browsers?|actors?|guests?|buyers?|sellers?|partners?|patients?|"
    r"students?|agents?|analysts?|third[ -]part(?:y|ies))",
    re.IGNORECASE,
)


def read_mermaid(file: str, chart: FlowChart, builder: DraftBuilder) -> None:
    """Read a flowchart; one with decisions draws steps, so that nothing of it is ticked."""
    steps = any(one.shape == "decision" for one in chart.nodes.values())
    if steps:
        builder.note(
            "the flowchart has decisions, so it may draw a procedure: choose what is part of the system"
        )
    certainty = Certainty.GUESS if steps else Certainty.CERTAIN
    items: dict[str, BuiltItem] = {}
    for subgraph in chart.subgraphs.values():
        place = SourcePlace(file=file, line=subgraph.line)
        sure = Certainty.GUESS if steps else Certainty.LIKELY
        zone = BuiltItem(Kind.TRUST_BOUNDARY, _boundary_key(subgraph.id), subgraph.title, place, sure)
        zone.parent = _boundary_key(subgraph.parent)
        builder.add(zone)
    for node in chart.nodes.values():
        if node.id not in chart.subgraphs:
            items[node.id] = builder.add(_component(file, node, certainty))
    for edge in chart.edges:
        if edge.source not in items or edge.target not in items or edge.source == edge.target:
            if edge.source in chart.subgraphs or edge.target in chart.subgraphs:
                builder.note("edges from or to a subgraph were not read")
            continue
        place = SourcePlace(file=file, line=edge.line)
        protocols = " over ".join(protocol.name for protocol in protocols_in(BUILT_IN, edge.label)[:2])
        flow = builder.flow(items[edge.source], items[edge.target], place, certainty, protocols)
        flow.description = flow.description or edge.label


def _boundary_key(id: str) -> str:
    return cut_key(f"mermaid:subgraph/{id}") if id else ""


def _component(file: str, node: ChartNode, certainty: Certainty) -> BuiltItem:
    name = node.label or node.id
    technology = guess_technology(BUILT_IN, name)
    entry = BUILT_IN.technology_of(technology)
    role = entry.kind if entry else ComponentKind.PROCESS
    last = re.split(r"[\s/_-]+", name.strip())[-1]
    if node.shape == "store":
        role = ComponentKind.DATA_STORE
        technology = technology if entry and entry.kind is role else ""
    elif not entry and _PEOPLE.fullmatch(last):
        role = ComponentKind.EXTERNAL_ENTITY
    place = SourcePlace(file=file, line=node.line)
    item = BuiltItem(Kind.COMPONENT, f"mermaid:{node.id}", name, place, certainty, node.id)
    item.role, item.technology, item.boundary = role, technology, _boundary_key(node.subgraph)
    return item


_MAX_ENDS: Final = 4_000
"""Edges of one file: `a & b --> c & d` has four."""

_STYLES: Final = re.compile(r"(?:style|classDef|class|linkStyle|click|direction|accTitle|accDescr|title)\b")
_SUBGRAPH: Final = re.compile(r"subgraph\b[ \t]*(?P<rest>.*)")
_NAMED: Final = re.compile(r"(?P<id>[^\s\[\"]+)[ \t]*\[[ \t]*\"?(?P<title>[^\]\"]*)\"?[ \t]*\]")
_NODE: Final = re.compile(r"(?P<id>\w+(?:[.-]\w+)*)")
_SHAPES: Final = (
    *(("[(", ")]", "store"), ("(((", ")))", "plain"), ("((", "))", "plain"), ("([", "])", "plain")),
    *(("(", ")", "plain"), ("[[", "]]", "plain"), ("[/", "/]", "plain"), ("[/", "\\]", "plain")),
    *(("[\\", "\\]", "plain"), ("[\\", "/]", "plain"), ("[", "]", "plain"), ("{{", "}}", "plain")),
    *(("{", "}", "decision"), (">", "]", "plain")),
)
_STORE_SHAPES: Final = frozenset(
    {"cyl", "cylinder", "database", "db", "das", "h-cyl", "lin-cyl", "disk", "lined-cylinder"}
    | {"horizontal-cylinder", "datastore", "data-store", "bow-rect", "stored-data", "docs"}
)
_DECISION_SHAPES: Final = frozenset({"diam", "diamond", "decision", "question"})
_ATTRIBUTES: Final = re.compile(r"@\{(?P<inside>[^}]{0,400})\}")
_LABELED: Final = re.compile(
    r"(?P<back><|[xo](?=[-=]))?(?:--(?!-)|==(?!=)|-\.(?!-))[ \t]*(?P<label>[^-=.>|\n][^|\n]{0,300}?)[ \t]*"
    r"(?P<end>--+[>xo]?|==+[>xo]?|\.+-+[>xo]?)"
)
_ARROW: Final = re.compile(r"(?P<back><|[xo](?=--|==))?(?P<line>--+|==+|-\.+-)(?P<head>[>]|[xo](?![\w]))?")
_PIPE: Final = re.compile(
    r"[ \t]*+\|[ \t]*+(?:\"(?P<quoted>[^\"\n]{0,300}+)\"[ \t]*+|(?P<label>[^|\n]{0,300}+))\|"
)
_SPACES: Final = re.compile(r"[ \t]*+")
_CLASS: Final = re.compile(r":::[\w,-]+")
_EDGE_ID: Final = re.compile(r"[\w-]++@(?=[-=<xo])")


def parse_flowcharts(blocks: list[tuple[str, int]]) -> FlowChart:
    """Return what the flowcharts among some diagrams draw together; raises UnreadableFile without any."""
    chart = FlowChart()
    drawn = 0
    for text, before in blocks:
        lines = without_front_matter(text.split("\n"))
        if any(FLOWCHART.match(line) for _, line in lines[:1]):
            drawn += 1
            _ChartParser(chart, before).parse(lines)
    if not drawn:
        raise UnreadableFile(
            "The file has a Mermaid diagram of another type. Only flowcharts (graph, flowchart) can be read."
        )
    return chart


class _ChartParser:
    """A parser of one flowchart into a chart."""

    def __init__(self, chart: FlowChart, before: int) -> None:
        self._chart = chart
        self._before = before
        self._open: list[str] = []

    def parse(self, lines: list[tuple[int, str]]) -> None:
        number, first = lines[0]
        header = FLOWCHART.match(first)
        rest = first[header.end() :] if header else ""
        for line, text in [(number, rest), *lines[1:]]:
            for statement in _statements(text):
                self._statement(statement.strip(), line + self._before)

    def _statement(self, text: str, line: int) -> None:
        if not text or _STYLES.match(text):
            return
        if opened := _SUBGRAPH.fullmatch(text):
            self._subgraph(opened["rest"].strip(), line)
        elif text == "end":
            if self._open:
                self._open.pop()
        else:
            self._chain(text, line)

    def _subgraph(self, rest: str, line: int) -> None:
        named = _NAMED.fullmatch(rest)
        id = named["id"] if named else (rest.strip('"') or f"subgraph {len(self._chart.subgraphs) + 1}")
        title = plain_label(named["title"] if named else rest)
        parent = self._open[-1] if self._open else ""
        self._chart.subgraphs.setdefault(
            id, ChartSubgraph(id=id, title=title or id, line=line, parent=parent)
        )
        self._open.append(id)

    def _chain(self, text: str, line: int) -> None:
        """Read nodes and the edges between them: `a & b -->|label| c --> d`."""
        at, sources = self._nodes(text, 0, line)
        while sources and at < len(text):
            edge_id = _EDGE_ID.match(text, at)
            edge = _edge(text, edge_id.end() if edge_id else at)
            if edge is None:
                return
            at, label, back, head = edge
            at, targets = self._nodes(text, at, line)
            if len(self._chart.edges) + len(sources) * len(targets) > _MAX_ENDS:
                raise UnreadableFile(f"The flowchart has more than {_MAX_ENDS:,} edges, which is too many.")
            for source in sources:
                for target in targets:
                    first, second = (target, source) if back and not head else (source, target)
                    self._chart.edges.append(ChartEdge(source=first, target=second, line=line, label=label))
            sources = targets

    def _nodes(self, text: str, at: int, line: int) -> tuple[int, list[str]]:
        found: list[str] = []
        while True:
            at = _after(_SPACES, text, at)
            node = _NODE.match(text, at)
            if node is None:
                return at, found
            at, label, shape = self._shape(text, node.end())
            self._add(node["id"], label, shape, line)
            found.append(node["id"])
            at = _after(_SPACES, text, at)
            if text[at : at + 1] != "&":
                return at, found
            at += 1

    def _shape(self, text: str, at: int) -> tuple[int, str, str]:
        """Return the end of a node, its label and its shape."""
        if attributes := _ATTRIBUTES.match(text, at):
            inside = attributes["inside"]
            shape = re.search(r"shape\s*:\s*\"?([\w-]+)", inside)
            quoted = re.search(r"label\s*:\s*\"([^\"]*)\"", inside)
            label = quoted or re.search(r"label\s*:\s*([^,}]+)", inside)
            name = shape[1] if shape else ""
            kind = "store" if name in _STORE_SHAPES else "decision" if name in _DECISION_SHAPES else "plain"
            return _after(_CLASS, text, attributes.end()), plain_label(label[1] if label else ""), kind
        for opening, closing, kind in _SHAPES:
            if not text.startswith(opening, at):
                continue
            start = at + len(opening)
            quoted = re.compile(r'\s*"([^"]*)"\s*').match(text, start)
            if quoted and text.startswith(closing, quoted.end()):
                end = quoted.end()
            else:
                end = text.find(closing, start)
                if quoted or end < 0:
                    continue
            return _after(_CLASS, text, end + len(closing)), plain_label(text[start:end]), kind
        return _after(_CLASS, text, at), "", ""

    def _add(self, id: str, label: str, shape: str, line: int) -> None:
        node = self._chart.nodes.setdefault(id, ChartNode(id=id, line=line))
        if label:
            node.label, node.line = label, line
        if shape:
            node.shape = shape
        if self._open and not node.subgraph:
            node.subgraph = self._open[-1]


def _edge(text: str, at: int) -> tuple[int, str, bool, bool] | None:
    """Return the end of an edge, its label, and whether it has a head at each end."""
    if labeled := _LABELED.match(text, at):
        plain = _ARROW.match(text, at)
        if plain is None or not plain["head"]:
            label = plain_label(labeled["label"])
            return labeled.end(), label, labeled["back"] == "<", labeled["end"].endswith(">")
    found = _ARROW.match(text, at)
    if found is None:
        return None
    end, label = found.end(), ""
    if pipe := _PIPE.match(text, end):
        end, label = pipe.end(), plain_label(pipe["quoted"] or pipe["label"] or "")
    head = found["head"] is not None or found["back"] is None
    return end, label, found["back"] == "<", head


def _statements(text: str) -> list[str]:
    """Split a line at semicolons outside of quotes and brackets."""
    if ";" not in text:
        return [text]
    found, start, quoted, depth = list[str](), 0, False, 0
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "[({":
            depth += 1
        elif not quoted and character in "])}":
            depth -= 1
        elif character == ";" and not quoted and depth <= 0:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the end of what a pattern matches at a place; the place if it does not match."""
    found = pattern.match(text, at)
    return found.end() if found else at


def plain_label(text: str) -> str:
    """Return a label without quotes, markup and line breaks."""
    bare = text.strip().strip('"').strip("`")
    bare = re.sub(r"<br\s*/?>|\\n", " ", bare[:1000], flags=re.IGNORECASE)
    bare = re.sub(r"</?[a-zA-Z][^<>]{0,100}>", "", bare)
    bare = re.sub(r"(?:fa|fas|fab|far|mdi|logos):[\w-]+", "", bare)
    bare = bare.replace("#quot;", '"').replace("#amp;", "&").replace("**", "").replace("&nbsp;", " ")
    return " ".join(bare.split())


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
