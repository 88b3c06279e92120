"""Page: the declaration of a modal that is only read, and whose buttons are pressed."""

from collections.abc import Callable
from enum import Enum, auto

import msgspec

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData


class PageSource(Enum):
    """What a page shows besides the model."""

    MODEL = auto()
    """Nothing else."""
    HISTORY = auto()
    PAST_MODEL = auto()
    """The model on another day."""
    BALLOT_PAPERS = auto()
    """The reader's own."""
    WORKING_HOURS = auto()
    """The reader's own, and their time zone."""
    REMINDER = auto()
    """The reminder that led to the page, its earlier deliveries, and the reader's working hours."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Declaration of a page; its name is its callback ID, and the name in a button's target."""

    name: str
    show: Callable[[PageData], View]
    target: type[Target] = Target
    """The type of its target: what a button that shows it carries."""
    source: PageSource = PageSource.MODEL
