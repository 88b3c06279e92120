"""Rows about a channel shared with other organizations without an administrator's permission."""

from bot.slack.protocol.block_builders import Block, actions, button, confirm, section
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from domain.commands import AllowSharing
from domain.register import ThreatRegister


def sharing_rows(showing: PageData) -> list[Block]:
    """Return why the card is suspended, and the button that resumes it; else nothing."""
    register = showing.register
    if not showing.shared or register.sharing_allowed or not register.allows(AllowSharing):
        return []
    return [
        section(
            "*This channel is shared with another organization*, so the bot posts nothing here until an "
            "administrator of this workspace allows it."
        ),
        actions(allow_button(showing.target.stream, register)),
    ]


def allow_button(stream: str, register: ThreatRegister, *, label: str = "Allow sharing") -> Block:
    """Return the button that allows sharing: visible to all, effective for administrators only."""
    return button(
        label,
        ButtonKind.DO,
        Target(name=Action.ALLOW_SHARING, stream=stream),
        suffix=f"share-{register.key}",
        confirm=confirm(
            "Allow sharing?",
            "Members of the other organization will see the card of this model and the messages in its "
            "thread. They cannot open the model, answer or change anything.",
            yes="Allow",
        ),
    )
