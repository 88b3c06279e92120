"""Which model somebody means: the one named, the one whose thread they are in, or the only open one."""

import html
import re
from collections.abc import Callable
from datetime import date

import msgspec
from msgspec.structs import replace

from bot.manifest import COMMAND
from bot.slack.asking.requests import Asked, Click, Slash, is_direct
from bot.slack.kit.blocks import Message
from bot.slack.kit.triggers import StaleButton, Target
from bot.slack.reading.additions import read_addition
from bot.slack.reading.days import read_day
from bot.slack.reading.overview import lines
from bot.slack.reading.vocabulary import (
    chart_of,
    form_of,
    format_of,
    nearest_key,
    parts_of_report,
    take_word,
)
from bot.slack.replying.answers import Answer, tell
from bot.slack.tools import Tools
from bot.slack.views import key_wanted, model_picker, opening_help, refusal_modal, unknown_key
from bot.store import StreamSummary
from domain.elements import ChannelId
from domain.rejections import Rejected

_KEY = re.compile(r"\bTM[-_ ]?(\d+)\b", re.IGNORECASE)
_OF_A_DAY = re.compile(r"(?:^|\s)(?:as[- ]of|since|until)\s", re.IGNORECASE)
_WITH_WORDS = ("start", "add", "remove", "as-of", "report", "help", "import")
"""Words beside which more is typed than a kind, a format or a key."""
OVER = ("closed", "archived")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A word, the model's key if one was named, and whatever else was typed."""

    word: str
    key: str = ""
    rest: str = ""


Word = Callable[[Tools, Asked, Target, Said], Answer]


def read(text: str) -> Said:
    """Take the text of a slash command apart."""
    plain = " ".join(html.unescape(text).split()) if "\n" not in text else html.unescape(text).strip()
    word, rest = take_word(plain)
    found = _key_in(word, rest)
    if found is None:
        return Said(word=word, rest=rest)
    rest = rest[: found.start()] + rest[found.end() :]
    return Said(word=word, key=f"TM-{found[1]}", rest=rest.strip())


def _key_in(word: str, rest: str) -> re.Match[str] | None:
    """The key of a model in what was typed; not one in the middle of a name."""
    if word == "start":
        return None
    found = _KEY.search(rest)
    if found is None or word not in ("add", "remove"):
        return found
    at_an_end = not rest[: found.start()].strip() or not rest[found.end() :].strip()
    return found if at_an_end else None


def check_no_day(said: Said) -> None:
    """Raise Rejected where a day is typed beside a word that shows the model only as it is now."""
    if said.word not in _WITH_WORDS and _OF_A_DAY.search(said.rest):
        raise Rejected(
            f"“{said.word}” works with the model as it is now. For a day in the past, type "
            f"“{COMMAND} as-of yesterday” or “{COMMAND} report as-of yesterday”."
        )


def about(tools: Tools, asked: Slash, said: Said, *, strictly: bool = True) -> Target:
    """What was typed beside a word, as far as a button can carry it.

    Raises Rejected for a wrong day, unless `strictly` is False: then a wrong day is left out.
    """
    try:
        return _about(tools, asked, said)
    except Rejected:
        if strictly:
            raise
        return _here(asked, said)


def _here(asked: Slash, said: Said) -> Target:
    channel = "" if is_direct(asked.channel) else asked.channel
    return Target(what=said.word, channel=channel, thread=asked.thread)


def _about(tools: Tools, asked: Slash, said: Said) -> Target:
    target = _here(asked, said)
    if said.word == "add":
        return replace(target, kind=read_addition(said.rest).kind)
    if said.word == "export":
        return replace(target, deed=format_of(said.rest) or "")
    if said.word == "chart":
        return replace(target, deed=chart_of(said.rest) or "")
    if said.word == "report":
        parts, today = parts_of_report(said.rest), today_of(tools, asked)
        since, until = (read_day(one, today) if one else None for one in (parts.since, parts.as_of))
        return replace(target, deed=form_of(parts.form) or "", day=since, until=until)
    if said.word == "as-of" and said.rest:
        return replace(target, day=read_day(said.rest, today_of(tools, asked)))
    return target


def today_of(tools: Tools, asked: Asked) -> date:
    """The day it is where the asker is."""
    return tools.zone(asked.person).day_of(tools.now())


def of_a_model(answer: Word) -> Word:
    """A word about one model; where it is not clear which, it asks."""

    def answered(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        if target.stream:
            return answer(tools, asked, target, said)
        channel = channel_of(asked, target)
        models = models_of(tools, asked, channel)
        if not models:
            return say(asked, opening_help(channel))
        meant = meant_of(tools, models, said, target)
        if len(meant) == 1:
            return answer(tools, asked, replace(target, stream=meant[0].stream, thread=""), said)
        target = replace(target, channel=channel, thread="")
        if said.key:
            return say(asked, _unknown(tools, asked, models, said, target))
        if _words_of(said):
            return say(asked, key_wanted(said.word, said.rest, models[-1].key, len(meant or models)))
        return say(asked, model_picker(target, lines(tools, meant or models, asked.person)))

    return answered


def meant_of(tools: Tools, models: list[StreamSummary], said: Said, target: Target) -> list[StreamSummary]:
    """The models that may be meant; one where it is clear."""
    if said.key:
        return [one for one in models if one.key == said.key]
    if target.thread:
        here = [one for one in models if tools.card_ts(one.stream) == target.thread]
        if here:
            return here
    if said.word == "reopen":
        return [one for one in models if one.phase in OVER]
    return [one for one in models if one.phase not in OVER] or (models if len(models) == 1 else [])


def channel_of(asked: Asked, target: Target) -> ChannelId:
    """Where a word was said, empty for a direct message; raises StaleButton where that cannot be known."""
    if target.channel:
        return ChannelId(target.channel)
    if isinstance(asked, Slash | Click) and asked.channel:
        return ChannelId("") if is_direct(asked.channel) else asked.channel
    raise StaleButton


def models_of(tools: Tools, asked: Asked, channel: ChannelId) -> list[StreamSummary]:
    """The models of a channel; in a direct message those of all channels that the asker is in."""
    return tools.models(channel) if channel else tools.models_of(asked.person)


def say(asked: Asked, message: Message) -> Answer:
    """Say something to the asker alone."""
    return tell(asked, message, view=refusal_modal(message.text, Target()))


def _words_of(said: Said) -> str:
    """What was typed that no button can carry: buttons hold ids alone, never people's words."""
    if said.word == "add":
        return read_addition(said.rest).words
    return said.rest if said.word == "remove" else ""


def _unknown(tools: Tools, asked: Asked, models: list[StreamSummary], said: Said, target: Target) -> Message:
    near = nearest_key(said.key, [one.key for one in models])
    meant = [one for one in models if one.key == near]
    line = lines(tools, meant, asked.person)
    return unknown_key(said.key, line[0] if line else None, target)
