"""Content of the messages in a card's thread."""

from collections.abc import Sequence

from bot.delivery.slot_kinds import Desired, Gone, Unchanged
from bot.slack.projectors.results import wanted_results
from bot.slack.protocol.block_builders import Message
from bot.slack.screens.work_sessions import VersionedEvent, WorkSession
from bot.slack.ui.messages.round_messages import RoundResult, round_result_message
from bot.slack.ui.messages.thread_announcements import (
    closed_message,
    moved_message,
    session_message,
    short_session_message,
)
from bot.slack.ui.modals.steering.closing_page import closing_proposal_message
from domain.events import ClosingProposed, Erased, Event, PhaseMoved, RoundClosed, ThreatModelClosed
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister


def project_session(
    stream: str, session: WorkSession, naming: Naming, *, posted: bool
) -> Desired[Message] | Gone:
    """Return the current message about a work session; None if all of it was undone before the post."""
    if session.empty and not posted:
        return Gone()
    return Desired(content=session_message(stream, session, naming), shorter=short_session_message(stream))


def project_result(
    stream: str,
    events: Sequence[VersionedEvent],
    register: ThreatRegister,
    naming: Naming,
    *,
    round_result: RoundResult | None,
    posted: bool,
) -> Desired[Message] | Gone | Unchanged:
    """Return the current message about the first of some events.

    The others follow it and may invalidate it. `round_result` is the result of a closed round.
    """
    version, event = events[0]
    if isinstance(event, Erased):
        return Gone()
    if not posted and version not in dict(wanted_results(events, register)):
        return Gone()  # no longer valid
    content = _content(stream, event, register, naming, round_result)
    if content is None:
        return Unchanged()
    is_round = isinstance(event, RoundClosed)  # explanations may still be added to its message
    return Desired(content=content, shorter=short_session_message(stream), last=not is_round)


def _content(
    stream: str, event: Event, register: ThreatRegister, naming: Naming, round_result: RoundResult | None
) -> Message | None:
    match event:
        case ThreatModelClosed():
            return closed_message(stream, register, event, naming)
        case ClosingProposed():
            return closing_proposal_message(stream, register, naming)
        case PhaseMoved():
            return moved_message(register, event, naming)
        case RoundClosed():
            return round_result_message(round_result, naming) if round_result else None
        case _:
            return None
