"""Help messages."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.formats.import_preview import IMPORT_FORMATS
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import Block, Message, actions, button, context, message, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target

HELP_LABEL: Final = "What can you do?"


class HelpGroup(StrEnum):
    """Sections of the help, in order."""

    EVERY_DAY = "Every day"
    LOOKING_BACK = "Looking back"
    STEERING = "Steering"


class WordHelp(msgspec.Struct, frozen=True, kw_only=True):
    """Help entry of a slash word."""

    name: str
    label: str
    """Label of its button."""
    does: str
    """Description, one sentence."""
    does_directly: str = ""
    """Description in direct messages, where there is no channel, if it differs."""
    group: HelpGroup | None
    """Section of the help; None for the help itself."""
    typed: str = ""
    """Usage with arguments, such as `remove [name or ID]`."""


def help_message(channel: str, words: Iterable[WordHelp]) -> Message:
    """Return the commands for a channel, or for a direct message if it is empty, with a button for each."""
    words, about = tuple(words), Target(channel=channel)
    blocks = [
        section(f"*A threat model, step by step.* Type `{COMMAND}` and a word, or press the word's button.")
    ]
    for group in HelpGroup:
        shown = [word for word in words if word.group is group]
        lines = [f"`{word.typed or word.name}`  {_does(word, channel)}" for word in shown]
        blocks.append(section("\n".join((f"*{group}*", *lines))))
        blocks.append(actions(*(_press(word.name, word.label, about) for word in shown)))
    blocks.append(
        context(
            f"Several models here? Add the key: `{COMMAND} status TM-7`. In a thread, mention me instead. "
            "Something said in the channel is a threat? Choose *Report as threat* in the message's menu; "
            "at a message with the file of another tool, *Import as threat model*."
        )
    )
    return message("What I can do: " + ", ".join(word.name for word in words), blocks)


def opening_help(channel: str) -> Message:
    """Return an introduction with a button to start; `channel` is empty in a direct message."""
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
    start = _press("start", "Start", about, primary=True)
    return message(none, [section(text), actions(start, _press("help", HELP_LABEL, about))])


def undo_help(about: Target) -> Message:
    """Return a confirmation question that explains undo."""
    sentence = "Undo takes back your last answer, one at a time. Take back your last answer now?"
    buttons = [_press("undo", "Undo", about, primary=True), _press("history", "History", about)]
    return message(sentence, [section(sentence), actions(*buttons)])


def import_help(channel: str) -> Message:
    """Return the instructions for importing a file, which needs a message shortcut."""
    where, there = ("this channel", "here") if channel else ("the channel of the team", "there")
    text = (
        f"*Drop the file into {where}*, and choose *Import as threat model* in the menu of the message "
        "that shows it (⋯).\n"
        f"I read {IMPORT_FORMATS}. First you see what the file would become, and what of it has no place "
        "here; nothing is stored before you say yes."
    )
    return message(
        f"Drop the file {there}, and choose “Import as threat model” in its menu.", [section(text)]
    )


def unknown_word(word: str, near: WordHelp | None, about: Target) -> Message:
    """Return a suggestion for an unknown slash word; `about` carries its arguments."""
    sentence = f"I do not know “{escape_name(word, _WORD)}”."
    if near is None:
        lost = f"{sentence} Press the button to see what I can do."
        return message(lost, [section(lost), actions(_press("help", HELP_LABEL, about))])
    asked = f"{sentence} Did you mean *{near.name}*?"
    buttons = [_press(near.name, near.label, about, primary=True)]
    if near.name != "help":
        buttons.append(_press("help", "See all", about))
    return message(asked, [section(asked), actions(*buttons)])


def _does(word: WordHelp, channel: str) -> str:
    return word.does if channel else word.does_directly or word.does


def _press(word: str, label: str, about: Target, *, primary: bool = False) -> Block:
    return button(label, ButtonKind.WORD, replace(about, name=word), style="primary" if primary else None)


_WORD = 60
