"""Declaration of a slash word: its help, how its text is read, and its handler."""

import difflib
import html
import re
from collections.abc import Callable, Mapping
from enum import Enum, auto

import msgspec

from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.protocol.requests import Request, SlashCommand
from bot.slack.protocol.targets import WordTarget
from bot.slack.queries.services import Services
from bot.slack.ui.messages.help_messages import WordHelp


class ParsedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A word, the model's key if one was typed, and the rest of the text."""

    word: str
    key: str = ""
    rest: str = ""


WordHandler = Callable[[Services, Request, WordTarget, ParsedCommand], HandlerResponse]


class ModelSelection(Enum):
    """The models that a word may be about where none is named."""

    NONE = auto()
    """It needs none."""
    OPEN = auto()
    CLOSED = auto()


class KeyPosition(Enum):
    """Where the key of a model is looked for in what was typed after a word."""

    ALL = auto()
    ENDS = auto()
    """A key in the middle belongs to the name of an element."""
    NOTHING = auto()


def _target(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    del services, request, rest
    return target


def _nothing(rest: str) -> str:
    del rest
    return ""


class SlashWord(WordHelp, frozen=True, kw_only=True):
    """Declaration of one word; the table of them is `command_table.WORDS`."""

    answer: WordHandler
    also: tuple[str, ...] = ()
    """Other names for it."""
    changes_at_once: bool = False
    """Another name for it is asked about instead of being taken at its word."""
    for_everyone: bool = False
    """Whether it shows nothing and changes nothing, so that everyone who has an account may use it.

    All other words are for the members of the channel that they are about.
    """
    models: ModelSelection = ModelSelection.OPEN
    takes_text: bool = False
    """Whether more may stand beside it than a kind, a format or a key: days and names, for instance."""
    key_in: KeyPosition = KeyPosition.ALL
    reads: Callable[[Services, SlashCommand, str, WordTarget], WordTarget] = _target
    """What a button can carry of the text typed after the word; raises Rejected for a wrong day."""
    unsaid: Callable[[str], str] = _nothing
    """The part of that text that no button can carry: buttons hold only ids, never the words of people."""


def parse_command(text: str, words: Mapping[str, SlashWord]) -> ParsedCommand:
    """Take the text of a slash command apart."""
    plain = " ".join(html.unescape(text).split()) if "\n" not in text else html.unescape(text).strip()
    name, rest = take_word(plain, words)
    word = words.get(name)
    key_match = _key(rest, KeyPosition.ALL if word is None else word.key_in)
    if key_match is None:
        return ParsedCommand(word=name, rest=rest)
    rest = rest[: key_match.start()] + rest[key_match.end() :]
    return ParsedCommand(word=name, key=f"TM-{key_match[1]}", rest=rest.strip())


def take_word(text: str, words: Mapping[str, SlashWord]) -> tuple[str, str]:
    """Return the word that a text begins with, by its own name, and the rest; help for an empty text."""
    also = {other: name for name, word in words.items() if not word.changes_at_once for other in word.also}
    lowered = text.lower()
    bare = lowered.strip(" !?.,")
    if bare in also:
        return also[bare], ""
    for other in sorted(also, key=len, reverse=True):
        if f"{lowered} ".startswith(f"{other} "):
            return also[other], text[len(other) :].strip()
    word, _, rest = text.partition(" ")
    return word.lower() or "help", rest.strip()


def nearest_word(typed: str, words: Mapping[str, SlashWord]) -> SlashWord | None:
    """Return the word that was probably meant."""
    known = {name: word for word in words.values() for name in (word.name, *word.also)}
    near = difflib.get_close_matches(typed.strip().lower(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def _key(rest: str, where: KeyPosition) -> re.Match[str] | None:
    if where is KeyPosition.NOTHING:
        return None
    key_match = _KEY.search(rest)
    if key_match is None or where is KeyPosition.ALL:
        return key_match
    at_an_end = not rest[: key_match.start()].strip() or not rest[key_match.end() :].strip()
    return key_match if at_an_end else None


_KEY = re.compile(r"\bTM[-_ ]?(\d+)\b", re.IGNORECASE)
