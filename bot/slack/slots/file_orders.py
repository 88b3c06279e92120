"""Orders of files and diagrams: a person's request becomes a slot in the model's thread."""

from collections.abc import Callable

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, StreamId
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.file_slots import FileSlots, Order
from domain.kernel.elements import ChannelId


class FileOrders:
    """Records orders; `touch` makes a slot due. Orders for erased models raise NoSuchModel."""

    def __init__(
        self,
        deliveries: Deliveries,
        command_handler: CommandHandler,
        *,
        touch: Callable[[DeliveryRecord], None],
    ) -> None:
        self._slots = FileSlots(deliveries)
        self._command_handler = command_handler
        self._touch = touch

    def order_export(self, order: Order) -> bool:
        """Order an export to the model's thread; return False if the person already waits for it."""
        wanted = self._slots.order(order, self._channel(order.stream))
        if wanted is not None:
            self._touch(wanted)
        return wanted is not None

    def order_diagram(self, stream: StreamId, key: CommandKey) -> bool:
        """Order the model's diagram to its thread; return False if one is already pending."""
        wanted, is_first = self._slots.order_diagram(stream, key, self._channel(stream))
        self._touch(wanted)
        return is_first

    def _channel(self, stream: StreamId) -> ChannelId:
        return self._command_handler.model(stream).channel
