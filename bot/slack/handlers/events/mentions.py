"""Messages to the bot: mentions in channels and threads, and direct messages."""

import re
from collections.abc import Callable

from bot.slack.handlers.events.workspace_changes import EventContext
from bot.slack.handlers.handler_responses import (
    DirectMessage,
    EphemeralMessage,
    FollowUp,
    OpenView,
    PrivateMessage,
)
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import SlackEvent
from bot.slack.ui.messages.notices import open_button_message
from bot.store import StoreUnavailable
from domain.kernel.elements import ChannelId, PersonId


def app_mentioned(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Answer like the slash command, visible to the author only."""
    event = slack_event.event
    channel, person = ChannelId(str(event.get("channel", ""))), PersonId(str(event.get("user", "")))
    thread = str(event.get("thread_ts") or "")

    def whisper(message: Message) -> EphemeralMessage:
        directly = DirectMessage(person=person, message=message)
        return EphemeralMessage(
            channel=channel, person=person, thread=thread, message=message, fallback=directly
        )

    return _answered(context, slack_event, whisper, otherwise="status")


def direct_message_received(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Answer a direct message to the bot; edits and deletions are ignored."""
    event = slack_event.event
    if event.get("subtype") or event.get("hidden"):
        return ()
    person, thread = PersonId(str(event.get("user", ""))), str(event.get("thread_ts") or "")
    return _answered(
        context,
        slack_event,
        lambda message: DirectMessage(person=person, message=message, thread=thread),
        otherwise="help",
    )


def _answered(
    context: EventContext,
    slack_event: SlackEvent,
    say: Callable[[Message], PrivateMessage],
    *,
    otherwise: str,
) -> tuple[FollowUp, ...]:
    """Return the answer to a message, once for each message; none for bots."""
    event = slack_event.event
    if event.get("bot_id") or event.get("subtype") == "bot_message" or event.get("user") == context.bot_user:
        return ()
    written = f"mention:{event.get('channel')}:{event.get('ts')}"
    if not context.recent_messages.is_new(written):
        return ()
    body = {
        "user_id": event.get("user", ""),
        # Authors without a workspace are looked up: in shared channels the outer workspace may differ.
        "team_id": event.get("user_team") or event.get("team") or "",
        "channel_id": event.get("channel", ""),
        "thread_ts": str(event.get("thread_ts") or ""),
        "text": _MENTION.sub("", str(event.get("text", ""))).strip() or otherwise,
        "trigger_id": written,
    }
    try:
        answer = context.answer("slash", body)
    except StoreUnavailable:
        context.recent_messages.forget(written)
        raise
    after = [say(_offered(one)) if isinstance(one, OpenView) else one for one in answer.after]
    if not answer.ack.get("text"):
        return tuple(after)
    return (say(Message(text=answer.ack["text"], blocks=answer.ack["blocks"])), *after)


def _offered(opened: OpenView) -> Message:
    """Return a button that opens the form, because events cannot open modals."""
    title = str(opened.view["title"]["text"])
    if opened.reopen is None:
        raise ValueError(f"nothing opens “{title}” again")
    return open_button_message(title, opened.reopen)


_MENTION = re.compile(r"<@[^<>]*>")
