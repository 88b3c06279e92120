"""Direct messages about drafts of agents: to the person for whom the agent acts, or to the facilitator."""

from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Desired, Gone, Unchanged, content_digest
from bot.slack.projectors.direct_messages import (
    DirectPlan,
    about_of,
    desired_message,
    direct_slot,
    person_of,
)
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import DraftTarget
from bot.slack.queries.open_drafts import open_draft
from bot.slack.queries.services import Services
from bot.slack.slots.delivery_pace import WorkKind
from bot.slack.ui.messages.thread_announcements import proposal_message
from bot.store import StreamId, key_of
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from bot.store.repositories.drafts import StoredDraft
from bot.store.salted_digests import matches_salted_digest
from domain.drafts.settlement import DraftId
from domain.kernel.elements import SYSTEM, PersonId
from domain.model import ThreatModel


class ProposalMessages:
    """Loads the drafts of agents, and the messages about them."""

    planning: ClassVar[WorkKind] = "proposals"
    message: ClassVar[WorkKind] = "proposal"

    def __init__(self, deliveries: Deliveries, services: Services) -> None:
        self._deliveries = deliveries
        self._services = services

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted about the drafts of a model, and those that are outdated."""
        records = self._deliveries.of_model(stream, self.message)
        model = self._model(stream)
        if model is None:
            return DirectPlan(due=tuple(record for record in records if not record.final))
        known = {about_of(record) for record in records}
        added = tuple(
            direct_slot(self.message, stream, name, _recipient(draft, model))
            for draft in self._services.unit.drafts.of_home(model.key)
            if draft.client and (name := draft.id.rpartition("/")[2]) not in known
        )
        due = (record for record in (*records, *added) if self._is_due(record, model))
        return DirectPlan(added=added, due=tuple(due))

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a message; none if the draft or the model is gone."""
        model = self._model(record.stream)
        draft = self._draft(record)
        if model is None or draft is None:
            return Gone()
        opened = open_draft(draft, model)
        return desired_message(self._content(record, draft, model), last=not opened.comparison.open)

    def _is_due(self, record: DeliveryRecord, model: ThreatModel) -> bool:
        if record.final:
            return False
        draft = self._draft(record)
        if draft is None or not record.external_id:
            return True
        content = self._content(record, draft, model)
        return not matches_salted_digest(record.shown, content_digest(content))

    def _content(self, record: DeliveryRecord, draft: StoredDraft, model: ThreatModel) -> Message:
        target = DraftTarget(name="draft", stream=record.stream, element=about_of(record))
        own = person_of(record) == draft.person
        return proposal_message(open_draft(draft, model), model, target, own=own)

    def _draft(self, record: DeliveryRecord) -> StoredDraft | None:
        return self._services.unit.drafts.find(DraftId(f"{key_of(record.stream)}/{about_of(record)}"))

    def _model(self, stream: StreamId) -> ThreatModel | None:
        try:
            return self._services.command_handler.model(stream)
        except NoSuchModel:
            return None


def _recipient(draft: StoredDraft, model: ThreatModel) -> PersonId:
    """Return who is told: an agent of the operator acts for no one in Slack."""
    return model.facilitator if draft.person == SYSTEM else draft.person
