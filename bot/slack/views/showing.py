"""What views are given to show."""

from datetime import datetime

import msgspec

from bot.slack.triggers import Target
from domain.elements import ModelKey, PersonId
from domain.register import ThreatRegister
from domain.rejections import Naming


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing said: when, by whom, and in words; `undone` if it was taken back since."""

    version: int
    at: datetime
    by: PersonId
    text: str
    undone: bool = False


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is shown with; `target` names the stream, the page number and the kind or element.

    `history` is needed by the page HISTORY alone, newest line first.
    """

    target: Target
    register: ThreatRegister
    naming: Naming
    history: tuple[HistoryLine, ...] = ()


class ModelLine(msgspec.Struct, frozen=True, kw_only=True):
    """One model among several of a channel."""

    stream: str
    key: ModelKey
    name: str
    phase: str
    next: str = ""
    permalink: str = ""
