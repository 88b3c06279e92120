"""Invitations: one direct message for each voter of a round, kept up to date until the round ends."""

from typing import ClassVar

from bot.commands.command_handler import NoSuchModel
from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.projectors.direct_messages import DirectPlan
from bot.slack.projectors.invitations import InvitationProjector
from bot.slack.protocol.block_builders import Message
from bot.slack.queries.services import Services
from bot.slack.slots.delivery_pace import WorkKind
from bot.store import StreamId
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord


class VotingInvitations:
    """Loads the input of the invitation projector."""

    planning: ClassVar[WorkKind] = "invitations"
    message: ClassVar[WorkKind] = "invitation"

    def __init__(self, deliveries: Deliveries, services: Services, *, quiet_hours: bool = True) -> None:
        self._deliveries = deliveries
        self._services = services
        self._quiet_hours = quiet_hours

    def plan(self, stream: StreamId) -> DirectPlan:
        """Return the invitations wanted for the rounds of a model."""
        projector = self._projector(stream)
        if projector is None:
            return DirectPlan()  # erased, together with the target of the invitation
        return projector.plan(self._deliveries.of_model(stream, self.message))

    def desired(self, record: DeliveryRecord) -> Desired[Message] | Gone | Unchanged:
        """Return the current content of an invitation."""
        projector = self._projector(record.stream)
        return projector.desired(record) if projector else Unchanged()

    def _projector(self, stream: StreamId) -> InvitationProjector | None:
        try:
            model = self._services.command_handler.model(stream)
        except NoSuchModel:
            return None
        return InvitationProjector(
            stream=stream,
            model=model,
            now=self._services.now(),
            people=self._services.people(model.channel),
            quiet_hours=self._quiet_hours,
        )
