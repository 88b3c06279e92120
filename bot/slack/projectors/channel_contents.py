"""Content of what a channel shows of a model: its card, and the messages of the card's thread."""

from collections.abc import Sequence

from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.projectors.event_table import EVENT_TABLE, MessageSource
from bot.slack.projectors.thread_plan import wanted_results
from bot.slack.projectors.work_sessions import VersionedEvent
from bot.slack.protocol.block_builders import Message
from bot.slack.ui.messages.card_message import card_message, short_card
from bot.slack.ui.messages.thread_announcements import WorkSession, session_message, short_session_message
from domain.events import Erased
from domain.kernel.text_formatting import Naming
from domain.register import ThreatRegister


def project_card(stream: str, register: ThreatRegister, naming: Naming) -> Desired[Message]:
    """Return the current content of a model's card, and the time from which it changes without an event."""
    return Desired(
        content=card_message(stream, register, naming),
        shorter=short_card(stream, register, naming),
        again_at=register.changes_at,
    )


def project_session(
    stream: str, session: WorkSession, naming: Naming, *, posted: bool
) -> Desired[Message] | Gone:
    """Return the current message about a work session; None if all of it was undone before the post."""
    if session.empty and not posted:
        return Gone()
    return Desired(content=session_message(stream, session, naming), shorter=short_session_message(stream))


def project_result(
    events: Sequence[VersionedEvent], source: MessageSource, *, posted: bool
) -> Desired[Message] | Gone | Unchanged:
    """Return the current message about the first of some events.

    The others follow it and may invalidate it.
    """
    version, event = events[0]
    if isinstance(event, Erased):
        return Gone()
    if not posted and version not in wanted_results(events, source.register):
        return Gone()  # no longer valid
    effects = EVENT_TABLE[type(event)]
    content = effects.message(event, source) if effects.message else None
    if content is None:
        return Unchanged()
    return Desired(
        content=content, shorter=short_session_message(source.stream), last=not effects.edits_messages
    )
