"""Escaping of user text for Markdown."""

import re
from typing import Final
from urllib.parse import quote

from bot.report.report_cleanup import without_invisible

_JOINER: Final = "\N{WORD JOINER}"
"""An invisible character that keeps GitHub from parsing a mention or a reference."""

# Characters with a meaning anywhere in a line; entities where some renderers ignore the backslash.
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
"""Characters that start a list or a rule at the start of a line."""

_ALIVE: Final = re.compile(r"(?i):(?=//)|(?<=mailto):|(?<=xmpp):|(?<=www)\.")
"""Text that is linked automatically."""

_MENTIONS: Final = re.compile(r"@|#(?=\d)|(?i:\bGH-(?=\d))")

_BACKTICKS: Final = re.compile("`+")


def escape_text(text: str) -> str:
    """Return the text on one line, escaped as Markdown."""
    line = " ".join(without_invisible(text).split())
    line = _MENTIONS.sub(lambda found: f"{found[0]}{_JOINER}", line).translate(_SIGNS)
    line = _ALIVE.sub(lambda found: f"\\{found[0]}", line)
    return _STARTS.sub(_escaped, line)


def code_span(text: str) -> str:
    """Return the text as code, with more backticks than it contains."""
    line = " ".join(without_invisible(text).split()).replace(
        "|", "\N{BROKEN BAR}"
    )  # a table parses any other as its own
    longest = max((len(one) for one in _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"{fence}{line}{fence}"


def link_target(address: str) -> str:
    """Return an address escaped as a link target; one within the report is unchanged."""
    return (
        address
        if address.startswith("#")
        else quote(address, safe="%:/?#@!&'*+,;=-._~").replace("&", "&amp;")
    )


def _escaped(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"
