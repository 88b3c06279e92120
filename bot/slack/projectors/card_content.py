"""Content of a model's card."""

from bot.delivery.slot_kinds import Desired
from bot.slack.protocol.block_builders import Message
from bot.slack.ui.messages.card_message import card_message, short_card
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister


def project_card(stream: str, register: ThreatRegister, naming: Naming) -> Desired[Message]:
    """Return the current content of a model's card, and the time from which it changes without an event."""
    return Desired(
        content=card_message(stream, register, naming),
        shorter=short_card(stream, register, naming),
        again_at=register.changes_at,
    )
