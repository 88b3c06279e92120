"""What the bot can do, told to one person."""

from msgspec.structs import replace

from bot.formats.preview import KNOWN
from bot.manifest import COMMAND, WORDS
from bot.slack.kit.blocks import Block, Message, actions, button, context, message, section
from bot.slack.kit.text import name
from bot.slack.kit.triggers import Target, Trigger
from bot.slack.reading.vocabulary import DOES, GROUPS, LABELS, TYPED, nearest


def help_message(channel: str) -> Message:
    """What can be done in a channel, or in a direct message for none, with a button for each."""
    about = Target(channel=channel)
    does = DOES if channel else {**DOES, **_IN_DIRECT_MESSAGES}
    blocks = [
        section(f"*A threat model, step by step.* Type `{COMMAND}` and a word, or press the word's button.")
    ]
    for title, words in GROUPS.items():
        lines = [f"`{TYPED.get(word, word)}`  {does[word]}" for word in words]
        blocks.append(section("\n".join((f"*{title}*", *lines))))
        blocks.append(actions(*(_press(word, about) for word in words)))
    blocks.append(
        context(
            f"Several models here? Add the key: `{COMMAND} status TM-7`. In a thread, mention me instead. "
            "Something said in the channel is a threat? Choose *Report as threat* in the message's menu; "
            "at a message with the file of another tool, *Import as threat model*."
        )
    )
    return message("What I can do: " + ", ".join(WORDS), blocks)


def opening_help(channel: str) -> Message:
    """What is said where there is no model yet: what this is, and a button to start; empty: in no channel."""
    none, where = "No threat model in this channel yet.", "here"
    if not channel:
        none, where = "None of your channels has a threat model yet.", "into its channel"
    text = (
        f"*{none}*\n"
        "I take your team through one: collect what there is, look at what can go wrong, decide what to do. "
        "Everybody answers when they have a minute.\n"
        f"You have one in a file (Open Threat Model, Threat Dragon, TM-BOM)? Drop it {where}, and choose "
        "*Import as threat model* in the message's menu."
    )
    about = Target(channel=channel)
    start = _press("start", about, primary=True)
    return message(none, [section(text), actions(start, _press("help", about))])


def only_the_last(about: Target) -> Message:
    """What undo can do, asked before it does it."""
    said = "Undo takes back your last answer, one at a time. Take back your last answer now?"
    buttons = [_press("undo", about, primary=True, label="Undo"), _press("history", about)]
    return message(said, [section(said), actions(*buttons)])


def import_help(channel: str) -> Message:
    """How a file becomes a model: only a message can say which file, so no word does it."""
    where, there = ("this channel", "here") if channel else ("the channel of the team", "there")
    text = (
        f"*Drop the file into {where}*, and choose *Import as threat model* in the menu of the message "
        "that shows it (⋯).\n"
        f"I read {KNOWN}. First you see what the file would become, and what of it has no place here; "
        "nothing is stored before you say yes."
    )
    return message(
        f"Drop the file {there}, and choose “Import as threat model” in its menu.", [section(text)]
    )


def unknown_word(word: str, about: Target) -> Message:
    """An unknown word is answered with the nearest one; what else was said goes along in `about`."""
    said = f"I do not know “{name(word, _WORD)}”."
    near = nearest(word)
    if near is None:
        lost = f"{said} Press the button to see what I can do."
        return message(lost, [section(lost), actions(_press("help", about))])
    asked = f"{said} Did you mean *{near}*?"
    buttons = [_press(near, about, primary=True)]
    if near != "help":
        buttons.append(_press("help", about, label="See all"))
    return message(asked, [section(asked), actions(*buttons)])


def _press(word: str, about: Target, *, primary: bool = False, label: str = "") -> Block:
    return button(
        label or LABELS[word],
        Trigger.WORD,
        replace(about, what=word),
        style="primary" if primary else None,
    )


_IN_DIRECT_MESSAGES = {
    "start": "Start a threat model. You choose its channel in the form.",
    "list": "The models of your channels.",
}
"""What words do where there is no channel, as far as it differs."""

_WORD = 60
