"""The slash command: its words, and the buttons that say the same."""

import difflib
import html
import re
from collections.abc import Callable

import msgspec

from bot.slack.answers import Answer, show, tell
from bot.slack.blocks import Message
from bot.slack.listeners.answering import do
from bot.slack.listeners.looking import open_form, show_page
from bot.slack.listeners.starting import open_start
from bot.slack.requests import Asked, Click, Slash
from bot.slack.tools import Tools
from bot.slack.triggers import Deed, FormName, Page, StaleButton, Target
from bot.slack.views import (
    help_message,
    model_list,
    model_picker,
    opening_help,
    refusal,
    refusal_modal,
    status_copy,
    unknown_word,
)
from bot.store import StreamSummary
from domain.elements import PLURAL, SINGULAR, ChannelId, Kind

_KEY = re.compile(r"\bTM-\d+\b", re.IGNORECASE)
_OVER = ("closed", "archived")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A word, the model's key if one was named, and whatever else was typed."""

    word: str
    key: str
    rest: str


def slash(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Answer a slash command."""
    del target
    if not isinstance(asked, Slash):
        raise StaleButton
    said = read(asked.text)
    answer = WORDS.get(said.word)
    if answer is None:
        return _say(asked, unknown_word(said.word, asked.channel))
    return answer(tools, asked, Target(what=said.word, channel=asked.channel), said)


def press(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Answer a button that stands for a word."""
    answer = WORDS.get(target.what)
    if answer is None:
        raise StaleButton
    return answer(tools, asked, target, Said(word=target.what, key="", rest=""))


def read(text: str) -> Said:
    """Take the text of a slash command apart."""
    plain = html.unescape(text).strip()
    word, _, rest = plain.partition(" ")
    found = _KEY.search(rest)
    key = found[0].upper() if found else ""
    if found and word.lower() != "start":
        rest = rest[: found.start()] + rest[found.end() :]
    return Said(word=word.lower() or "help", key=key, rest=rest.strip())


def kind_of_word(word: str) -> Kind | None:
    """The register that somebody means by a word, also misspelt; None where it cannot be told."""
    names = {name: kind for kind in Kind for name in (SINGULAR[kind], PLURAL[kind], *_SHORT.get(kind, ()))}
    near = difflib.get_close_matches(word.lower().replace("_", " ").strip(), names, n=1, cutoff=0.7)
    return names[near[0]] if near else None


_SHORT: dict[Kind, tuple[str, ...]] = {
    Kind.EXTERNAL_DEPENDENCY: ("dependency", "dependencies"),
    Kind.ENTRY_POINT: ("entry", "entries"),
    Kind.TRUST_LEVEL: ("level", "levels"),
    Kind.DATA_FLOW: ("flow", "flows"),
    Kind.TRUST_BOUNDARY: ("boundary", "boundaries"),
}


def _start(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    return open_start(tools, asked, target, said.rest)


def _help(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del tools, said
    return _say(asked, help_message(_channel(asked, target)))


def _list(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    channel = _channel(asked, target)
    models = tools.models(channel)
    if not models:
        return _say(asked, opening_help(channel))
    return _say(asked, model_list(tools.lines(models), channel))


def _status(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    stream = tools.stream(target)
    known = tools.register(stream)
    link = tools.permalink(stream, known.channel)
    return _say(asked, status_copy(stream, known, tools.naming, link))


def _add(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    if said.rest.lower().startswith("assumption"):
        return open_form(tools, asked, Target(what=FormName.ASSUMPTION, stream=target.stream))
    kind = target.kind or kind_of_word(said.rest)
    if kind is None:
        return show_page(tools, asked, Target(what=Page.LISTS, stream=target.stream))
    return open_form(tools, asked, Target(what=FormName.ELEMENT, stream=target.stream, kind=kind))


def _questions(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    return open_form(tools, asked, Target(what=FormName.QUESTIONS, stream=target.stream))


def _history(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    return show(asked, tools.page(Target(what=Page.HISTORY, stream=target.stream)))


def _undo(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    return do(tools, asked, Target(what=Deed.UNDO, stream=target.stream))


def _moving(deed: Deed) -> "Word":
    def asked_for(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        del said
        return open_form(tools, asked, Target(what=FormName.MOVE, stream=target.stream, deed=deed))

    return asked_for


Word = Callable[[Tools, Asked, Target, Said], Answer]


def _of_a_model(answer: Word) -> Word:
    """A word about one model: the only open one of the channel, the one named, or else it asks which."""

    def answered(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        if target.stream:
            return answer(tools, asked, target, said)
        channel = _channel(asked, target)
        models = tools.models(channel)
        meant = _meant(models, said)
        if len(meant) == 1:
            chosen = msgspec.structs.replace(target, stream=meant[0].stream)
            return answer(tools, asked, chosen, said)
        if said.key:
            sentence = f"There is no threat model {said.key} in this channel. “/threatmodel list” shows them."
            return _say(asked, refusal(sentence))
        if not models:
            return _say(asked, opening_help(channel))
        kind = kind_of_word(said.rest) if said.word == "add" else None
        return _say(asked, model_picker(said.word, tools.lines(meant or models), channel, kind=kind))

    return answered


WORDS: dict[str, Word] = {
    "start": _start,
    "status": _of_a_model(_status),
    "list": _list,
    "add": _of_a_model(_add),
    "questions": _of_a_model(_questions),
    "history": _of_a_model(_history),
    "undo": _of_a_model(_undo),
    "help": _help,
    "close": _of_a_model(_moving(Deed.CLOSE)),
    "reopen": _of_a_model(_moving(Deed.REOPEN)),
    "archive": _of_a_model(_moving(Deed.ARCHIVE)),
}
"""What each word of the command does; a test holds them against those of the manifest."""


def _meant(models: list[StreamSummary], said: Said) -> list[StreamSummary]:
    if said.key:
        return [one for one in models if one.key == said.key]
    if said.word == "reopen":
        return [one for one in models if one.phase in _OVER]
    return [one for one in models if one.phase not in _OVER] or (models if len(models) == 1 else [])


def _channel(asked: Asked, target: Target) -> ChannelId:
    if target.channel:
        return ChannelId(target.channel)
    if isinstance(asked, Slash | Click) and asked.channel:
        return asked.channel
    raise StaleButton


def _say(asked: Asked, message: Message) -> Answer:
    return tell(asked, message, view=refusal_modal(message.text, Target()))
