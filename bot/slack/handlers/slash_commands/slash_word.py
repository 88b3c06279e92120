"""Declaration of a slash word: its help, the parser of its text, its handler."""

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
    """The models that a word may apply to if none is named."""

    NONE = auto()
    """The word needs no model."""
    OPEN = auto()
    CLOSED = auto()
    ALL = auto()
    """All but archived ones."""


class KeyPosition(Enum):
    """The position of a model's key in the text after a word."""

    ALL = auto()
    ENDS = auto()
    """Only at the ends: a key in the middle belongs to the name of an element."""
    NOTHING = auto()


def _target(services: Services, request: SlashCommand, rest: str, target: WordTarget) -> WordTarget:
    del services, request, rest
    return target


def _nothing(rest: str) -> str:
    del rest
    return ""


class SlashWord(WordHelp, frozen=True, kw_only=True):
    """Declaration of one word; `command_table.WORDS` lists all of them."""

    answer: WordHandler
    aliases: tuple[str, ...] = ()
    """Aliases."""
    confirm_alias: bool = False
    """Whether an alias asks for confirmation, because the word changes data immediately."""
    for_everyone: bool = False
    """Whether it neither shows nor changes data, so that anyone with an account may use it.

    All other words are for the members of the channel concerned.
    """
    models: ModelSelection = ModelSelection.OPEN
    takes_text: bool = False
    """Whether it takes more text than a kind, a format or a key: for example days and names."""
    key_position: KeyPosition = KeyPosition.ALL
    parse: Callable[[Services, SlashCommand, str, WordTarget], WordTarget] = _target
    """Parses the part of its text that buttons can carry; raises Rejected for an invalid day."""
    text_without_button: Callable[[str], str] = _nothing
    """Returns the part of its text that buttons cannot carry: they hold only IDs, never text of users."""


def parse_command(text: str, words: Mapping[str, SlashWord]) -> ParsedCommand:
    """Parse the text of a slash command."""
    plain = " ".join(html.unescape(text).split()) if "\n" not in text else html.unescape(text).strip()
    name, rest = take_word(plain, words)
    word = words.get(name)
    key_match = _key(rest, KeyPosition.ALL if word is None else word.key_position)
    if key_match is None:
        return ParsedCommand(word=name, rest=rest)
    rest = rest[: key_match.start()] + rest[key_match.end() :]
    return ParsedCommand(word=name, key=f"TM-{key_match[1]}", rest=rest.strip())


def take_word(text: str, words: Mapping[str, SlashWord]) -> tuple[str, str]:
    """Return the word at the start of a text, by its main name, and the rest; help for an empty text."""
    also = {other: name for name, word in words.items() if not word.confirm_alias for other in word.aliases}
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
    """Return the most similar word."""
    known = {name: word for word in words.values() for name in (word.name, *word.aliases)}
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
