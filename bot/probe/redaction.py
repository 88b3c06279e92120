"""Redaction of a workspace's IDs, names, tokens and addresses in Slack's messages."""

import re
from collections.abc import Iterable
from typing import Final

_MAX_LENGTH: Final = 300
_SHORTEST: Final = 3

_PATTERNS: Final = (
    re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+"),
    re.compile(r"https?://\S+"),
    re.compile(r"(?<![\w.+-])[\w.+-]++@[\w.-]{1,255}"),
    re.compile(r"\b\d{9,}(?:\.\d+)?\b"),
    re.compile(r"\b(?=\w*\d|[A-Z]{9})[A-Z][a-z]?[A-Z0-9]{5,}\b"),
)


class Redactor:
    """Redactor of the words that must not be written down."""

    def __init__(self) -> None:
        self._words: set[str] = set()

    def learn(self, words: Iterable[object]) -> None:
        """Take in names, ids and tokens, which are left out from now on."""
        self._words |= {word for word in words if isinstance(word, str) and len(word) >= _SHORTEST}

    def redact(self, text: str) -> str:
        """Return a sentence without them."""
        for word in sorted(self._words, key=len, reverse=True):
            text = text.replace(word, "…")
        for pattern in _PATTERNS:
            text = pattern.sub("…", text)
        return text[:_MAX_LENGTH]


def code_word(code: str) -> str:
    """Return Slack's code for a refusal, or a placeholder for an invalid one."""
    return code if _CODE.fullmatch(code) else "unreadable"


_CODE: Final = re.compile(r"[A-Za-z0-9_ ]{1,80}")
