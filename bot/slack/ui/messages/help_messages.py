"""Help messages."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.formats.import_preview import IMPORT_FORMATS
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    context,
    message,
    section,
    text_message,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import Action, ButtonKind, Target
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import undo_sentences
from domain.history import UndoPreview
from domain.kernel.text_formatting import Naming

HELP_LABEL: Final = "Show all commands"


class HelpGroup(StrEnum):
    """Sections of the help, in order."""

    EVERY_DAY = "Daily work"
    LOOKING_BACK = "History and files"
    STEERING = "Administration"


class WordHelp(msgspec.Struct, frozen=True, kw_only=True):
    """Help entry of a slash word."""

    name: str
    label: str = ""
    """Label of its button, if that is not its name."""
    does: str
    """Description, one sentence."""
    does_directly: str = ""
    """Description in direct messages, where there is no channel, if it differs."""
    group: HelpGroup | None
    """Section of the help; None for the help itself."""
    typed: str = ""
    """Usage with arguments, such as `remove [name or ID]`."""

    @property
    def button_label(self) -> str:
        """The label of its button."""
        return self.label or self.name.capitalize()


def help_message(channel: str, words: Iterable[WordHelp]) -> Message:
    """Return the commands for a channel, or for a direct message if it is empty, with a button for each."""
    words, about = tuple(words), Target(channel=channel)
    blocks = [section(f"*Commands*\nType `{COMMAND}` followed by a command, or press its button.")]
    for group in HelpGroup:
        shown = [word for word in words if word.group is group]
        lines = [f"`{word.typed or word.name}`  {_does(word, channel)}" for word in shown]
        blocks.append(section("\n".join((f"*{group}*", *lines))))
        blocks.append(actions(*(_press(word.name, word.button_label, about) for word in shown)))
    blocks.append(
        context(
            f"If a channel has several models, add the key: `{COMMAND} status TM-7`. In a thread, mention "
            "the bot instead. To report a message as a threat, choose *Report as threat* in its menu. To "
            "import a file, choose *Import as threat model* in the menu of its message."
        )
    )
    return message("Commands: " + ", ".join(word.name for word in words), blocks)


def opening_help(channel: str) -> Message:
    """Return an introduction with a button to start; `channel` is empty in a direct message."""
    none, where = "No threat model in this channel yet.", "here"
    if not channel:
        none, where = "None of your channels has a threat model yet.", "to its channel"
    text = (
        f"*{none}*\n"
        "The bot guides your team through threat modeling: describe the system, find threats, decide on "
        "responses. Participants answer asynchronously, a few minutes at a time.\n"
        f"To import an existing model (Open Threat Model, Threat Dragon, TM-BOM), upload the file {where} "
        "and choose *Import as threat model* in the message's menu."
    )
    about = Target(channel=channel)
    start = _press("start", "Start", about, primary=True)
    return text_message(text, start, _press("help", HELP_LABEL, about), short=none)


def undo_help(about: Target, undo: UndoPreview, naming: Naming) -> Message:
    """Return a question that says which change would be undone, and which later one stays."""
    reverts, stays = (escape(line, empty="") for line in undo_sentences(undo, naming))
    short = f"Undo reverts your changes one at a time. {reverts}"
    return text_message(
        f"{short}\n{stays}".strip(),
        ModelButtons(about.stream).does("Undo", Action.UNDO, primary=True),
        _press("history", "History", about),
        short=short,
    )


def import_help(channel: str) -> Message:
    """Return the instructions for importing a file, which needs a message shortcut."""
    where, there = ("this channel", "here") if channel else ("the channel of the team", "there")
    return text_message(
        f"*Upload the file to {where}*, then choose *Import as threat model* in the menu of its message "
        "(⋯).\n"
        f"Supported formats: {IMPORT_FORMATS}. You see a preview with everything that cannot be imported; "
        "nothing is stored until you confirm.",
        short=f"Upload the file {there}, then choose “Import as threat model” in its menu.",
    )


def unknown_word(word: str, near: WordHelp | None, about: Target) -> Message:
    """Return a suggestion for an unknown slash word; `about` carries its arguments."""
    sentence = f"“{escape_name(word, _WORD)}” is not a command."
    if near is None:
        every = _press("help", HELP_LABEL, about)
        return text_message(f"{sentence} Press the button for the list of commands.", every)
    see_all = None if near.name == "help" else _press("help", "See all", about)
    near_by = _press(near.name, near.button_label, about, primary=True)
    return text_message(f"{sentence} Did you mean *{near.name}*?", near_by, see_all)


def _does(word: WordHelp, channel: str) -> str:
    return word.does if channel else word.does_directly or word.does


def _press(word: str, label: str, about: Target, *, primary: bool = False) -> Block:
    return button(label, ButtonKind.WORD, replace(about, name=word), style="primary" if primary else None)


_WORD = 60
