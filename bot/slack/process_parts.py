"""Parts of the bot that all workspaces of a process share."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from bot.commands.command_handler import CommandHandler
from bot.delivery.pool import Pool
from bot.delivery.work_dispatcher import WorkDispatcher
from bot.metrics import Metrics
from bot.settings import Settings
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.queries.model_overviews import RegisterCache
from bot.slack.slots.delivery_pace import Pace
from bot.store import Store
from bot.token_cipher import TokenCipher
from bot.trackers.open_tracker import TrackerOpener


class ProcessParts(msgspec.Struct, frozen=True, kw_only=True):
    """Parts that do not depend on a workspace: the threads, the queue, the store and the clock."""

    settings: Settings
    command_handler: CommandHandler
    store: Store
    clock: Callable[[], datetime]
    metrics: Metrics
    pace: Pace
    pool: Pool
    dispatcher: WorkDispatcher
    deferred_work: DeferredWork
    open_tracker: TrackerOpener
    cipher: TokenCipher | None = None
    """Encrypts the tokens of trackers; None without keys."""
    registers: RegisterCache = msgspec.field(default_factory=RegisterCache)
