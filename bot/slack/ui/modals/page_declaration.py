"""Page: declaration of a read-only modal with buttons."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, View, actions, button, context
from bot.slack.protocol.targets import ButtonKind, Target
from bot.slack.screens.page_data import PageData

_Some = TypeVar("_Some")


class ListPage(msgspec.Struct, Generic[_Some], frozen=True, kw_only=True):
    """One page of a list; `number` counts from 0, `first` is the index of its first item."""

    items: tuple[_Some, ...]
    number: int
    pages: int
    first: int
    of: int


def list_page(items: Sequence[_Some], target: Target, size: int) -> ListPage[_Some]:
    """Return the page of a target, or the last one if the list has become shorter."""
    pages = max(1, -(-len(items) // size))
    number = min(target.page, pages - 1)
    first = number * size
    return ListPage(
        items=tuple(items[first : first + size]), number=number, pages=pages, first=first, of=len(items)
    )


def page_buttons(shown: ListPage[_Some], target: Target) -> list[Block]:
    """Return the position in the list, and buttons to turn the page; nothing for a single page."""
    if shown.pages == 1:
        return []
    last = shown.first + len(shown.items)
    where = f"{shown.first + 1:,} to {last:,} of {shown.of:,} · page {shown.number + 1} of {shown.pages}"
    buttons: list[Block] = []
    if shown.number:
        earlier = replace(target, page=shown.number - 1)
        buttons.append(
            button("Previous page", ButtonKind.TURN, earlier, suffix="back", spoken="Previous page")
        )
    if shown.number + 1 < shown.pages:
        later = replace(target, page=shown.number + 1)
        buttons.append(button("Next page", ButtonKind.TURN, later, suffix="next", spoken="Next page"))
    return [context(where), actions(*buttons)]


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
