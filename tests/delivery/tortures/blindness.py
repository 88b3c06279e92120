"""The planted fault: an attempt is not recorded before the call, and whose post it is is not compared."""

from msgspec.structs import replace

from bot.store.repositories.deliveries import Deliveries, DeliveryRecord


def plant() -> None:
    """Let this process forget what it attempts, until it has an answer."""
    setattr(Deliveries, "begin", _begin)  # noqa: B010  (a fault on purpose)
    setattr(Deliveries, "settle", _settle)  # noqa: B010  (the same)


def _begin(_: Deliveries, before: DeliveryRecord, attempt: str) -> DeliveryRecord:
    return replace(before, attempt=attempt, external_id="", shown="")


def _settle(self: Deliveries, _: DeliveryRecord, became: DeliveryRecord) -> bool:
    self.put(became)
    return True
