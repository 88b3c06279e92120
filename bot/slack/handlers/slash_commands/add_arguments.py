"""Arguments of `add`: the kind of element, then the names or the data flows."""

import difflib

import msgspec

from bot.slack.handlers.slash_commands.argument_matching import KIND_NAMES
from domain.kernel.elements import Kind

MAX_KIND_WORDS = 2
"""Maximum words in the name of a kind."""


class AddArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of `add`: the kind of element, then one name or data flow per line.

    Both may be missing: the text may name no known kind, or only a kind.
    """

    kind: Kind | None
    text: str


def parse_add_arguments(text: str) -> AddArguments:
    """Parse the text after `add`; a line with an arrow and without a kind is a data flow."""
    text = text.strip()
    for count in range(MAX_KIND_WORDS, 0, -1):
        named, words = _split(text, count)
        kind = KIND_NAMES.get(named)
        if kind is not None:
            return AddArguments(kind=kind, text=words)
    if _ARROWS & set(text) or any(arrow in text for arrow in ("->", "=>")):
        return AddArguments(kind=Kind.DATA_FLOW, text=text)
    for count in range(MAX_KIND_WORDS, 0, -1):
        named, words = _split(text, count)
        near = difflib.get_close_matches(named, KIND_NAMES, n=1, cutoff=_NEAR)
        if near:
            return AddArguments(kind=KIND_NAMES[near[0]], text=words)
    return AddArguments(kind=None, text=text)


def _split(text: str, count: int) -> tuple[str, str]:
    """Return the first words, normalized like the names of kinds, and the unchanged rest."""
    named: list[str] = []
    rest = text
    for _ in range(count):
        word, _, rest = _partition(rest)
        named.append(word.lower().replace("_", " ").removesuffix(":"))
    return " ".join(named).strip(), rest.strip()


def _partition(text: str) -> tuple[str, str, str]:
    """Return a text split after its first word, including at a line break."""
    text = text.lstrip()
    for position, character in enumerate(text):
        if character.isspace():
            return text[:position], character, text[position:]
    return text, "", ""


_ARROWS = frozenset("→⇒↔⇔")
_NEAR = 0.8
