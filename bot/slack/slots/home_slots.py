"""The Home tabs of people who opened theirs lately: one slot for each person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.delivery.slot_kinds import Deleted, Desired, SlotKind, Uncertain
from bot.delivery.work_kinds import Done, Kind
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.home_tabs import HomeTabs
from bot.slack.slots.delivery_pace import Pace
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from domain.kernel.elements import PersonId

HOME: Final = "home"
"""The kind of these slots, and their sink."""

LOOKED_AT = timedelta(hours=8)
"""How long a Home tab is kept up to date after it was opened: a working day."""

MOST_PEOPLE = 50
"""Whose Home tabs are kept up to date; of more people those who opened theirs last."""


class HomeParameters(msgspec.Struct, frozen=True, kw_only=True):
    """When a person opened their Home tab, by the machine's clock."""

    opened_at: datetime


class HomeSlots:
    """Declares the slots of Home tabs.

    `home` returns what a person's Home tab should show; `touch` makes a slot due; `now` is the machine's
    time. A tab that is not kept up to date is published when it is opened again.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        api: SlackApi,
        *,
        home: Callable[[PersonId], View],
        touch: Callable[[str], None],
        now: Callable[[], datetime],
        pace: Pace,
    ) -> None:
        self._deliveries = deliveries
        self._api = api
        self._home = home
        self._touch = touch
        self._now = now
        self._waits = pace.of(HOME)

    def planning(self) -> Kind:
        """Return the work after a change that any Home tab may show."""
        return Kind(name="homes", group="people", waits=self._waits, do=lambda _: self._touch_all())

    def slots(self) -> SlotKind[View]:
        """Return how a Home tab is published."""
        return SlotKind(
            name=HOME,
            group="people",
            waits=self._waits,
            sink=HomeTabs(self._api),
            look=lambda record: Desired(content=self._home(PersonId(record.subject))),
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            replaces=True,
        )

    def opened(self, person: PersonId, version: str | None) -> str:
        """Record that a person's Home tab is looked at from now on; returns its slot.

        `version` is the hash of what it shows, empty where nothing was published yet, None where neither is
        known.
        """
        slot = f"{HOME}/{person}"
        record = self._deliveries.find(slot)
        parameters = msgspec.json.encode(HomeParameters(opened_at=self._now()))
        if record is None or record.over or version not in (None, record.external_id):
            # What it shows is not known, so it is published in any case.
            shown = DeliveryRecord(slot=slot, sink=HOME, external_id=version or "", of=parameters)
            self._deliveries.put(shown)
        else:
            self._deliveries.describe(replace(record, of=parameters))
        return slot

    def _touch_all(self) -> Done:
        """Have the Home tabs looked at that were opened lately, and forget the others."""
        since = self._now() - LOOKED_AT
        opened = {record.slot: _opened_at(record) for record in self._deliveries.of_kind(HOME)}
        self._deliveries.drop(*(slot for slot, moment in opened.items() if moment < since))
        lately = sorted((slot for slot in opened if opened[slot] >= since), key=lambda slot: opened[slot])
        for slot in lately[-MOST_PEOPLE:]:
            self._touch(slot)
        return Done()


def _opened_at(record: DeliveryRecord) -> datetime:
    return msgspec.json.decode(record.of, type=HomeParameters).opened_at
