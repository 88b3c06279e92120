"""Typed lines: one name, or one data flow, per line."""

import re

import msgspec

from domain.commands import FlowByNames
from domain.kernel.length_limits import NAME
from domain.model.element_labels import same_name

FLOW_SYNTAX = "Source -> Target: what via Entry point"


class TypedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Line without its bullet or numbering, and its number in the field, from 1."""

    number: int
    text: str


def typed_lines(text: str) -> list[TypedLine]:
    """Return the lines that are not blank."""
    found = (
        TypedLine(number=number, text=_BULLET.sub("", line).strip())
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
    )
    return [line for line in found if line.text]


def typed_names(text: str) -> tuple[str, ...]:
    """Return the names in a field with one name per line."""
    return tuple(line.text for line in typed_lines(text))


class UnreadableLine(Exception):
    """Error: a line is not a data flow; the message says what was understood and what is missing."""


def parse_flows(text: str) -> tuple[list[FlowByNames], list[str]]:
    """Return the data flows in a field, and an error message for each invalid line."""
    flows: list[FlowByNames] = []
    unread: list[str] = []
    for line in typed_lines(text):
        try:
            flows += _read(line.text)
        except UnreadableLine as problem:
            unread.append(f"Line {line.number} “{_shortened(line.text)}”: {problem}")
    return flows, unread


def _read(line: str) -> list[FlowByNames]:
    arrows = list(_ARROW.finditer(line))
    if not arrows:
        raise UnreadableLine(_no_arrow(line))
    arrow = arrows[0]
    source = line[: arrow.start()].strip()
    head, _, tail = line[arrow.end() :].partition(":")
    if _ARROW.search(head):
        raise UnreadableLine(f"I read {len(arrows)} arrows. Write one flow per line: {FLOW_SYNTAX}.")
    target, entry_by_head = _via(head)
    what, entry_by_tail = _via(tail)
    entry_point = entry_by_head if entry_by_tail is None else entry_by_tail
    if not source or not target:
        raise UnreadableLine(_missing_end(source, target))
    if entry_point == "":
        raise UnreadableLine(f"I read “via” but no entry point after it. Write: {FLOW_SYNTAX}.")
    if same_name(source) == same_name(target):
        raise UnreadableLine(
            f"it begins and ends at “{_shortened(source)}”. A data flow needs two different ends."
        )
    assets = tuple(name.strip() for name in what.split(",") if name.strip())
    for name in (source, target, *assets, entry_point or ""):
        if len(name) > NAME:
            raise UnreadableLine(
                f"the name “{_shortened(name)}” has {len(name)} characters; at most {NAME} fit."
            )
    there = FlowByNames(source=source, target=target, assets=assets, entry_point=entry_point or "")
    if arrow[0][0] in "<↔⇔":
        return [there, msgspec.structs.replace(there, source=target, target=source)]
    return [there]


def _via(text: str) -> tuple[str, str | None]:
    """Return a text split at its last “via”: the part before, and the entry point (None without one)."""
    found = list(_VIA.finditer(text))
    if not found:
        return text.strip(), None
    return text[: found[-1].start()].strip(), text[found[-1].end() :].strip()


def _no_arrow(line: str) -> str:
    source, backwards, target = line.partition("<-")
    if backwards and source.strip() and target.strip("- "):
        return (
            f"write it the other way round: {_shortened(target.strip('- '))} -> {_shortened(source.strip())}"
        )
    return f"I found no arrow. Write: {FLOW_SYNTAX}."


def _missing_end(source: str, target: str) -> str:
    if source:
        return f"I read the source “{_shortened(source)}” but no target. Write: {FLOW_SYNTAX}."
    if target:
        return f"I read the target “{_shortened(target)}” but no source. Write: {FLOW_SYNTAX}."
    return f"I read an arrow but nothing at its ends. Write: {FLOW_SYNTAX}."


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_SHOWN = 60
_BULLET = re.compile(r"^\s*(?:(?:[-*•–]|\d{1,3}[.)])\s+)?")  # noqa: RUF001 (people paste the dash)
_ARROW = re.compile(r"<-+>|<=+>|[↔⇔]|(?<!-)-+>|(?<!=)=+>|[→⇒]")
_VIA = re.compile(r"(?:^|(?<=\s))via(?=\s|$)", re.IGNORECASE)
