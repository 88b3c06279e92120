"""Messages to administrators about a tracker that was stopped, and that works again."""

from bot.slack.protocol.block_builders import Message, message, section
from bot.slack.protocol.escaping import clip, escape, escape_name
from domain.kernel.tracked_issue import ConnectedTracker

_ERROR = 300


def stopped_message(tracker: ConnectedTracker, error: str) -> Message:
    """Return the message that a tracker is no longer called, why, and what to do."""
    text = (
        f"⚠ Issues in {_named(tracker)} are no longer kept up to date. {escape(clip(error, _ERROR))}\n"
        "Nothing is sent or read there until an administrator replaces the token: type "
        "`/threatmodel tracker` and press *Replace token*. Nothing is lost: changes are sent afterwards."
    )
    return message(text, [section(text)])


def resumed_message(tracker: ConnectedTracker) -> Message:
    """Return the message that a tracker is called again."""
    text = f"✓ Issues in {_named(tracker)} are kept up to date again."
    return message(text, [section(text)])


def _named(tracker: ConnectedTracker) -> str:
    return f"{tracker.kind.label}, {escape_name(tracker.project)} ({tracker.id})"
