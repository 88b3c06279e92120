"""Cards of models, as the records of their slots."""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from bot.store.records import StreamId, key_of
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from domain.kernel.elements import ChannelId

CARD = "card"
"""The kind of the slots of cards."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Card of a model.

    `suspension_reason` is Slack's code for why it cannot be shown, None while it is shown. `notified_reason`
    is the last such code of which a person was notified, until the card is shown again.
    """

    stream: StreamId
    channel: ChannelId
    ts: str | None = None
    suspension_reason: str | None = None
    notified_reason: str | None = None


class CardParameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters of a card's slot."""

    suspension_reason: str | None = msgspec.field(default=None, name="resting")
    notified_reason: str | None = msgspec.field(default=None, name="told")


class Cards:
    """Cards of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def find(self, stream: StreamId) -> Card | None:
        """Return the card of a model, if one was posted or attempted."""
        record = self._deliveries.find(card_slot(stream))
        return card_of(record) if record else None

    def all(self) -> list[Card]:
        """Return every card."""
        return [card_of(one) for one in self._deliveries.of_kind(CARD)]

    def in_channel(self, channel: ChannelId) -> list[Card]:
        """Return the cards in a channel."""
        return [card_of(one) for one in self._deliveries.in_place(channel, CARD)]

    def request(self, stream: StreamId, channel: ChannelId) -> DeliveryRecord | None:
        """Request a model's card in its channel, or find it where it is; return the record of its slot."""
        slot = card_slot(stream)
        if (known := self._deliveries.find(slot)) is not None:
            return known
        added = self._deliveries.add_missing(_record(stream, channel))
        return added[0] if added else self._deliveries.find(slot)

    def record_suspension(self, stream: StreamId, suspension_reason: str | None) -> None:
        """Record why a card cannot be shown, or None if it can."""
        self._describe(stream, lambda parameters: replace(parameters, suspension_reason=suspension_reason))

    def record_notice(self, stream: StreamId, notified_reason: str | None) -> None:
        """Record the code of which a person was notified."""
        self._describe(stream, lambda parameters: replace(parameters, notified_reason=notified_reason))

    def forget(self) -> None:
        """Delete every card: they were in a Slack workspace that no longer exists."""
        self._deliveries.drop_kinds([CARD])

    def mark_unknown(self, stream: StreamId) -> None:
        """Record that the displayed content of a card is unknown."""
        self._deliveries.mark_unknown(card_slot(stream))

    def _describe(self, stream: StreamId, change: Callable[[CardParameters], CardParameters]) -> None:
        record = self._deliveries.find(card_slot(stream))
        if record is not None:
            parameters = _parameters(record)
            changed = change(parameters)
            if changed != parameters:
                self._deliveries.set_parameters(replace(record, parameters=msgspec.json.encode(changed)))


def card_slot(stream: StreamId) -> str:
    """Return the slot of a model's card."""
    return f"{CARD}/{key_of(stream)}"


def card_of(record: DeliveryRecord) -> Card:
    """Return the card in the record of its slot."""
    parameters = _parameters(record)
    return Card(
        stream=record.stream,
        channel=ChannelId(record.place),
        ts=record.external_id or None,
        suspension_reason=parameters.suspension_reason,
        notified_reason=parameters.notified_reason,
    )


def _parameters(record: DeliveryRecord) -> CardParameters:
    return msgspec.json.decode(record.parameters or b"{}", type=CardParameters)


def _record(stream: StreamId, channel: ChannelId) -> DeliveryRecord:
    return DeliveryRecord(slot=card_slot(stream), sink="channel", stream=stream, place=channel)
