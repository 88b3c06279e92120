"""What people wrote in a message, as plain text."""

import html
import re

from bot.slack.kit.text import clean, clip, one_line
from domain.elements import PersonId
from domain.naming import Naming


def plain_words(text: str, naming: Naming) -> str:
    """A message's text as people read it: names for mentions, words for links, signs for entities."""

    def told(found: re.Match[str]) -> str:
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

    plain = _MARKED.sub(told, text)
    for _ in range(_NESTED):
        plain = _STYLED.sub(r"\2", plain)
    return clean(html.unescape(plain)).strip()


def first_line(text: str, limit: int) -> str:
    """The first line of which something can be seen, clipped."""
    return next((clip(one_line(line), limit) for line in text.split("\n") if one_line(line)), "")


# Signs that make words bold, slanted, struck out or fixed in width, where Slack takes them so.
_STYLED = re.compile(r"(?<![\w*_~`])(```|[*_~`])(?=\S)([^\n]*?\S)\1(?![\w*_~`])")
_NESTED = 3
_MARKED = re.compile(r"<(?P<sign>[@#!]?)(?P<about>[^<>|]+)(?:\|(?P<words>[^<>]*))?>")
