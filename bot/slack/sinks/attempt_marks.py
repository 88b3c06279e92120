"""Attempt IDs in the buttons of a post, so that a press identifies the post."""

from collections.abc import Sequence

from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.targets import StaleButton, mark_attempt


def mark_buttons(blocks: Sequence[Block], attempt: str) -> list[Block]:
    """Return blocks whose buttons carry the ID of the attempt that posts them."""
    return [_marked(block, attempt) for block in blocks] if attempt else list(blocks)


def _marked(block: Block, attempt: str) -> Block:
    if "elements" in block:
        return {**block, "elements": [_with_mark(one, attempt) for one in block["elements"]]}
    if "accessory" in block:
        return {**block, "accessory": _with_mark(block["accessory"], attempt)}
    return block


def _with_mark(element: Block, attempt: str) -> Block:
    if element.get("type") != "button" or "value" not in element:
        return element
    try:
        return {**element, "value": mark_attempt(element["value"], attempt)}
    except StaleButton:
        return element  # it leads somewhere else
