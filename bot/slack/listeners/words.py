"""The slash command: its words, and the buttons that say the same."""

from bot.slack.asking.requests import Asked, Slash
from bot.slack.kit.triggers import Deed, FormName, Page, StaleButton, Target
from bot.slack.listeners import adding
from bot.slack.listeners.answering import do
from bot.slack.listeners.looking import open_form, show_page
from bot.slack.listeners.making import chart, diagram, export, report
from bot.slack.listeners.meaning import (
    Said,
    Word,
    about,
    channel_of,
    check_no_day,
    meant_of,
    models_of,
    of_a_model,
    read,
    say,
)
from bot.slack.listeners.starting import open_start
from bot.slack.listeners.voting import vote
from bot.slack.reading.overview import lines
from bot.slack.reading.vocabulary import nearest
from bot.slack.replying.answers import Answer, show
from bot.slack.replying.opening import page_for
from bot.slack.tools import Tools
from bot.slack.views import (
    help_message,
    import_help,
    model_list,
    only_the_last,
    opening_help,
    status_copy,
    unknown_word,
)


def slash(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Answer a slash command."""
    del target
    if not isinstance(asked, Slash):
        raise StaleButton
    said = read(asked.text)
    answer = WORDS.get(said.word)
    if answer is None:
        meant = Said(word=nearest(said.word) or "", key=said.key, rest=said.rest)
        return say(asked, unknown_word(said.word, about(tools, asked, meant, strictly=False)))
    check_no_day(said)
    return answer(tools, asked, about(tools, asked, said), said)


def press(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Answer a button that stands for a word."""
    answer = WORDS.get(target.what)
    if answer is None:
        raise StaleButton
    return answer(tools, asked, target, Said(word=target.what))


def _start(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    return open_start(tools, asked, target, said.rest)


def _help(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del tools, said
    return say(asked, help_message(channel_of(asked, target)))


def _import(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del tools, said
    return say(asked, import_help(channel_of(asked, target)))


def _list(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    channel = channel_of(asked, target)
    models = models_of(tools, asked, channel)
    if not models:
        return say(asked, opening_help(channel))
    return say(asked, model_list(lines(tools, models, asked.person), channel))


def _status(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    stream = tools.stream(target)
    known = tools.register(stream)
    link = tools.permalink(stream, known.channel)
    return say(asked, status_copy(stream, known, tools.naming, link))


def _questions(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    return open_form(tools, asked, Target(what=FormName.QUESTIONS, stream=target.stream))


def _as_of(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del said
    if target.day is None:
        return open_form(tools, asked, Target(what=FormName.LOOK_BACK, stream=target.stream))
    return show_page(tools, asked, Target(what=Page.AS_OF, stream=target.stream, day=target.day))


def _settings(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """One's own settings, and those of the model where it is clear which."""
    stream = target.stream
    if not stream and (channel := channel_of(asked, target)):
        meant = meant_of(tools, tools.models(channel), said, target)
        stream = meant[0].stream if len(meant) == 1 else ""
    shown = Target(what=Page.SETTINGS, stream=stream)
    return show(asked, page_for(tools, shown, asked.person), again=shown)


def _undo(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Take back one's own last answer; where more is typed than the word, ask first."""
    if said.rest:
        return say(asked, only_the_last(target))
    return do(tools, asked, Target(what=Deed.UNDO, stream=target.stream))


def _paging(page: Page) -> Word:
    def asked_for(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        del said
        return show_page(tools, asked, Target(what=page, stream=target.stream))

    return asked_for


def _moving(deed: Deed) -> Word:
    def asked_for(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        del said
        if deed is Deed.CLOSE and tools.workshop.model(tools.stream(target)).closing is not None:
            return show_page(tools, asked, Target(what=Page.CLOSING, stream=target.stream))
        return open_form(tools, asked, Target(what=FormName.MOVE, stream=target.stream, deed=deed))

    return asked_for


WORDS: dict[str, Word] = {
    "start": _start,
    "status": of_a_model(_status),
    "list": _list,
    "add": of_a_model(adding.add),
    "remove": of_a_model(adding.element_page),
    "questions": of_a_model(_questions),
    "threats": of_a_model(_paging(Page.THREATS)),
    "coverage": of_a_model(_paging(Page.COVERAGE)),
    "candidates": of_a_model(_paging(Page.SEEN)),
    "diagram": of_a_model(diagram),
    "chart": of_a_model(chart),
    "report": of_a_model(report),
    "export": of_a_model(export),
    "import": _import,
    "vote": of_a_model(vote),
    "plan": of_a_model(_paging(Page.PLAN)),
    "history": of_a_model(_paging(Page.HISTORY)),
    "as-of": of_a_model(_as_of),
    "undo": of_a_model(_undo),
    "settings": _settings,
    "close": of_a_model(_moving(Deed.CLOSE)),
    "reopen": of_a_model(_moving(Deed.REOPEN)),
    "archive": of_a_model(_moving(Deed.ARCHIVE)),
    "help": _help,
}
"""What each word of the command does; a test holds them against those of the manifest."""
