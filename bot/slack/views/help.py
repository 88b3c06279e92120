"""What the bot can do, told to one person."""

import difflib

from bot.manifest import COMMAND, WORDS
from bot.slack.blocks import Block, Message, actions, button, context, message, section
from bot.slack.text import name
from bot.slack.triggers import Target, Trigger


def help_message(channel: str) -> Message:
    """What can be done in a channel, with a button for each."""
    blocks = [section("*A threat model, step by step.* Type a word, or press its button.")]
    for word in WORDS:
        if word != "help":
            text = f"`{COMMAND} {_TYPED.get(word, word)}`\n{_DOES[word]}"
            blocks.append(section(text, accessory=_press(word, channel)))
    blocks.append(context(f"Several models here? Add the key: `{COMMAND} status TM-7`."))
    return message("What I can do: " + ", ".join(WORDS), blocks)


def opening_help(channel: str) -> Message:
    """What is said where a channel has no model yet: what this is, and a button to start."""
    text = (
        "*No threat model in this channel yet.*\n"
        "I take your team through one: collect what there is, look at what can go wrong, decide what to do. "
        "Everybody answers when they have a minute."
    )
    start = _press("start", channel, primary=True)
    return message(
        "No threat model in this channel yet.", [section(text), actions(start, _press("help", channel))]
    )


def unknown_word(word: str, channel: str) -> Message:
    """An unknown word is answered with the nearest one."""
    said = f"I do not know “{name(word, _WORD)}”."
    near = nearest(word)
    if near is None:
        return message(said, [section(said), actions(_press("help", channel))])
    asked = f"{said} Did you mean *{near}*?"
    return message(
        asked,
        [
            section(asked),
            actions(_press(near, channel, primary=True), _press("help", channel, label="See all")),
        ],
    )


def nearest(word: str) -> str | None:
    """The known word that somebody probably meant."""
    known = {**{one: one for one in WORDS}, **_ALSO_CALLED}
    near = difflib.get_close_matches(word.strip().lower(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def _press(word: str, channel: str, *, primary: bool = False, label: str = "") -> Block:
    return button(
        label or _LABELS[word],
        Trigger.WORD,
        Target(what=word, channel=channel),
        style="primary" if primary else None,
    )


_WORD = 60
_TYPED = {"start": "start [name]", "add": "add [asset, entry point, …]"}
_DOES = {
    "start": "Start a threat model in this channel.",
    "status": "Where we are, and what comes next.",
    "list": "The models of this channel.",
    "add": "Add something to one of the lists.",
    "questions": "Answer the open questions.",
    "history": "Who said what, and when.",
    "undo": "Take back your last answer.",
    "help": "What I can do.",
}
_LABELS = {
    "start": "Start",
    "status": "Status",
    "list": "List",
    "add": "Add",
    "questions": "Questions",
    "history": "History",
    "undo": "Undo",
    "help": "What can you do?",
}
_ALSO_CALLED = {
    "new": "start",
    "begin": "start",
    "create": "start",
    "card": "status",
    "show": "status",
    "models": "list",
    "answer": "questions",
    "log": "history",
    "timeline": "history",
    "revert": "undo",
}
