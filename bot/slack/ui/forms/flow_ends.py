"""Ends of typed data flows: a name, and in brackets a technology and a boundary."""

import re
from difflib import get_close_matches

from domain.commands import FlowEnd
from domain.technologies.name_guesses import (
    guess_technology,
    technology_typed,
    typed_names_of_technologies,
)
from domain.technologies.technology import Technology
from domain.technologies.technology_catalog import technology_name, technology_of


class UnreadableLine(Exception):
    """Error: a line is not a data flow; the message says what was understood and what is missing."""


def read_flow_end(text: str) -> tuple[str, FlowEnd]:
    """Return the name of a component, and what the brackets after it state; raises UnreadableLine.

    `Orders db [PostgreSQL, in VPC]` is of the technology PostgreSQL and lies in the boundary VPC.
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
            technologies.append(_technology(part))
    technologies = list(dict.fromkeys(technologies))  # Java and Spring Boot are one entry of the catalog
    for what, said in (("technologies", technologies), ("boundaries", boundaries)):
        if len(said) > 1:
            raise UnreadableLine(f"“[{inside}]” has {len(said)} {what}. Enter one.")
    end = FlowEnd(technology="".join(technologies), boundary="".join(boundaries))
    return name.strip(), end


def _technology(text: str) -> str:
    """Return the key of a technology; raises UnreadableLine with the closest name for one that is unknown."""
    key = technology_typed(text) or technology_typed(_without_version(text)) or _product_in(text)
    if key:
        return key
    close = get_close_matches(text.casefold(), typed_names_of_technologies(), n=1, cutoff=_ALIKE)
    meant = f" Did you mean {technology_name(technology_typed(close[0]))}?" if close else ""
    raise UnreadableLine(
        f"the catalog has no technology “{text[:_SHOWN]}”.{meant} Otherwise enter its category, such as "
        "“server application”. Put “in” before a boundary."
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
    key = guess_technology(text) if " " in text else ""
    return key if isinstance(technology_of(key), Technology) else ""


NOTHING_STATED = FlowEnd()
_VERSION = re.compile(r"v?\d[\d.]*x?|lts", re.IGNORECASE)
_BOUNDARY = re.compile(r"in\s+(.+)", re.IGNORECASE | re.DOTALL)
_SHOWN = 60
_ALIKE = 0.8
"""How alike a suggested name is: only a typing error comes that close."""
