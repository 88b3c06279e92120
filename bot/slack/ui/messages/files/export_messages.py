"""Messages about exports: the choice, the preparation, and a rejection by Slack."""

from bot.formats import FORMATS, ExportFormat, file_name
from bot.slack.protocol.block_builders import Message, actions, button, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import WordTarget
from bot.slack.ui.messages.notices import in_preparation
from domain.register import ThreatRegister


def formats_message(register: ThreatRegister, stream: str, wrong: str = "") -> Message:
    """Return the formats with a button each; `wrong` is an unknown format that was entered."""
    beginning = f"There is no export format “{escape(wrong, _WORD)}”. " if wrong else ""
    asked = f"{beginning}Choose an export format for *{escape_name(register.name)}* · {register.key}."
    lines = [f"• `{one.word}`: {one.title}, for {_read_by(one)}" for one in FORMATS.values()]
    buttons = [
        button(
            one.word,
            ButtonKind.WORD,
            WordTarget(name="export", stream=stream, argument=one.word),
            suffix=one.word,
        )
        for one in FORMATS.values()
    ]
    rows = [actions(*buttons[:_IN_A_ROW]), actions(*buttons[_IN_A_ROW:])]
    return message("Choose an export format", [section(asked), section("\n".join(lines)), *rows])


def export_coming(register: ThreatRegister, chosen: ExportFormat, permalink: str) -> Message:
    """Return the message that an export is being made, and where it will appear."""
    text = (
        f"*{escape_name(register.name)}* · {register.key} will appear in the card's thread as "
        f"{chosen.title} shortly. All members of the channel can download it. "
        "It contains no individual votes."
    )
    return in_preparation(f"{register.key} will appear in the thread as {chosen.title}.", text, permalink)


def export_comment(register: ThreatRegister, chosen: ExportFormat) -> str:
    """Return the comment above an exported file."""
    version = f"{register.key}, version {register.version}, as {chosen.title}"
    return f"{version}: for {_read_by(chosen)}.{_left_out(chosen)}"


def export_rejected(register: ThreatRegister, chosen: ExportFormat, code: str) -> Message:
    """Return the message that Slack rejected the file, and what to do instead."""
    text = (
        f"Slack refused the file {file_name(register.key, chosen)} ({escape(code, _WORD)}). The operator "
        f"of the bot can create it with `threatmodel export {register.key} --format {chosen.word}`."
    )
    return message(f"Slack refused a file of {register.key}.", [section(text)])


def _left_out(one: ExportFormat) -> str:
    return f" Not included: {one.leaves_out}." if one.leaves_out else ""


def _read_by(one: ExportFormat) -> str:
    return one.read_by.replace("`threatmodel import`", "other workspaces")


_IN_A_ROW = 4
_WORD = 60
