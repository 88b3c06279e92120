"""The models of a channel: listed, or to pick one of."""

from collections.abc import Sequence

from bot.slack.blocks import Message
from bot.slack.views.notices import receipt
from bot.slack.views.showing import ModelLine


def model_list(models: Sequence[ModelLine], channel: str) -> Message:
    """All models of a channel."""
    del models, channel
    return receipt("list")


def model_picker(word: str, models: Sequence[ModelLine], channel: str) -> Message:
    """Which model is meant: a button for each, that does `word` for it (Trigger.WORD)."""
    del word, models, channel
    return receipt("pick")
