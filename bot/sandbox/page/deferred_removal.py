"""Deferred removal of elements, so that clicks already sent still count."""

import asyncio

from nicegui.element import Element

LINGER_SECONDS = 10.0
"""Seconds for which presses on removed content are still accepted, on a busy machine."""


def remove_content(holder: Element) -> None:
    """Remove an element's content before redrawing; clicks on the old content are accepted for a while.

    The server removes elements immediately, but the browser only a moment later: clicks in between would
    otherwise be lost.
    """
    gone = list(holder.default_slot.children)
    if not gone:
        return
    holder.default_slot.children.clear()
    holder.update()
    asyncio.get_running_loop().call_later(LINGER_SECONDS, _forget, gone)


def was_removed(drawn: Element) -> bool:
    """Return whether an element was removed, which the browser may not have received yet."""
    while (slot := drawn.parent_slot) is not None:
        if drawn not in slot.children:
            return True
        drawn = slot.parent
    return False


def _forget(gone: list[Element]) -> None:
    client = gone[0].client
    if not client.is_deleted:  # as after the tab was closed
        client.remove_elements(inner for one in gone for inner in one.descendants(include_self=True))
