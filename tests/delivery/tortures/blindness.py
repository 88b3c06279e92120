"""The planted fault: an attempt is not recorded before the call, and whose post it is is not compared."""

from msgspec.structs import replace

from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.sql.deliveries import SqlDeliveries


def plant() -> None:
    """Let this process forget what it attempts, until it has an answer."""
    setattr(SqlDeliveries, "begin", _begin)  # noqa: B010  (a fault on purpose)
    setattr(SqlDeliveries, "settle", _settle)  # noqa: B010  (the same)


def _begin(_: SqlDeliveries, before: DeliveryRecord, attempt: str) -> DeliveryRecord:
    return replace(before, attempt=attempt, external_id="", shown="")


def _settle(self: SqlDeliveries, _: DeliveryRecord, became: DeliveryRecord) -> bool:
    self.put(became)
    return True
