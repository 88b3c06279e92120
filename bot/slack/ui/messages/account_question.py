"""Question which account in a tracker is the reader's, below the first assignment of a mitigation."""

from bot.slack.protocol.block_builders import Message, actions, button, context, message
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from domain.kernel.tracked_issue import TrackerId


def with_account_question(content: Message, stream: str, tracker: TrackerId) -> Message:
    """Return a message with the question which account in a tracker is the reader's."""
    asked = Target(name="tracker_account", stream=stream, element=tracker)
    pressed = button("My account", ButtonKind.OPEN, asked, spoken=f"Choose my account in {tracker}")
    blocks = [*content.blocks, context(_ABOUT.format(tracker=tracker)), actions(pressed)]
    return message(content.text, blocks)


_ABOUT = "The issue in *{tracker}* is assigned to you once your account there is known."
