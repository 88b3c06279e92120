"""Ends of typed data flows: a name, and in brackets a technology and a boundary."""

import re

from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import guess_technology, technology_typed
from domain.commands import FlowEnd
from domain.kernel.length_limits import WORD
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
