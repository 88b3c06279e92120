"""Words of the slash command, and the models that their arguments name."""

import difflib
import html
import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from bot.slack.handlers.handler_responses import HandlerResponse, show_message
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import BlockAction, Request, SlashCommand, is_direct_message
from bot.slack.protocol.targets import StaleButton, WordTarget
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.messages.file_answers import CHARTS
from bot.slack.ui.messages.help_messages import WordHelp, opening_help
from bot.slack.ui.messages.model_choice_messages import key_needed, model_picker, unknown_key
from bot.store import StreamSummary
from domain.kernel.elements import PLURAL, SINGULAR, ChannelId, Kind
from domain.rejections import Rejected


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


def match_format(word: str) -> str | None:
    """Return the export format for a word, allowing misspellings; None if there is no match."""
    typed_word = word.strip().lower().replace(" ", "-").replace("_", "-").replace(".", "")
    known = {name: one.word for one in FORMATS.values() for name in (one.word, *one.aliases)}
    near = difflib.get_close_matches(typed_word, known, n=1, cutoff=0.8) if typed_word else []
    return known[near[0]] if near else None


def match_chart(word: str) -> str | None:
    """Return the chart for a word, allowing misspellings; None if there is no match."""
    typed_word = word.strip().lower().replace(" ", "-").replace("_", "-")
    known = {**{one: one for one in CHARTS}, **_CHARTS_ALSO_CALLED}
    near = difflib.get_close_matches(typed_word, known, n=1, cutoff=0.75) if typed_word else []
    return known[near[0]] if near else None


class ReportArguments(msgspec.Struct, frozen=True):
    """Arguments of a report: its format and the two days as typed, empty if missing; `full` if it says so."""

    form: str
    since: str
    as_of: str
    full: bool


def parse_report_arguments(rest: str) -> ReportArguments:
    """Parse the text after `report`; the days may come in either order."""
    parts = _OF_REPORT.split(f" {rest}")
    days = {
        one.lower().replace(" ", "-"): day.strip() for one, day in zip(parts[1::2], parts[2::2], strict=True)
    }
    words = parts[0].split()
    form = " ".join(one for one in words if one.lower() not in _FULL)
    return ReportArguments(form, days.get("since", ""), days.get("as-of", ""), len(form.split()) < len(words))


_OF_REPORT = re.compile(r"(?<=\s)(since|as[- ]of)\s", re.IGNORECASE)


_FULL = ("full", "--full", "complete")


def match_report_format(word: str) -> str | None:
    """Return the report format for a word; None without a match. `threat` stands for reporting a threat."""
    typed_word = word.strip().lower().removeprefix(".")
    if typed_word.removeprefix("a ").startswith("threat"):
        return "threat"
    known = {name: one.word for one in REPORT_FORMATS.values() for name in (one.word, *one.aliases)}
    return known.get(typed_word)


def nearest_key(key: str, keys: list[str]) -> str | None:
    """Return the most similar key of a model."""
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.6)
    return near[0] if near else None


_CHARTS_ALSO_CALLED = {
    "score": "scores",
    "ranking": "scores",
    "threats": "scores",
    "stride": "coverage",
    "grid": "coverage",
    "open": "open-threats",
    "trend": "open-threats",
    "over-time": "open-threats",
}

_SHORT: dict[Kind, tuple[str, ...]] = {
    Kind.EXTERNAL_DEPENDENCY: ("dependency", "dependencies"),
    Kind.ENTRY_POINT: ("entry", "entries"),
    Kind.TRUST_LEVEL: ("level", "levels"),
    Kind.DATA_FLOW: ("flow", "flows"),
    Kind.TRUST_BOUNDARY: ("boundary", "boundaries"),
}

KIND_NAMES: dict[str, Kind] = {
    name: kind for kind in Kind for name in (SINGULAR[kind], PLURAL[kind], *_SHORT.get(kind, ()))
}
"""The names of each kind of element after `add`."""


