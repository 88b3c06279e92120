"""The way on where a channel is shared with other organisations, and nobody has allowed them to look."""

from bot.slack.protocol.block_builders import Block, actions, button, confirm, section
from bot.slack.protocol.interactions import Action, ButtonKind, Target
from bot.slack.screens.page_data import PageData
from domain.commands import AllowSharing
from domain.register import ThreatRegister


def sharing_rows(showing: PageData) -> list[Block]:
    """Why the card rests, and the button that lets it go on; nothing where nobody else is there."""
    register = showing.register
    if not showing.shared or register.sharing_allowed or not register.allows(AllowSharing):
        return []
    return [
        section(
            "*Another organisation is in this channel*, so I post nothing here until an administrator of "
            "this workspace allows that."
        ),
        actions(allow_button(showing.target.stream, register)),
    ]


def allow_button(stream: str, register: ThreatRegister, *, label: str = "Allow sharing") -> Block:
    """For everybody to see and for administrators to press."""
    return button(
        label,
        ButtonKind.DO,
        Target(what=Action.ALLOW_SHARING, stream=stream),
        suffix=f"share-{register.key}",
        confirm=confirm(
            "Allow sharing?",
            "People of the other organisation will see the card of this model and what I write in its "
            "thread. They cannot open it, answer or change anything.",
            yes="Allow",
        ),
    )
