"""Words of the slash command, what was typed after them, and the models that they are about."""

import difflib
import html
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from bot.formats import FORMATS
from bot.report import REPORT_FORMATS
from bot.slack.handlers.handler_responses import HandlerResponse, respond_privately, show_message
from bot.slack.handlers.modal_buttons import open_form, show_page
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import BlockAction, Request, SlashCommand, is_direct_message
from bot.slack.protocol.targets import StaleButton, Target, WordTarget
from bot.slack.queries.home_overview import CLOSED_PHASES, model_list_items
from bot.slack.queries.services import Services
from bot.slack.ui.messages.file_answers import CHARTS
from bot.slack.ui.messages.help_messages import WordHelp, opening_help
from bot.slack.ui.messages.model_choice_messages import key_needed, model_picker, unknown_key
from bot.slack.ui.messages.notices import message_modal
from bot.store import StreamId, StreamSummary
from domain.kernel.elements import PLURAL, SINGULAR, ChannelId, Kind
from domain.register import ThreatRegister


class ModelSelection(Enum):
    """The models that a word may apply to if none is named."""

    NONE = auto()
    """The word needs no model."""
    OPEN = auto()
    CLOSED = auto()
    ALL = auto()
    """All but archived ones."""


class ModelKeyPosition(Enum):
    """The position of a model's key in the text after a word."""

    ANYWHERE = auto()
    ENDS = auto()
    """Only at the ends: a key in the middle belongs to the name of an element."""
    NOWHERE = auto()


class WordCall(msgspec.Struct, frozen=True, kw_only=True):
    """A word that was typed or pressed: the model's key if one was typed, and the rest of the text."""

    services: Services
    request: Request
    target: WordTarget
    key: str = ""
    rest: str = ""

    @property
    def stream(self) -> StreamId:
        """The model; raises StaleButton."""
        return self.services.stream(self.target)

    @property
    def register(self) -> ThreatRegister:
        """The register of the model."""
        return self.services.register(self.stream)

    @property
    def today(self) -> date:
        """The current day in the person's time zone."""
        return self.services.zone(self.request.person).day_of(self.services.now())

    @property
    def channel(self) -> ChannelId:
        """The channel of the word, empty for a direct message; raises StaleButton if it is unknown."""
        if self.target.channel:
            return ChannelId(self.target.channel)
        if isinstance(self.request, SlashCommand | BlockAction) and self.request.channel:
            return ChannelId("") if is_direct_message(self.request.channel) else self.request.channel
        raise StaleButton

    def models(self) -> list[StreamSummary]:
        """Return the models of the channel; in a direct message those of all channels of the person."""
        if channel := self.channel:
            return self.services.models(channel)
        return self.services.models_of(self.request.person)

    def matching(
        self, models: list[StreamSummary], which: ModelSelection = ModelSelection.OPEN
    ) -> list[StreamSummary]:
        """Return the models that may be meant; one where it is clear."""
        if self.key:
            return [model for model in models if model.key == self.key]
        if self.target.thread:
            here = [model for model in models if self.services.card_ts(model.stream) == self.target.thread]
            if here:
                return here
        if which is ModelSelection.ALL:
            return [model for model in models if model.phase != "archived"]
        if which is ModelSelection.CLOSED:
            return [model for model in models if model.phase in CLOSED_PHASES]
        still_open = [model for model in models if model.phase not in CLOSED_PHASES]
        return still_open or (models if len(models) == 1 else [])

    def show(self, message: Message) -> HandlerResponse:
        """Show a message to the person only."""
        return show_message(self.request, message)

    def say(self, message: Message, title: str) -> HandlerResponse:
        """Show a message to the person only; as a modal, it has a title."""
        return respond_privately(self.request, message, view=message_modal(message, title))

    def show_page(self, page: Target) -> HandlerResponse:
        """Show a page."""
        return show_page(self.services, self.request, page)

    def open_form(self, form: Target) -> HandlerResponse:
        """Open a form."""
        return open_form(self.services, self.request, form)


WordHandler = Callable[[WordCall], HandlerResponse]


class SlashWord(WordHelp, frozen=True, kw_only=True):
    """Declaration of one word; `command_table.SLASH_WORDS` has all of them."""

    answer: WordHandler
    aliases: tuple[str, ...] = ()
    suggested_for: tuple[str, ...] = ()
    """Other words for which it is suggested."""
    confirm_alias: bool = False
    """Whether an alias asks for confirmation, because the word changes data immediately."""
    for_everyone: bool = False
    """Whether it neither shows nor changes data, so that anyone with an account may use it.

    All other words are for the members of the channel concerned.
    """
    models: ModelSelection = ModelSelection.OPEN
    takes_text: bool = False
    """Whether it takes more text than a kind, a format or a key: for example days and names."""
    model_key_position: ModelKeyPosition = ModelKeyPosition.ANYWHERE
    parse: Callable[[WordCall], WordTarget] = lambda call: call.target
    """Parses the part of its text that buttons can carry; raises Rejected for an invalid day."""
    text_without_button: Callable[[str], str] = lambda _: ""
    """Returns the part of its text that buttons cannot carry: they hold only IDs, never text of users."""


class ParsedCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A word, the model's key if one was typed, and the rest of the text."""

    word: str
    key: str = ""
    rest: str = ""


def parse_command(text: str, words: Mapping[str, SlashWord]) -> ParsedCommand:
    """Parse the text of a slash command."""
    plain = " ".join(html.unescape(text).split()) if "\n" not in text else html.unescape(text).strip()
    name, rest = take_word(plain, words)
    word = words.get(name)
    key_match = _key(rest, ModelKeyPosition.ANYWHERE if word is None else word.model_key_position)
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


def _key(rest: str, where: ModelKeyPosition) -> re.Match[str] | None:
    if where is ModelKeyPosition.NOWHERE:
        return None
    key_match = _KEY.search(rest)
    if key_match is None or where is ModelKeyPosition.ANYWHERE:
        return key_match
    at_an_end = not rest[: key_match.start()].strip() or not rest[key_match.end() :].strip()
    return key_match if at_an_end else None


_KEY = re.compile(r"\bTM[-_ ]?(\d+)\b", re.IGNORECASE)


def nearest(typed: str, known: Iterable[str], cutoff: float) -> str:
    """Return the most similar of some words; empty if none is similar."""
    near = difflib.get_close_matches(typed, known, n=1, cutoff=cutoff) if typed else []
    return near[0] if near else ""


def nearest_word(typed: str, words: Mapping[str, SlashWord]) -> SlashWord | None:
    """Return the most similar word."""
    known = {
        name: word for word in words.values() for name in (word.name, *word.aliases, *word.suggested_for)
    }
    return known.get(nearest(typed.strip().lower(), known, 0.6))


def match_format(word: str) -> str | None:
    """Return the export format for a word, allowing misspellings; None if there is no match."""
    known = {name: one.word for one in FORMATS.values() for name in (one.word, *one.aliases)}
    return known.get(nearest(_hyphenated(word).replace(".", ""), known, 0.8))


def match_chart(word: str) -> str | None:
    """Return the chart for a word, allowing misspellings; None if there is no match."""
    known = {**{chart: chart for chart in CHARTS}, **_CHARTS_ALSO_CALLED}
    return known.get(nearest(_hyphenated(word), known, 0.75))


def match_report_format(word: str) -> str | None:
    """Return the report format for a word; None without a match. `threat` stands for reporting a threat."""
    typed_word = word.strip().lower().removeprefix(".")
    if typed_word.removeprefix("a ").startswith("threat"):
        return "threat"
    known = {name: one.word for one in REPORT_FORMATS.values() for name in (one.word, *one.aliases)}
    return known.get(typed_word)


def _hyphenated(word: str) -> str:
    return word.strip().lower().replace(" ", "-").replace("_", "-")


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
        word.lower().replace(" ", "-"): day.strip()
        for word, day in zip(parts[1::2], parts[2::2], strict=True)
    }
    words = parts[0].split()
    form = " ".join(word for word in words if word.lower() not in _FULL)
    return ReportArguments(form, days.get("since", ""), days.get("as-of", ""), len(form.split()) < len(words))


_OF_REPORT = re.compile(r"(?<=\s)(since|as[- ]of)\s", re.IGNORECASE)
_FULL = ("full", "--full", "complete")

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


def answer_word(word: SlashWord, call: WordCall) -> HandlerResponse:
    """Return the answer to a word; if it needs a model and several match, a choice of models."""
    if word.models is ModelSelection.NONE or call.target.stream:
        return word.answer(call)
    models = call.models()
    if not models:
        return call.show(opening_help(call.channel))
    meant = call.matching(models, word.models)
    if len(meant) == 1:
        return word.answer(replace(call, target=replace(call.target, stream=meant[0].stream, thread="")))
    target = replace(call.target, channel=call.channel, thread="")
    if call.key:
        near = nearest(call.key, [model.key for model in models], 0.6)
        line = model_list_items(
            call.services, (model for model in models if model.key == near), call.request.person
        )
        return call.show(unknown_key(call.key, line[0] if line else None, target))
    if word.text_without_button(call.rest):
        return call.show(key_needed(word.name, call.rest, models[-1].key, len(meant or models)))
    return call.show(
        model_picker(target, model_list_items(call.services, meant or models, call.request.person))
    )
