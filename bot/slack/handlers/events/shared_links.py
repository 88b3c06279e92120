"""Links that people post: those to models of the channel get a preview."""

from typing import cast

from bot.slack.handlers.events.workspace_changes import EventContext
from bot.slack.handlers.handler_responses import FollowUp, UnfurlLinks
from bot.slack.protocol.requests import Json, SlackEvent
from domain.kernel.elements import ChannelId


def links_shared(context: EventContext, slack_event: SlackEvent) -> tuple[FollowUp, ...]:
    """Show a preview of the links to models of the channel in which they were posted."""
    event = slack_event.event
    channel, ts = ChannelId(str(event.get("channel") or "")), str(event.get("message_ts") or "")
    # In the composer, Slack names neither the channel nor a message.
    if event.get("source", _POSTED) != _POSTED or not channel or not ts:
        return ()
    links = cast("list[object]", event.get("links") if isinstance(event.get("links"), list) else [])
    urls = [str(cast("Json", one).get("url") or "") for one in links if isinstance(one, dict)]
    previews = context.preview_links(channel, urls)
    return (UnfurlLinks(channel=channel, ts=ts, previews=previews),) if previews else ()


_POSTED = "conversations_history"
