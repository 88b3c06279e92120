"""Block Kit: elements and blocks, and Slack's limits on them."""

from bot.sandbox.block_kit.block_schemas import MESSAGE_BLOCKS, VIEW_BLOCKS
from bot.sandbox.block_kit.composition_schemas import plain_text_schema
from bot.sandbox.block_kit.element_schemas import ELEMENTS

__all__ = ["ELEMENTS", "MESSAGE_BLOCKS", "VIEW_BLOCKS", "plain_text_schema"]
