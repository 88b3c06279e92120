"""User text made harmless for trackers: it notifies no one, links nothing and closes nothing."""

import re
import unicodedata
from typing import Final

JOINER: Final = "\N{WORD JOINER}"
"""An invisible character by which a mention, a reference or a command is no longer recognized."""

_HIDDEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of control and format characters, which may change the order of text, and others."""
_KEPT: Final = {"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", JOINER}
"""Format characters that words and emoji need, and our own."""

# Each match is followed by what makes it a reference, and gets a joiner between the two.
_REFERENCES: Final = re.compile(
    r"@(?=[\w\"'-])"  # people and groups, in all trackers
    r"|[#&$](?=\d)|[!~%](?=[\w\"])|\*(?=iteration)"  # what else GitHub, GitLab and Redmine link
    r"|(?<![a-z0-9])g[hl]-(?=\d)"
    r"|\[(?=[\[~]|[a-z_]+:)"  # GitLab's [vulnerability:1], Jira's [~account], Redmine's [[page]]
    r"|\{(?=[a-z{+%-])"  # macros of Jira and Redmine
    r"|:(?=//)|(?<![a-z])(?:mailto|xmpp|javascript|data):|(?<![a-z])www(?=\.)"  # what is linked automatically
    r"|<(?=[!?/a-z])|--(?=>)"  # HTML and its comments
    r"|^/(?=[a-z_])",  # GitLab's quick actions
    re.IGNORECASE,
)
_KEYWORDS: Final = re.compile(
    r"(?<![a-z])(?:clos|fix|resolv|implement|complet)"
    r"(?=(?:e[sd]?|ing|s)?\b[ :]*(?:issues?\b[ :]*)?(?:[#@!]|g[hl]-|https?:|[a-z0-9_.-]{1,100}(?:/|-\d)))",
    re.IGNORECASE,
)
"""Words by which GitHub, GitLab, Jira and Linear close the issue that follows them."""


def one_line(text: str) -> str:
    """Return the text on one line, without invisible characters."""
    return " ".join("".join(_visible(one) for one in text).split())


def defused(text: str) -> str:
    """Return the text on one line, in which no tracker recognizes a mention, reference, link or command.

    Invisible word joiners are added; what can be seen stays the same, and is not escaped for any markup.
    """
    line = one_line(text).replace(JOINER, "")
    # Keywords first, while what they refer to still looks like it.
    for pattern in (_KEYWORDS, _REFERENCES):
        line = pattern.sub(lambda found: f"{found[0]}{JOINER}", line)
    return line


def issue_title(title: str, most: int) -> str:
    """Return a title of at most so many characters for a tracker, all of which show titles without markup."""
    return shortened(defused(title), most) or "Mitigation"


def shortened(text: str, most: int) -> str:
    """Return the text, cut to at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in _HIDDEN and character not in _KEPT
    return "" if hidden else character
