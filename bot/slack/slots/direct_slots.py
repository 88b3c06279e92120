"""Direct messages about a model: planned together for each model, delivered as one slot each."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from bot.delivery.slot_kinds import AnyKind, Desired, Gone, Unchanged
from bot.delivery.work_kinds import Done, Kind
from bot.slack.directory.member_directory import Membership
from bot.slack.projectors.direct_messages import (
    MAX_REREAD_DELAY,
    DirectPlan,
    about_of,
    desired_message,
    direct_slot,
    person_of,
    shows,
)
from bot.slack.projectors.invitations import InvitationProjector
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import DraftTarget
from bot.slack.queries.open_drafts import open_draft
from bot.slack.slots.slot_context import SlotDeclaration
from bot.slack.slots.work_scheduler import WorkKind
from bot.slack.ui.messages.thread_announcements import claim_message, proposal_message
from bot.store import StreamId, key_of
from bot.store.records import model_stream
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.drafts import StoredDraft
from bot.store.work_queue import Claim
from domain.drafts.settlement import DraftId
from domain.kernel.elements import SYSTEM, ModelKey, PersonId
from domain.model import ThreatModel
from domain.model.imports import pending_claims


class DirectSlots(SlotDeclaration):
    """One kind of direct message, planned without calls to Slack."""

    planning: ClassVar[WorkKind]
    """Name of the work that plans the messages about one model."""
    message: ClassVar[WorkKind]
    """Name of the slot kind, and of the work on one message."""

    @abstractmethod
    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted about a model, without changing anything."""

    @abstractmethod
    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a message."""

    def slots(self) -> Sequence[AnyKind]:
        """Return the slot kind: how each message is posted, found again and edited."""
        return [self.context.direct_kind(self.message, self.desired)]

    def work(self) -> Sequence[Kind]:
        """Return the work that plans the messages about one model."""
        return [Kind(name=self.planning, waits=self.context.pace.of(self.planning), run=self._plan)]

    def models_with_unposted(self) -> set[StreamId]:
        """Return the models with messages that were still to be posted when the previous process ended."""
        records = self.deliveries.of_kind(self.message)
        return {record.stream for record in records if not record.external_id and not record.final}

    def _plan(self, claim: Claim) -> Done:
        stream = model_stream(claim.item.tenant, ModelKey(claim.item.subject))
        planned = self.plan(stream)
        self.deliveries.add_missing(*planned.added)
        self.context.touch(*planned.due)
        # Last: if the process ends before this, the next one repeats the same planning.
        if planned.checkpoint is not None:
            self.context.unit.projections.save(self.planning, stream, planned.checkpoint)
        return Done(again_at=planned.again_at)


class VotingInvitations(DirectSlots):
    """One invitation for each voter of a round, kept up to date until the round ends."""

    planning = "invitations"
    message = "invitation"

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the invitations wanted for the rounds of a model."""
        projector = self._projector(stream)
        if projector is None:
            return DirectPlan()  # erased, together with the target of the invitation
        return projector.plan(self.deliveries.of_model(stream, self.message))

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of an invitation."""
        projector = self._projector(record.stream)
        return projector.desired(record) if projector else Unchanged()

    def _projector(self, stream: StreamId) -> InvitationProjector | None:
        model, reader = self.context.model(stream), self.context.reader
        if model is None:
            return None
        return InvitationProjector(
            stream=stream,
            model=model,
            now=reader.now(),
            people=reader.people(model.channel),
            quiet_hours=self.context.pace.quiet_hours,
        )


class ProposalMessages(DirectSlots):
    """One message for each draft of an agent: to the person for whom it acts, or to the facilitator."""

    planning = "proposals"
    message = "proposal"

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted about the drafts of a model, and those that are outdated."""
        records = self.deliveries.of_model(stream, self.message)
        model = self.context.model(stream)
        if model is None:
            return DirectPlan(due=tuple(record for record in records if not record.final))
        known = {about_of(record) for record in records}
        added = tuple(
            direct_slot(self.message, stream, name, _recipient(draft, model))
            for draft in self.context.unit.drafts.of_home(model.key)
            if draft.client and (name := draft.id.rpartition("/")[2]) not in known
        )
        due = (record for record in (*records, *added) if self._is_due(record, model))
        return DirectPlan(added=added, due=tuple(due))

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of a message; none if the draft or the model is gone."""
        model, draft = self.context.model(record.stream), self._draft(record)
        if model is None or draft is None:
            return Gone()
        opened = open_draft(draft, model)
        return desired_message(_proposal(record, draft, model), last=not opened.comparison.open)

    def _is_due(self, record: DeliveryRecord, model: ThreatModel) -> bool:
        if record.final:
            return False
        draft = self._draft(record)
        if draft is None or not record.external_id:
            return True
        return not shows(record, _proposal(record, draft, model))

    def _draft(self, record: DeliveryRecord) -> StoredDraft | None:
        return self.context.unit.drafts.find(DraftId(f"{key_of(record.stream)}/{about_of(record)}"))


def _proposal(record: DeliveryRecord, draft: StoredDraft, model: ThreatModel) -> Message:
    target = DraftTarget(name="draft", stream=record.stream, element=about_of(record))
    own = person_of(record) == draft.person
    return proposal_message(open_draft(draft, model), model, target, own=own)


def _recipient(draft: StoredDraft, model: ThreatModel) -> PersonId:
    """Return who is told: an agent of the operator acts for no one in Slack."""
    return model.facilitator if draft.person == SYSTEM else draft.person


class ClaimMessages(DirectSlots):
    """One message for each person to whom an import ascribes an approval, if they are in the channel now.

    It is never edited or sent again: the page behind its button shows what is left.
    """

    planning = "claims"
    message = "claim"

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the messages wanted for the members to whom the model ascribes an approval."""
        records = self.deliveries.of_model(stream, self.message)
        unsent = [record for record in records if not record.external_id and not record.final]
        model = self.context.model(stream)
        if model is None or model.imported is None:
            return DirectPlan(due=tuple(unsent))
        about = str(model.imported.version)
        asked = {person_of(record) for record in records if about_of(record) == about}
        openings, added = [], list[DeliveryRecord]()
        for person in dict.fromkeys(claim.person for claim in pending_claims(model)):
            if person in asked or not self._is_member(model, person):
                continue
            if (opening := self.context.waits_until(person, model.channel)) is not None:
                openings.append(opening)
            else:
                added.append(direct_slot(self.message, stream, about, person))
        again_at = min((*openings, self.context.reader.now() + MAX_REREAD_DELAY)) if openings else None
        return DirectPlan(added=tuple(added), due=(*unsent, *added), again_at=again_at)

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the message; none if nothing is left to ask, or the person has left the channel."""
        model, person = self.context.model(record.stream), person_of(record)
        if record.external_id:
            return Unchanged()
        if model is None or model.imported is None or not self._is_member(model, person):
            return Gone()
        claims = tuple(claim for claim in pending_claims(model) if claim.person == person)
        if not claims:
            return Gone()
        importer = self.context.reader.naming(model.imported.importer)
        return desired_message(claim_message(record.stream, model.key, importer, claims), last=True)

    def _is_member(self, model: ThreatModel, person: PersonId) -> bool:
        return self.context.reader.directory.status(model.channel, person) is Membership.MEMBER
