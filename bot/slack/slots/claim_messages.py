"""Direct messages that ask a member once whether an approval in an imported file is theirs."""

from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.directory.member_directory import Membership
from bot.slack.projectors.direct_messages import (
    MAX_REREAD_DELAY,
    DirectPlan,
    about_of,
    desired_message,
    direct_slot,
    person_of,
)
from bot.slack.protocol.block_builders import Message
from bot.slack.queries.services import Services
from bot.slack.slots.delivery_pace import WorkKind
from bot.slack.ui.messages.thread_announcements import claim_message
from bot.store import StreamId
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.model.imports import pending_claims
from domain.reminders.reachability import next_at_work


class ClaimMessages:
    """One message for each person to whom an import ascribes an approval, if they are in the channel now.

    It is never edited or sent again: the page behind its button shows what is left.
    """

    planning: ClassVar[WorkKind] = "claims"
    message: ClassVar[WorkKind] = "claim"

    def __init__(self, deliveries: Deliveries, services: Services, *, quiet_hours: bool = True) -> None:
        self._deliveries = deliveries
        self._services = services
        self._quiet_hours = quiet_hours

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted for the members to whom the model ascribes an approval."""
        records = self._deliveries.of_model(stream, self.message)
        unsent = [record for record in records if not record.external_id and not record.final]
        model, now = self._model(stream), self._services.now()
        if model is None or model.imported is None:
            return DirectPlan(due=tuple(unsent))
        asked = {person_of(record) for record in records if about_of(record) == str(model.imported.version)}
        people = self._services.people(model.channel)
        openings, added = [], list[DeliveryRecord]()
        for person in dict.fromkeys(claim.person for claim in pending_claims(model)):
            if person in asked or not self._is_member(model, person):
                continue
            opening = next_at_work(people(person), now) if self._quiet_hours else now
            if opening > now:
                openings.append(opening)
            else:
                added.append(direct_slot(self.message, stream, str(model.imported.version), person))
        again_at = min((*openings, now + MAX_REREAD_DELAY)) if openings else None
        return DirectPlan(added=tuple(added), due=(*unsent, *added), again_at=again_at)

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the message; none if nothing is left to ask, or the person has left the channel."""
        model, person = self._model(record.stream), person_of(record)
        if record.external_id:
            return Unchanged()
        if model is None or model.imported is None or not self._is_member(model, person):
            return Gone()
        claims = tuple(claim for claim in pending_claims(model) if claim.person == person)
        if not claims:
            return Gone()
        importer = self._services.naming(model.imported.importer)
        return desired_message(claim_message(record.stream, model.key, importer, claims), last=True)

    def _is_member(self, model: ThreatModel, person: PersonId) -> bool:
        return self._services.directory.status(model.channel, person) is Membership.MEMBER

    def _model(self, stream: StreamId) -> ThreatModel | None:
        try:
            return self._services.command_handler.model(stream)
        except NoSuchModel:
            return None
