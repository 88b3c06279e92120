"""Direct messages about assignments and questions, sent in working hours and kept up to date."""

from functools import partial
from itertools import takewhile

from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.projectors.direct_messages import DirectPlan, person_of
from bot.slack.projectors.handovers import HandoverProjector, erased_content, parameters_of
from bot.slack.protocol.block_builders import Message
from bot.slack.screens.handover_details import HandoverEvent, HandoverSources
from bot.slack.slots.direct_slots import DirectSlots
from bot.store import StreamId
from bot.store.records import StreamState
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.model import ThreatModel
from domain.remediation.issue_proposals import tracker_in_force

_READ_AGAIN = 20
"""Events without a handover that are read again the next time: that costs less than to record each."""


class HandoverMessages(DirectSlots):
    """Loads the input of the handover projector, and records how far each model has been processed."""

    planning = "handovers"
    message = "handover"

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted about a model; nothing is computed if there can be none."""
        records = self.deliveries.of_model(stream, self.message)
        live = tuple(record for record in records if not record.final)
        model = self.context.model(stream)
        if model is None:
            return DirectPlan(due=live)
        checkpoint = self.context.unit.projections.find(self.planning, stream)
        after = self._first_versions(stream) if checkpoint is None else checkpoint.version
        recent = self.context.reader.store.events(stream, after, model.version)
        now = StreamState(version=model.version, erasures=0)
        if not live and not any(isinstance(one, HandoverEvent) for one in recent):
            read_again = checkpoint is not None and model.version - after <= _READ_AGAIN
            return DirectPlan(checkpoint=None if read_again else now)
        plan = self._projector(stream, model).plan(records, after)
        return DirectPlan(added=plan.added, due=plan.due, again_at=plan.again_at, checkpoint=now)

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a message."""
        model = self.context.model(record.stream)
        if model is None:
            return erased_content(record)
        return self._projector(record.stream, model).desired(record)

    def _projector(self, stream: StreamId, model: ThreatModel) -> HandoverProjector:
        sources = HandoverSources(
            stream=stream,
            events=list(self.context.reader.store.events(stream, until=model.version)),
            model=model,
            register=self.context.reader.register_of(model),
            naming=self.context.reader.naming,
            unknown_in=partial(self._unknown_in, model),
            was_asked=self._was_asked,
        )
        return HandoverProjector(
            sources=sources,
            now=self.context.reader.now(),
            people=self.context.reader.people(model.channel),
            quiet_hours=self.context.pace.quiet_hours,
        )

    def _unknown_in(self, model: ThreatModel, person: PersonId) -> TrackerId | None:
        """Return the tracker of a model if it is not known which account there is a person's."""
        trackers, tracker = self.context.reader.settings.trackers, tracker_in_force(model)
        if tracker is None or trackers.find(tracker) is None:
            return None
        is_known = trackers.accounts.of(tracker, person) or trackers.accounts.has_none(tracker, person)
        return None if is_known else tracker

    def _was_asked(self, person: PersonId, tracker: TrackerId) -> bool:
        """Return whether a message has asked a person for their account in a tracker.

        All messages are read for it: that is needed once for each person and tracker, as a rule.
        """
        sent = (one for one in self.deliveries.of_kind(self.message) if person_of(one) == person)
        return any(parameters_of(one).asks == tracker for one in sent)

    def _first_versions(self, stream: StreamId) -> int:
        """Return the last version recorded together with the first: an import assigns nothing to anyone."""
        recorded = self.context.reader.store.read(stream)
        first = next(recorded)
        return first.version + sum(
            1 for _ in takewhile(lambda one: one.recorded_at == first.recorded_at, recorded)
        )
