"""Escaping of user text for Markdown."""

import re
from typing import Final
from urllib.parse import quote

from bot.report.report_cleanup import without_invisible

_JOINER: Final = "\N{WORD JOINER}"
"""An invisible character that keeps GitHub from reading a sign as a mention or a reference."""

# What stands for something anywhere in a line; an entity where some renderers do not know the backslash.
_SIGNS: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "$": "&#36;",  # mathematics
        **{sign: f"\\{sign}" for sign in "\\`*_[]|~#"},
    }
)
_STARTS: Final = re.compile(r"^(?:[+-]|\d{1,9}(?=[.)](?:\s|$)))")
"""What makes a list or a rule at the start of a line."""

_ALIVE: Final = re.compile(r"(?i):(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\.")
"""What makes an address of its own accord."""

_MENTIONS: Final = re.compile(r"@|#(?=\d)|(?i:\bGH-(?=\d))")

_BACKTICKS: Final = re.compile("`+")


def escape_text(words: str) -> str:
    """Return the words on one line, as Markdown that shows them as they are."""
    line = " ".join(without_invisible(words).split())
    line = _MENTIONS.sub(lambda found: f"{found[0]}{_JOINER}", line).translate(_SIGNS)
    line = _ALIVE.sub(lambda found: f"\\{found[0]}", line)
    return _STARTS.sub(_escaped, line)


def code_span(words: str) -> str:
    """Quote the words as code, with more backticks than they contain."""
    line = " ".join(without_invisible(words).split()).replace(
        "|", "\N{BROKEN BAR}"
    )  # a table takes any other for its own
    longest = max((len(one) for one in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"{fence}{line}{fence}"


def link_target(address: str) -> str:
    """Escape an address as the target of a link; one within the report stays as it is."""
    return (
        address
        if address.startswith("#")
        else quote(address, safe="%:/?#@!&'*+,;=-._~").replace("&", "&amp;")
    )


def _escaped(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"
