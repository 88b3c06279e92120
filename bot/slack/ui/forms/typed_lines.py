"""Typed lines: one name, or one data flow, per line."""

import re

import msgspec

from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import mentions_protocol, protocol_typed
from domain.catalog.technology_names import guess_technology, technology_typed
from domain.commands import FlowByNames, FlowEnd
from domain.kernel.length_limits import LINES, NAME, WORD
from domain.kernel.name_similarity import spelling_free
from domain.model.element_labels import same_name
from domain.technologies.technology import Technology


class UnreadableLine(Exception):
    """Error: a line is not a data flow; the message says what was understood and what is missing."""


def read_flow_end(text: str) -> tuple[str, FlowEnd]:
    """Return the name of a component, and what the brackets after it state; raises UnreadableLine.

    `Orders db [PostgreSQL, in VPC]` is of the technology PostgreSQL and lies in the boundary VPC. What the
    catalog lacks stays as it was typed.
    """
    if "[" not in text and "]" not in text:
        return text, NOTHING_STATED
    if text.count("[") != text.count("]"):
        raise UnreadableLine("a bracket is not closed. Use: Name [technology, in Boundary].")
    name, bracket, inside = text.removesuffix("]").rpartition("[")
    if not (bracket and text.endswith("]")) or "]" in inside:
        return text, NOTHING_STATED
    technologies: list[str] = []
    boundaries: list[str] = []
    for part in (one.strip() for one in inside.split(",")):
        boundary = _BOUNDARY.fullmatch(part)
        if boundary is not None:
            boundaries.append(boundary[1].strip())
        elif part:
            technologies.append(part)
    known = dict.fromkeys(map(_technology, technologies))  # Java and Spring Boot are one entry of the catalog
    technology = ", ".join(technologies if "" in known else known)
    for what, said in (("technologies", [] if "" in known else known), ("boundaries", boundaries)):
        if len(said) > 1:
            raise UnreadableLine(f"“[{inside}]” has {len(said)} {what}. Enter one.")
    if len(technology) > WORD:
        raise UnreadableLine(
            f"the technology has {len(technology)} characters. Shorten it to {WORD} or fewer."
        )
    return name.strip(), FlowEnd(technology=technology, boundary="".join(boundaries))


def _technology(text: str) -> str:
    """Return the key of a technology; empty for one that the catalog lacks."""
    return (
        technology_typed(BUILT_IN, text)
        or technology_typed(BUILT_IN, _without_version(text))
        or _product_in(text)
    )


def _without_version(text: str) -> str:
    words = text.split()
    while len(words) > 1 and _VERSION.fullmatch(words[-1]):
        words.pop()
    return " ".join(words)


def _product_in(text: str) -> str:
    """Return the key of the product that a longer text mentions: `Amazon S3 bucket`; empty if none.

    A noun alone says too little: `database subnet` is a boundary.
    """
    key = guess_technology(BUILT_IN, text) if " " in text else ""
    return key if isinstance(BUILT_IN.technology_of(key), Technology) else ""


NOTHING_STATED = FlowEnd()
_VERSION = re.compile(r"v?\d[\d.]*x?|lts", re.IGNORECASE)
_BOUNDARY = re.compile(r"in\s+(.+)", re.IGNORECASE | re.DOTALL)


FLOW_SYNTAX = "Source -> Target: what via Entry point"
FULL_FLOW_SYNTAX = "Source [technology, in Boundary] -> Target: what (protocol) via Entry point"


class UnreadLine(msgspec.Struct, frozen=True, kw_only=True):
    """Line that is not a data flow, as it was typed, with what is wrong with it."""

    text: str
    problem: str

    @property
    def message(self) -> str:
        """The line and its problem in words."""
        return f"“{_shortened(self.text)}”: {self.problem}"


def typed_names(text: str) -> tuple[str, ...]:
    """Return the lines of a field that are not blank, without their bullets or numbering."""
    lines = (_BULLET.sub("", line).strip() for line in text.replace("\r\n", "\n").split("\n"))
    return tuple(line for line in lines if line)


def parse_flows(text: str) -> tuple[list[FlowByNames], list[UnreadLine]]:
    """Return the data flows in a text, at most as many as are saved at a time, and the other lines."""
    flows: list[FlowByNames] = []
    unread: list[UnreadLine] = []
    lines = typed_names(text)
    ends = _Names(sources=frozenset(map(_source_name, lines)), targets=frozenset(map(_target_name, lines)))
    stated: dict[tuple[str, str], str] = {}
    for line in lines:
        try:
            if len(flows) == LINES:
                raise UnreadableLine(f"{LINES} lines are saved at a time. Save again for the others.")
            flow = _read(line, ends)
            if not (flow.source_end is flow.target_end is NOTHING_STATED):
                _check_agreement(flow, stated)
            flows.append(flow)
        except UnreadableLine as problem:
            unread.append(UnreadLine(text=line, problem=str(problem)))
    return flows, unread


class _Names(msgspec.Struct, frozen=True, kw_only=True):
    """The names of components that other lines have as a source, or as a target."""

    sources: frozenset[str]
    targets: frozenset[str]