def check_no_day(word: SlashWord, parsed: ParsedCommand) -> None:
    """Raise Rejected if a day was typed after a word that shows only the current model."""
    if not word.takes_text and _OF_A_DAY.search(parsed.rest):
        raise Rejected(
            f"“{word.name}” shows the current model only. For a past day, type “{COMMAND} as-of "
            f"yesterday” or “{COMMAND} report as-of yesterday”."
        )


def command_target(
    services: Services, request: SlashCommand, word: SlashWord | None, rest: str, *, strictly: bool = True
) -> WordTarget:
    """Return the typed text after a word, as far as buttons can carry it.

    Raises Rejected for an invalid day, unless `strictly` is False: then the day is left out.
    """
    channel = "" if is_direct_message(request.channel) else request.channel
    here = WordTarget(name="" if word is None else word.name, channel=channel, thread=request.thread)
    try:
        return here if word is None else word.parse(services, request, rest, here)
    except Rejected:
        if strictly:
            raise
        return here


def today_of(services: Services, request: Request) -> date:
    """Return the current day in the person's time zone."""
    return services.zone(request.person).day_of(services.now())


def answer_word(
    word: SlashWord, services: Services, request: Request, target: WordTarget, parsed: ParsedCommand
) -> HandlerResponse:
    """Return the answer to a word; if it needs a model and several match, a choice of models."""
    if word.models is ModelSelection.NONE or target.stream:
        return word.answer(services, request, target, parsed)
    channel = channel_of_command(request, target)
    models = models_of(services, request, channel)
    if not models:
        return show_message(request, opening_help(channel))
    meant = matching_models(services, models, parsed, target, word.models)
    if len(meant) == 1:
        return word.answer(services, request, replace(target, stream=meant[0].stream, thread=""), parsed)
    target = replace(target, channel=channel, thread="")
    if parsed.key:
        return show_message(request, _unknown(services, request, models, parsed, target))
    if word.text_without_button(parsed.rest):
        return show_message(request, key_needed(word.name, parsed.rest, models[-1].key, len(meant or models)))
    return show_message(
        request, model_picker(target, model_list_items(services, meant or models, request.person))
    )


def matching_models(
    services: Services,
    models: list[StreamSummary],
    parsed: ParsedCommand,
    target: WordTarget,
    which: ModelSelection = ModelSelection.OPEN,
) -> list[StreamSummary]:
    """Return the models that may be meant; one where it is clear."""
    if parsed.key:
        return [one for one in models if one.key == parsed.key]
    if target.thread:
        here = [one for one in models if services.card_ts(one.stream) == target.thread]
        if here:
            return here
    if which is ModelSelection.ALL:
        return [one for one in models if one.phase != "archived"]
    if which is ModelSelection.CLOSED:
        return [one for one in models if one.phase in CLOSED_PHASES]
    return [one for one in models if one.phase not in CLOSED_PHASES] or (models if len(models) == 1 else [])


def channel_of_command(request: Request, target: WordTarget) -> ChannelId:
    """Return the channel of a word, empty for a direct message; raises StaleButton if it is unknown."""
    if target.channel:
        return ChannelId(target.channel)
    if isinstance(request, SlashCommand | BlockAction) and request.channel:
        return ChannelId("") if is_direct_message(request.channel) else request.channel
    raise StaleButton


def models_of(services: Services, request: Request, channel: ChannelId) -> list[StreamSummary]:
    """Return the models of a channel; in a direct message those of all channels of the person."""
    return services.models(channel) if channel else services.models_of(request.person)


def _unknown(
    services: Services,
    request: Request,
    models: list[StreamSummary],
    parsed: ParsedCommand,
    target: WordTarget,
) -> Message:
    near = nearest_key(parsed.key, [one.key for one in models])
    meant = [one for one in models if one.key == near]
    line = model_list_items(services, meant, request.person)
    return unknown_key(parsed.key, line[0] if line else None, target)


_OF_A_DAY = re.compile(r"(?:^|\s)(?:as[- ]of|since|until)\s", re.IGNORECASE)
