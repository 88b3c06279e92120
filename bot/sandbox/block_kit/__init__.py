"""Block Kit's elements and blocks, and Slack's limits on them."""

from bot.sandbox.block_kit.blocks import MESSAGE_BLOCKS, VIEW_BLOCKS
from bot.sandbox.block_kit.composition import plain
from bot.sandbox.block_kit.elements import ELEMENTS

__all__ = ["ELEMENTS", "MESSAGE_BLOCKS", "VIEW_BLOCKS", "plain"]
