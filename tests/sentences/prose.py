"""Distinction of sentences from code, identifiers and markup."""

import re

_TAG = re.compile(r"<[/!a-zA-Z][^<>]*>")
_WORD = re.compile(r"[A-Za-z][a-z'\u2019]+")
_CODE = re.compile(
    r"=>|\);|\}\s*;|;\s*\}|\(\?|\\[swdbS]|^\s*[.#@][\w-]+[^.]*\{|\bconst \w+ =|\bfunction\b.*\{"
    r"|^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|WITH|BEGIN|COMMIT|ROLLBACK|VACUUM|ANALYZE"
    r"|WHERE|ORDER BY|FROM|AND|OR|SET|VALUES|JOIN|LEFT JOIN|ON|LIMIT|RETURNING|EXISTS|CASE|GROUP BY"
    r"|PRIMARY KEY|CHECK|SAVEPOINT|ATTACH|EXPLAIN|REINDEX)\b(?!:)|\bNOT NULL\b|\bIS NULL\b|\bUNION ALL\b"
)
_ATTRIBUTES = re.compile(r"^\s*[\w:-]+=\S+(\s+[\w:-]+=\S+)*\s*$")
_STYLE = re.compile(r"^\s*[a-z-]+:\s*[^.;]+;|^[MLCZz0-9 .,{…}-]+$")
_SINGLE = re.compile(r"^[A-Z][a-z]+([-'\u2019][A-Za-z]+)*[.…!?:]?$")
_LITERAL = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"|`((?:[^`\\]|\\.)*)`")


def without_markup(text: str) -> str:
    """Return a text without tags of HTML or SVG, on one line."""
    return " ".join(_TAG.sub(" ", text).split())


def is_prose(text: str, *, lone_words: bool) -> bool:
    """Return whether a text is meant for people; `lone_words` also admits one word in lower case."""
    words = [word for word in text.replace("{…}", " ").split() if _WORD.search(word)]
    if not words or _names(text) or is_script(text) or _ATTRIBUTES.match(text) or _STYLE.match(text):
        return False
    if len(text.split()) > 1:
        return bool(_WORD.search(" ".join(words)))
    return bool(_SINGLE.match(text)) or (lone_words and text.replace("{…}", "").isalpha())


def _names(text: str) -> bool:
    """Return whether most words of a text are identifiers."""
    tokens = text.replace("{…}", "").split()
    return sum("_" in token or "=" in token for token in tokens) * 2 > len(tokens)


def is_script(text: str) -> bool:
    """Return whether a text is SQL, a script, a style sheet or a pattern."""
    return _CODE.search(text) is not None


def sentences_of_script(script: str) -> list[str]:
    """Return the sentences among the string literals of a script."""
    found = (
        next(group for group in match.groups(default="") if group or not any(match.groups()))
        for match in _LITERAL.finditer(script)
    )
    shown = (without_markup(re.sub(r"\$\{[^}]*\}", "{…}", one)) for one in found)
    return [one for one in shown if " " in one and one[:1].isupper() and is_prose(one, lone_words=False)]
