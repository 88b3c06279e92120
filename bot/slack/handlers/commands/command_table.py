"""The slash command: one declaration for each of its words, and the buttons that say the same."""

from bot.slack.handlers.commands.element_commands import add, element_page, kind_typed, names_typed
from bot.slack.handlers.commands.file_commands import (
    chart,
    chart_typed,
    diagram,
    export,
    format_typed,
    report,
    report_typed,
)
from bot.slack.handlers.commands.model_resolution import about, answered, channel_of, check_no_day
from bot.slack.handlers.commands.screen_commands import (
    as_of,
    day_typed,
    how_to_import,
    list_models,
    moves,
    open_new,
    questions,
    settings,
    shows,
    status,
    undo,
)
from bot.slack.handlers.commands.slash_word import KeyIn, Models, Said, SlashWord, nearest, read
from bot.slack.handlers.commands.vote_command import vote
from bot.slack.handlers.handler_responses import Answer, say
from bot.slack.protocol.interactions import Deed, Page, StaleButton, Target
from bot.slack.protocol.requests import Asked, Slash
from bot.slack.queries.services import Tools
from bot.slack.ui.messages.help_messages import HELP_LABEL, Group, help_message, unknown_word


def slash(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Answer a slash command."""
    del target
    if not isinstance(asked, Slash):
        raise StaleButton
    said = read(asked.text, WORDS)
    word = WORDS.get(said.word)
    if word is None:
        near = nearest(said.word, WORDS)
        return say(asked, unknown_word(said.word, near, about(tools, asked, near, said.rest, strictly=False)))
    check_no_day(word, said)
    return answered(word, tools, asked, about(tools, asked, word, said.rest), said)


def press(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Answer a button that stands for a word."""
    word = WORDS.get(target.what)
    if word is None:
        raise StaleButton
    return answered(word, tools, asked, target, Said(word=word.name))


def _help(tools: Tools, asked: Asked, target: Target, said: Said) -> Answer:
    del tools, said
    return say(asked, help_message(channel_of(asked, target), WORDS.values()))


_WORDS = (
    SlashWord(
        name="start",
        label="Start",
        does="Start a threat model in this channel.",
        does_directly="Start a threat model. You choose its channel in the form.",
        group=Group.EVERY_DAY,
        typed="start [name]",
        also=("new", "begin", "create"),
        answer=open_new,
        models=Models.NONE,
        for_everyone=True,
        takes_text=True,
        key_in=KeyIn.NOTHING,
    ),
    SlashWord(
        name="status",
        label="Status",
        does="Where we are, and what comes next.",
        group=Group.EVERY_DAY,
        also=("card", "show"),
        answer=status,
    ),
    SlashWord(
        name="list",
        label="List",
        does="The models of this channel.",
        does_directly="The models of your channels.",
        group=Group.EVERY_DAY,
        also=("models",),
        answer=list_models,
        models=Models.NONE,
    ),
    SlashWord(
        name="add",
        label="Add",
        does="Add an element by name, or open the form for it.",
        group=Group.EVERY_DAY,
        typed="add [asset, entry point, …] [name]",
        answer=add,
        takes_text=True,
        key_in=KeyIn.ENDS,
        reads=kind_typed,
        unsaid=names_typed,
    ),
    SlashWord(
        name="remove",
        label="Remove",
        does="Open the page of an element, to revise or remove it.",
        group=Group.EVERY_DAY,
        typed="remove [name or ID]",
        also=("delete", "rm"),
        answer=element_page,
        takes_text=True,
        key_in=KeyIn.ENDS,
        unsaid=str,
    ),
    SlashWord(
        name="questions",
        label="Questions",
        does="Answer the open questions.",
        group=Group.EVERY_DAY,
        also=("answer",),
        answer=questions,
    ),
    SlashWord(
        name="candidates",
        label="Candidates",
        does="What the rules bring up, to be confirmed or dismissed.",
        group=Group.EVERY_DAY,
        also=("candidate", "came up"),
        answer=shows(Page.SEEN),
    ),
    SlashWord(
        name="threats",
        label="Threats",
        does="What could go wrong: all threats of the model.",
        group=Group.EVERY_DAY,
        also=("threat",),
        answer=shows(Page.THREATS),
    ),
    SlashWord(
        name="coverage",
        label="Coverage",
        does="What is decided of each element, and what is still open.",
        group=Group.EVERY_DAY,
        also=("grid",),
        answer=shows(Page.COVERAGE),
    ),
    SlashWord(
        name="diagram",
        label="Diagram",
        does="The data flows as a picture, into the card's thread.",
        group=Group.EVERY_DAY,
        also=("dfd", "draw", "drawing", "picture"),
        answer=diagram,
    ),
    SlashWord(
        name="chart",
        label="Chart",
        does="A picture of scores, coverage, or open threats over time, into the thread.",
        group=Group.EVERY_DAY,
        typed="chart [scores, coverage or open-threats]",
        also=("charts", "graph", "trend"),
        answer=chart,
        reads=chart_typed,
    ),
    SlashWord(
        name="vote",
        label="Vote",
        does="Give the ballots you owe, or change them.",
        group=Group.EVERY_DAY,
        also=("ballot", "ballots"),
        answer=vote,
    ),
    SlashWord(
        name="plan",
        label="Plan",
        does="What is done about each threat, by whom and until when.",
        group=Group.EVERY_DAY,
        also=("mitigations", "mitigation", "mitigate", "respond", "response", "responses", "owners"),
        answer=shows(Page.PLAN),
    ),
    SlashWord(
        name="history",
        label="History",
        does="Who said what, and when.",
        group=Group.LOOKING_BACK,
        also=("log", "timeline"),
        answer=shows(Page.HISTORY),
    ),
    SlashWord(
        name="as-of",
        label="As it was on…",
        does="The model as it was on another day.",
        group=Group.LOOKING_BACK,
        typed="as-of [day]",
        also=("asof", "as of", "date", "time travel", "look back"),
        answer=as_of,
        takes_text=True,
        reads=day_typed,
    ),
    SlashWord(
        name="undo",
        label="Undo",
        does="Take back your last answer.",
        group=Group.LOOKING_BACK,
        also=("revert",),
        answer=undo,
        changes_at_once=True,
    ),
    SlashWord(
        name="report",
        label="Report",
        does="All there is to tell, as a file to read, into the card's thread.",
        group=Group.LOOKING_BACK,
        typed="report [pdf, html or md] [since day] [as-of day]",
        also=("reports", "summary", "pdf", "canvas"),
        answer=report,
        takes_text=True,
        reads=report_typed,
    ),
    SlashWord(
        name="export",
        label="Export",
        does="The model as a file for other tools, into the card's thread.",
        group=Group.LOOKING_BACK,
        typed="export [format]",
        also=("download", "file", "formats", "save as"),
        answer=export,
        reads=format_typed,
    ),
    SlashWord(
        name="import",
        label="Import",
        does="A model out of a file of another tool: how that goes.",
        group=Group.LOOKING_BACK,
        also=("load", "upload"),
        answer=how_to_import,
        models=Models.NONE,
        takes_text=True,
    ),
    SlashWord(
        name="settings",
        label="Settings",
        does="Your working hours, and who takes part.",
        group=Group.STEERING,
        also=("hours", "working hours", "config", "preferences"),
        answer=settings,
        models=Models.NONE,
    ),
    SlashWord(
        name="close",
        label="Close",
        does="End the work on a model.",
        group=Group.STEERING,
        answer=moves(Deed.CLOSE),
    ),
    SlashWord(
        name="reopen",
        label="Reopen",
        does="Go on with a closed model.",
        group=Group.STEERING,
        answer=moves(Deed.REOPEN),
        models=Models.CLOSED,
    ),
    SlashWord(
        name="archive",
        label="Archive",
        does="Put a closed model away.",
        group=Group.STEERING,
        answer=moves(Deed.ARCHIVE),
    ),
    SlashWord(
        name="help",
        label=HELP_LABEL,
        does="What I can do.",
        group=None,
        also=("hello", "hi", "hey", "good morning", "what can you do", "shortcut", "shortcuts"),
        answer=_help,
        models=Models.NONE,
        for_everyone=True,
        takes_text=True,
    ),
)

WORDS: dict[str, SlashWord] = {word.name: word for word in _WORDS}
"""Every word of the command, in the order of the help."""
