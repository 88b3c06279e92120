"""Messages about charts: the choice, the preparation, and the content in words."""

from typing import Final

from bot.slack.protocol.block_builders import Message, actions, button, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import WordTarget
from bot.slack.ui.messages.notices import in_preparation
from domain.register import ThreatRegister

CHARTS: Final = {
    "scores": "Threats by score",
    "coverage": "Coverage by STRIDE",
    "open-threats": "Open threats over time",
}
"""Charts by their names on the command line."""


def chart_order(word: str) -> str:
    """Return the order code of a chart."""
    return f"chart-{word}"


def charts_message(register: ThreatRegister, stream: str, wrong: str = "") -> Message:
    """Return the charts with a button each; `wrong` is an unknown chart that was entered."""
    beginning = f"There is no chart “{escape(wrong, _WORD)}”. " if wrong else ""
    about = f"*{escape_name(register.name)}* · {register.key}"
    asked = f"{beginning}Choose a chart of {about}. It is posted in the card's thread."
    buttons = [
        button(title, ButtonKind.WORD, WordTarget(name="chart", stream=stream, argument=word), suffix=word)
        for word, title in CHARTS.items()
    ]
    return message("Choose a chart", [section(asked), actions(*buttons)])


def chart_coming(register: ThreatRegister, word: str, permalink: str) -> Message:
    """Return the message that a chart is being drawn, and where it will appear."""
    chart = f"*{CHARTS[word]}* of {escape_name(register.name)} · {register.key}"
    text = f"{chart} will appear in the card's thread shortly."
    return in_preparation(f"A chart of {register.key} will appear in the thread.", text, permalink)


def chart_comment(register: ThreatRegister, word: str) -> str:
    """Return the comment above a chart."""
    return f"*{CHARTS[word]}* · {register.key}, version {register.version}"


def chart_text(register: ThreatRegister, word: str, description: str) -> Message:
    """Return the content of a chart in words."""
    return message(f"{CHARTS[word]} of {register.key} as text", [section(escape(description, _TOLD))])


def chart_rejected(register: ThreatRegister, word: str, code: str) -> Message:
    """Return the message that Slack rejected the picture, and what to do instead."""
    text = (
        f"Slack refused the image *{CHARTS[word].lower()}* ({escape(code, _WORD)}). The operator of the "
        f"bot can create it with `threatmodel chart {register.key} {word}`."
    )
    return message(f"Slack refused an image of {register.key}.", [section(text)])


_WORD = 60
_TOLD = 1500
