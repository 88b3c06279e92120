"""Paging of long lists."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, actions, button, context
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target

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