def _check_agreement(flow: FlowByNames, stated: dict[tuple[str, str], str]) -> None:
    """Raise UnreadableLine if a line states something else about a component than a line before."""
    for name, end in ((flow.source, flow.source_end), (flow.target, flow.target_end)):
        for what, said in (
            ("technology", BUILT_IN.technology_name(end.technology)),
            ("boundary", end.boundary),
        ):
            before = stated.setdefault((same_name(name), what), said) if said else said
            if same_name(before) != same_name(said):
                raise UnreadableLine(
                    f"the {what} of “{_shortened(name)}” is “{_shortened(before)}” in a line above."
                )


def _read(line: str, ends: _Names) -> FlowByNames:
    arrows = list(_ARROW.finditer(line))
    if not arrows:
        raise UnreadableLine(_no_arrow(line))
    arrow = arrows[0]
    source, source_end = read_flow_end(line[: arrow.start()].strip())
    head, tail = _parted(line[arrow.end() :])
    if len(arrows) > 1 and _ARROW.search(head):
        raise UnreadableLine(f"the line has {len(arrows)} arrows. Enter one flow per line: {FLOW_SYNTAX}.")
    target, entry_by_head = _via(head)
    what, entry_by_tail = _via(tail)
    entry_point = entry_by_head if entry_by_tail is None else entry_by_tail
    what, entry_point = _with_data_returned(what, entry_point)
    texts = (target, what, entry_point or "")
    (target, what, entry), protocol = _without_protocol(texts, ends)
    target, target_end = read_flow_end(target)
    if not source or not target:
        raise UnreadableLine(_missing_end(source, target))
    if entry_point is not None and not entry:
        raise UnreadableLine(f"no entry point follows “via”. Use: {FLOW_SYNTAX}.")
    if spelling_free(source) == spelling_free(target):
        raise UnreadableLine(
            f"the flow starts and ends at “{_shortened(source)}”. Enter two different components."
        )
    two_way = arrow[0][0] in "<↔⇔"
    assets, assets_back = _assets(what, two_way=two_way)
    for name in (source, target, *assets, *assets_back, entry, source_end.boundary, target_end.boundary):
        if name and not any(map(str.isprintable, name)):
            raise UnreadableLine("a name has no visible characters.")
        if len(name) > NAME:
            raise UnreadableLine(
                f"the name “{_shortened(name)}” has {len(name)} characters. Shorten it to {NAME} or fewer."
            )
    return FlowByNames(
        source=source,
        target=target,
        assets=assets,
        entry_point=entry,
        protocol=protocol,
        two_way=two_way,
        assets_back=assets_back,
        source_end=source_end,
        target_end=target_end,
    )


def _parted(text: str) -> tuple[str, str]:
    """Return the parts before and after the first colon outside of brackets."""
    found = _COLON.match(text) if ":" in text else None
    return (found[1], found[2]) if found else (text, "")


def _without_protocol(texts: tuple[str, str, str], ends: _Names) -> tuple[tuple[str, str, str], str]:
    """Return target, assets and entry point without the protocol in parentheses, and the protocol.

    Those of a target that is a source elsewhere belong to its name. Parentheses that end one of the assets,
    or a target that other lines name without them, are a protocol even if the catalog lacks it: people are
    asked what it is. So are those with a protocol among other words. All others belong to the names.
    """
    found: list[str] = []

    def taken(text: str) -> str:
        if "(" not in text:
            return text.strip()

        def left(group: re.Match[str]) -> str:
            protocol = protocol_typed(BUILT_IN, group[1])
            if not protocol and mentions_protocol(BUILT_IN, group[1]):
                protocol = _checked_protocol(group[1].strip())
            if not protocol:
                return group[0]
            found.append(protocol)
            return ""

        return _PARENTHESES.sub(left, text).strip()

    target, what, entry_point = texts
    named_so = same_name(_BRACKETS.sub("", target).strip()) in ends.sources
    read = target if named_so else taken(target)
    rest = taken(what), taken(entry_point)
    if not found:
        data, found = _without_unknown(rest[0])
        rest = data, rest[1]
        plain, unknown = _split_last_parentheses(_BRACKETS.sub("", read).strip())
        if unknown and not named_so and same_name(plain) in ends.sources | ends.targets:
            read = f"{plain} {read[len(_BRACKETS.sub('', read)) :]}".strip()
            found.append(unknown)
    protocols = tuple({same_name(one): one for one in found}.values())
    if len(protocols) > 1:
        raise UnreadableLine(f"the line has {len(protocols)} protocols: {', '.join(protocols)}. Enter one.")
    return (read, *rest), protocols[0] if protocols else ""


