"""Home tabs of people who opened theirs recently: one slot for each person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.delivery.slot_kinds import (
    AnyKind,
    Deleted,
    Desired,
    NoPost,
    PostPlace,
    SinkOutcome,
    SlotKind,
    Uncertain,
)
from bot.delivery.work_kinds import Done, Kind
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.web_api_client import SlackApi
from bot.slack.sinks.outcomes import FAULTS, HOME_OUTCOMES
from bot.slack.slots.slot_context import SlotContext, SlotDeclaration
from bot.store import utc_now
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import PersonId

HOME: Final = "home"
"""Name of the slot kind, and of its sink."""

LOOKED_AT = timedelta(hours=8)
"""How long a Home tab is kept up to date after it was opened: one working day."""

MAX_PEOPLE = 50
"""Limit of Home tabs kept up to date; the most recently opened ones count."""


class HomeParameters(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of a Home tab's slot: when it was last opened, by the machine's clock."""

    opened_at: datetime


class HomeTabs:
    """Publishes Home tabs; the external ID of a slot is Slack's `hash` of the published version.

    Slack refuses to replace a version other than the current one. The subject of the slot is the person.
    """

    faults = FAULTS

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def post(self, record: DeliveryRecord, content: View) -> PostPlace:
        """Publish a Home tab in place of any version."""
        return self._publish(record, content)

    def update(self, record: DeliveryRecord, content: View) -> PostPlace:
        """Publish a Home tab in place of the known version; return the new hash."""
        return self._publish(record, content, hash=record.external_id)

    def delete_post(self, record: DeliveryRecord) -> None:
        """Do nothing: a Home tab stays as it is until it is opened."""

    def find(self, record: DeliveryRecord) -> NoPost:
        """Find nothing: the content of a Home tab cannot be read."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        return HOME_OUTCOMES.of(fault)

    def _publish(self, record: DeliveryRecord, content: View, **known: str) -> PostPlace:
        published = self._api.call("views.publish", user_id=record.subject, view=content, **known)
        return PostPlace(external_id=str(published["view"]["hash"]))


class HomeSlots(SlotDeclaration):
    """Slot declarations for Home tabs.

    `home` returns the content of a person's Home tab; `now` is the machine's time. A tab that is not kept up
    to date is published when it is opened again.
    """

    def __init__(
        self,
        context: SlotContext,
        *,
        home: Callable[[PersonId], View],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(context)
        self._home = home
        self._now = now

    def work(self) -> list[Kind]:
        """Return the work that follows a change that any Home tab may show."""
        return [Kind(name="homes", waits=self.context.pace.of("homes"), run=lambda _: self._touch_all())]

    def slots(self) -> list[AnyKind]:
        """Return the slot kind: how a Home tab is published."""
        kind = SlotKind(
            name=HOME,
            waits=self.context.pace.of(HOME),
            sink=HomeTabs(self.context.api),
            desired=lambda record: Desired(content=self._home(PersonId(record.subject))),
            uncertain=Uncertain.POST_AGAIN,
            deleted=Deleted.POST_AGAIN,
            replaces=True,
        )
        return [kind]

    def opened(self, person: PersonId, version: str | None) -> str:
        """Record that a person has opened their Home tab; return its slot.

        `version` is the hash of the current view: empty if nothing was published, None if it is unknown.
        """
        slot = f"{HOME}/{person}"
        parameters = msgspec.json.encode(HomeParameters(opened_at=self._now()))
        with self.context.unit.transaction():
            record = self.deliveries.find(slot)
            if record is None or record.final or version not in (None, record.external_id):
                # The current view is unknown, so the tab is published in any case.
                shown = DeliveryRecord(slot=slot, sink=HOME, external_id=version or "", parameters=parameters)
                self.deliveries.put(shown)
            else:
                self.deliveries.set_parameters(replace(record, parameters=parameters))
        return slot

    def _touch_all(self) -> Done:
        """Make the recently opened Home tabs due, and drop the others."""
        since = self._now() - LOOKED_AT
        opened = self._opened()
        if any(moment < since for moment in opened.values()):
            with self.context.unit.transaction():  # a person may open such a tab at this moment
                opened = self._opened()
                self.deliveries.drop(*(slot for slot, moment in opened.items() if moment < since))
        lately = sorted((slot for slot in opened if opened[slot] >= since), key=lambda slot: opened[slot])
        for slot in lately[-MAX_PEOPLE:]:
            self.context.scheduler.schedule_message(slot)
        return Done()

    def _opened(self) -> dict[str, datetime]:
        """Return when each Home tab was last opened, by its slot."""
        return {record.slot: _opened_at(record) for record in self.deliveries.of_kind(HOME)}


def _opened_at(record: DeliveryRecord) -> datetime:
    return msgspec.json.decode(record.parameters, type=HomeParameters).opened_at
