"""Text of a message as plain text."""

import re
from collections import defaultdict

from bot.slack.protocol.escaping import clean_text, clip, one_line
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming


def plain_message_text(text: str, naming: Naming) -> str:
    """Return a message's text as users read it: names for mentions, text for links, characters for entities.

    Only the first part of a text longer than Slack's own limit is read.
    """

    def plain_text_of(found: re.Match[str]) -> str:
        sign, about, words = found["sign"], found["about"], found["words"] or ""
        match sign:
            case "@":
                return f"@{words or naming(PersonId(about))}"
            case "#":
                return f"#{words or about}"
            case "!":
                return words or f"@{about.partition('^')[0]}"
            case _:
                return f"{words} ({about})" if words and words not in about else about

    plain = _unstyled(_MARKED.sub(plain_text_of, text[:_LONGEST]))
    for entity, sign in _ENTITIES:
        plain = plain.replace(entity, sign)
    return clean_text(plain).strip()


def first_line(text: str, limit: int) -> str:
    """Return the first visible line, clipped."""
    return next((clip(one_line(line), limit) for line in text.split("\n") if one_line(line)), "")


def _unstyled(text: str) -> str:
    """Return the text without the characters that mark bold, italic, struck-out or monospaced words.

    A mark opens a style before a visible character and not after a word, and closes it the other way round,
    on the same line. Each mark is read once, so the time is linear in the length of the text.
    """
    pieces: list[str] = []
    begun: dict[str, list[int]] = defaultdict(list)
    at = 0
    for found in _SIGNS.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        if found[0] == "\n":
            begun.clear()
            pieces.append("\n")
            continue
        before, after = text[max(0, found.start() - 1) : found.start()], text[at : at + 1]
        begins = bool(after.strip()) and not _WORD.match(before)
        ends = bool(before.strip()) and not _WORD.match(after)
        for sign in _SIGN.findall(found[0]):
            if ends and begun[sign]:
                pieces[begun[sign].pop()] = ""
                continue
            if begins:
                begun[sign].append(len(pieces))
            pieces.append(sign)
    return "".join((*pieces, text[at:]))


_LONGEST = 40_000
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""The three entities that Slack writes, in the order in which they are replaced."""
_SIGNS = re.compile(r"[*_~`]+|\n")
_SIGN = re.compile(r"```|[*_~`]")
_WORD = re.compile(r"\w")
_MARKED = re.compile(r"<(?P<sign>[@#!]?)(?P<about>[^<>|]+)(?:\|(?P<words>[^<>]*))?>")