def _without_unknown(text: str) -> tuple[str, list[str]]:
    """Return the assets of both directions without the words in parentheses after them, and these words.

    Of different ones, the last is meant. The asset that had it comes last, where an answer that it is part
    of the name returns it.
    """
    sides = [
        [_split_last_parentheses(name) for name in _BETWEEN_COMMAS.findall(side)] for side in text.split("|")
    ]
    unknown = [words for side in sides for _, words in side if words]
    meant = same_name(unknown[-1]) if unknown else ""
    named = [
        [
            (f"{name} ({words})" if words and same_name(words) != meant else name, words)
            for name, words in side
        ]
        for side in sides
    ]
    for side in named:
        side.sort(key=lambda one: bool(one[1]) and same_name(one[1]) == meant)
    return " | ".join(", ".join(name for name, _ in side) for side in named), unknown[-1:]


def _split_last_parentheses(text: str) -> tuple[str, str]:
    """Return a text without the parentheses that end it, and what they hold; empty if that names data."""
    text = text.strip()
    name, bracket, inside = text.removesuffix(")").rpartition("(")
    inside = inside.strip()
    if not (bracket and text.endswith(")") and inside) or inside.casefold() in _KINDS_OF_DATA:
        return text, ""
    return name.strip(), _checked_protocol(inside)


def _checked_protocol(text: str) -> str:
    """Return a protocol; raises UnreadableLine if it is too long."""
    if len(text) > WORD:
        raise UnreadableLine(f"the protocol has {len(text)} characters. Shorten it to {WORD} or fewer.")
    return text


def _with_data_returned(what: str, entry_point: str | None) -> tuple[str, str | None]:
    """Return the data with what is returned, and the entry point; the bar may follow the entry point."""
    entry, bar, returned = (entry_point or "").partition("|")
    bars = what.count("|") + bar.count("|") + returned.count("|")
    if bars > 1:
        raise UnreadableLine(f"the line has {bars} “|”. Enter one, before the data returned.")
    return (f"{what} | {returned}", entry.strip()) if bar else (what, entry_point)


def _assets(what: str, *, two_way: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the assets to the target and those back to the source; without a bar, both carry the same."""
    there, bar, back = what.partition("|")
    if bar and not two_way:
        raise UnreadableLine("“|” separates the two directions of a “<->”, but the arrow is one-way.")
    assets = _names(there)
    return assets, (_names(back) if bar else assets) if two_way else ()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _source_name(line: str) -> str:
    arrow = _ARROW.search(line)
    return same_name(_BRACKETS.sub("", line[: arrow.start()]).strip()) if arrow else ""


def _target_name(line: str) -> str:
    arrow = _ARROW.search(line)
    return same_name(_BRACKETS.sub("", _via(_parted(line[arrow.end() :])[0])[0]).strip()) if arrow else ""


def _via(text: str) -> tuple[str, str | None]:
    """Return a text split at its last “via”: the part before, and the entry point (None without one)."""
    found = list(_VIA.finditer(text))
    if not found:
        return text.strip(), None
    return text[: found[-1].start()].strip(), text[found[-1].end() :].strip()


def _no_arrow(line: str) -> str:
    left, backwards, rest = line.partition("<-")
    right, what = _parted(rest.lstrip("-"))
    right, entry_point = _via(right)
    if backwards and left.strip() and right:
        after = f": {what.strip()}" if what else f" via {entry_point}" if entry_point else ""
        ends = f"{_shortened(right)} -> {_shortened(left.strip())}"
        return f"the arrow points left. Use: {ends}{_shortened(after)}"
    before, dashless, after = line.partition(">")
    source, target = before.strip(" -="), after.strip()
    if dashless and source and target:
        return f"the arrow is incomplete. Use: {_shortened(f'{source} -> {target}')}"
    return f"the line has no arrow. Use: {FLOW_SYNTAX}."


def _missing_end(source: str, target: str) -> str:
    if source:
        return f"the flow from “{_shortened(source)}” has no target. Use: {FLOW_SYNTAX}."
    if target:
        return f"the flow to “{_shortened(target)}” has no source. Use: {FLOW_SYNTAX}."
    return f"the arrow has neither source nor target. Use: {FLOW_SYNTAX}."


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_SHOWN = 60
_KINDS_OF_DATA = frozenset(("cui", "hipaa", "pan", "pci", "phi", "pii", "spi", "vat"))
"""Kinds of regulated data that people note in parentheses, which no one means as a protocol."""
_BULLET = re.compile(r"^\s*(?:(?:[-*•–]|\d{1,3}[.)])\s+)?")  # noqa: RUF001 (people paste the dash)
_ARROW = re.compile(r"<-+>|<=+>|[↔⇔]|(?<!-)-+>|(?<!=)=+>|[→⇒]")
_COLON = re.compile(r"((?:\[[^\]]*\]|[^:\[])*):(.*)", re.DOTALL)
_BETWEEN_COMMAS = re.compile(r"(?:[^,(]|\([^()]*\)|\()+")
"""A name up to a comma that is outside of parentheses."""
_PARENTHESES = re.compile(r"(?:(?<!\s)\s+)?\(([^()]*)\)")
_BRACKETS = re.compile(r"\[[^\[\]]*\]\s*$")
_VIA = re.compile(r"(?:^|(?<=\s))via(?=\s|$)", re.IGNORECASE)
