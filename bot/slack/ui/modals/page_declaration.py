"""Page: declaration of a read-only modal with buttons."""

from collections.abc import Callable
from enum import Enum, auto

import msgspec

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData


class PageSource(Enum):
    """Data that a page shows besides the model."""

    MODEL = auto()
    """None."""
    DRAFTS = auto()
    """Drafts that wait for a decision."""
    HISTORY = auto()
    PAST_MODEL = auto()
    """The model on another day."""
    BALLOT_PAPERS = auto()
    """The reader's ballot papers."""
    WORKING_HOURS = auto()
    """The reader's working hours and time zone."""
    PORTFOLIO = auto()
    """The models of all channels of the reader."""
    TRACKERS = auto()
    """The trackers connected to the workspace, and the choice of the model if there is one."""
    TRACKER_WEBHOOK = auto()
    """The webhook of a tracker, for administrators of the workspace's settings."""
    REMINDER = auto()
    """The reminder that opened the page, its earlier deliveries, and the reader's working hours."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Declaration of a page; its name is its callback ID, and the name in button targets."""

    name: str
    show: Callable[[PageData], View]
    target: type[Target] = Target
    """The type of its target, which is carried by the buttons that open it."""
    source: PageSource = PageSource.MODEL
    filtered: Callable[[Target, str, tuple[str, ...]], Target] | None = None
    """Returns the target after options of a menu were chosen; the suffix of its action ID names the menu."""
