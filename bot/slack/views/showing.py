"""What views are given to show."""

import msgspec

from bot.slack.triggers import Target
from domain.elements import ModelKey
from domain.history import Entry
from domain.naming import Naming
from domain.register import ThreatRegister


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is shown with; `target` names the stream, the page number and the kind or element.

    `history` is the timeline, the first entry first; the page HISTORY alone needs it.
    """

    target: Target
    register: ThreatRegister
    naming: Naming
    history: tuple[Entry, ...] = ()


class ModelLine(msgspec.Struct, frozen=True, kw_only=True):
    """One model among several of a channel."""

    stream: str
    key: ModelKey
    name: str
    phase: str
    next: str = ""
    permalink: str = ""
