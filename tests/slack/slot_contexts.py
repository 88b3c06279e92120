"""Contexts of slots whose parts are stand-ins, as far as a test needs them."""

from typing import Any, cast

from bot.slack.sinks.watched_cards import WatchedCards
from bot.slack.slots.slot_context import SlotContext
from bot.slack.slots.work_scheduler import Pace


def make_context(
    unit: object,
    reader: object = None,
    *,
    api: object = None,
    scheduler: object = None,
    pace: Pace | None = None,
) -> SlotContext:
    """Return the context of one workspace, without the parts that are not given."""
    return SlotContext(
        unit=cast("Any", unit),
        reader=cast("Any", reader),
        api=cast("Any", api),
        scheduler=cast("Any", scheduler),
        pace=pace or Pace(),
        writes=lambda: None,
        watched=WatchedCards(),
    )
