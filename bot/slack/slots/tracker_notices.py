"""Notices to administrators that a tracker was stopped: one for each person, edited when it works again."""

from collections.abc import Iterator
from typing import Final

from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.slack.directory.member_directory import administers
from bot.slack.projectors.direct_messages import person_of
from bot.slack.protocol.block_builders import Message
from bot.slack.slots.slot_context import SlotDeclaration
from bot.slack.slots.work_scheduler import WorkKind
from bot.slack.ui.messages.thread_announcements import resumed_message, stopped_message
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.store.work_queue import Claim
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.tracked_issue import TrackerId

NOTICE: Final[WorkKind] = "tracker-notice"
NOTICES: Final[WorkKind] = "tracker-notices"

SINK: Final = "direct_message"

MOST: Final = 3
"""People who are told of one stop."""


class TrackerNotices(SlotDeclaration):
    """Slot declaration of the notices, and the work that finds whom to tell.

    A notice waits until its recipient works.
    """

    def work(self) -> list[Kind]:
        """Return the work on the notices about one tracker."""
        return [Kind(name=NOTICES, waits=NO_WAIT, run=self._plan)]

    def slots(self) -> list[AnyKind]:
        """Return the slot kind: how a notice is posted, found again and edited."""
        return [self.context.direct_kind(NOTICE, self._desired)]

    def _plan(self, claim: Claim) -> Done:
        tracker = TrackerId(claim.item.subject)
        known = [one for one in self.deliveries.of_kind(NOTICE) if _tracker_of(one) == tracker]
        connection = self.context.unit.tracker_connections.find(tracker)
        if connection is not None and connection.stopped:
            stem = f"{NOTICE}/{tracker}/{_stop_of(connection)}"
            new = [DeliveryRecord(slot=f"{stem}/{recipient}", sink=SINK) for recipient in self._recipients()]
            if not any(one.slot.startswith(f"{stem}/") for one in known):
                known += self.deliveries.add_missing(*new)
        self.context.touch(*(one for one in known if not one.final))
        return Done()

    def _desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        tracker = _tracker_of(record)
        connected = self.context.reader.settings.trackers.find(tracker)
        held = self.context.unit.tracker_connections.find(tracker)
        if connected is None:
            return Unchanged()
        if held is not None and held.stopped and record.slot.split("/")[2] == _stop_of(held):
            at_work = self.context.waits_until(person_of(record), ChannelId(""))
            if not record.external_id and at_work is not None:
                return Unchanged(again_at=at_work)
            return Desired(content=stopped_message(connected, held.error))
        if not (record.external_id or record.is_uncertain):
            return Gone()
        return Desired(content=resumed_message(connected), last=True, update_only=True)

    def _recipients(self) -> list[PersonId]:
        """Return whom to tell: administrators, or the facilitators whose models have issues there."""
        named = [candidate for candidate in self._candidates() if self._may_administer(candidate)]
        return list(dict.fromkeys(named or self._facilitators()))[:MOST]

    def _candidates(self) -> Iterator[PersonId]:
        services = self.context.reader
        yield from services.settings.administrators
        for stream in services.store.streams(services.installation.team):
            yield from services.directory.records.administrators(stream.channel)

    def _may_administer(self, person: PersonId) -> bool:
        return administers(self.context.reader.directory, self.context.reader.settings, person)

    def _facilitators(self) -> Iterator[PersonId]:
        services = self.context.reader
        for stream in services.store.streams(services.installation.team):
            yield services.command_handler.model(stream.stream).facilitator


def _tracker_of(record: DeliveryRecord) -> TrackerId:
    return TrackerId(record.slot.split("/")[1])


def _stop_of(connection: TrackerConnection) -> str:
    """Return the part of a slot's name that tells one stop from the next: the secrets are new after each."""
    return f"{connection.saved_at:%Y%m%d%H%M%S%f}"
