"""What answers the words that need little: a page, a form, a list."""

from msgspec.structs import replace

from bot.slack.handlers.buttons.modal_buttons import open_form, show_page
from bot.slack.handlers.commands.day_argument import read_day
from bot.slack.handlers.commands.model_resolution import channel_of, meant_of, models_of, today_of
from bot.slack.handlers.commands.slash_word import Handler, Said
from bot.slack.handlers.handler_responses import Answer, say, show
from bot.slack.handlers.modal_loading import page_for
from bot.slack.handlers.submissions.form_submission import do
from bot.slack.handlers.submissions.start_model import open_start
from bot.slack.protocol.interactions import Deed, FormName, Page, Target
from bot.slack.protocol.requests import Asked, Slash
from bot.slack.queries.home_overview import lines
from bot.slack.queries.services import Tools
from bot.slack.ui.messages.card.card_message import status_copy
from bot.slack.ui.messages.help_messages import import_help, only_the_last, opening_help
from bot.slack.ui.messages.model_choice_messages import model_list


def open_new(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Open the form of a new model; what was typed is its name."""
    return open_start(tools, asked, target, said.rest)


def how_to_import(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Say how a file becomes a model."""
    del tools, said
    return say(asked, import_help(channel_of(asked, target)))


def list_models(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """List the models of the channel."""
    del said
    channel = channel_of(asked, target)
    models = models_of(tools, asked, channel)
    if not models:
        return say(asked, opening_help(channel))
    return say(asked, model_list(lines(tools, models, asked.person), channel))


def status(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Show a copy of the card."""
    del said
    stream = tools.stream(target)
    known = tools.register(stream)
    link = tools.permalink(stream, known.channel)
    return say(asked, status_copy(stream, known, tools.naming, link))


def questions(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Open the form of the open questions."""
    del said
    return open_form(tools, asked, Target(what=FormName.QUESTIONS, stream=target.stream))


def as_of(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Show the model as of a day; ask for the day where none was typed."""
    del said
    if target.day is None:
        return open_form(tools, asked, Target(what=FormName.LOOK_BACK, stream=target.stream))
    return show_page(tools, asked, Target(what=Page.AS_OF, stream=target.stream, day=target.day))


def settings(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """One's own settings, and those of the model where it is clear which."""
    stream = target.stream
    if not stream and (channel := channel_of(asked, target)):
        meant = meant_of(tools, tools.models(channel), said, target)
        stream = meant[0].stream if len(meant) == 1 else ""
    shown = Target(what=Page.SETTINGS, stream=stream)
    return show(asked, page_for(tools, shown, asked.person), again=shown)


def undo(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    """Take back one's own last answer; where more is typed than the word, ask first."""
    if said.rest:
        return say(asked, only_the_last(target))
    return do(tools, asked, Target(what=Deed.UNDO, stream=target.stream))


def day_typed(tools: Tools, asked: Slash, rest: str, target: Target) -> Target:
    """The day that was typed after `as-of`; raises Rejected for a wrong one."""
    return replace(target, day=read_day(rest, today_of(tools, asked))) if rest else target


def shows(page: Page) -> Handler:
    """Return a handler that shows a page."""

    def asked_for(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        del said
        return show_page(tools, asked, Target(what=page, stream=target.stream))

    return asked_for


def moves(deed: Deed) -> Handler:
    """Return a handler that opens the form for a step of the lifecycle."""

    def asked_for(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
        del said
        if deed is Deed.CLOSE and tools.workshop.model(tools.stream(target)).closing is not None:
            return show_page(tools, asked, Target(what=Page.CLOSING, stream=target.stream))
        return open_form(tools, asked, Target(what=FormName.MOVE, stream=target.stream, deed=deed))

    return asked_for
