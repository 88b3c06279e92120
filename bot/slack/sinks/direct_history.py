"""History of a direct conversation, for finding the bot's messages by their metadata."""

from collections.abc import Iterator

from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import SlackApi

PAGE = 200
PAGES = 5
"""Limit of the search for a message, in pages; nothing else is posted to the person until it ends."""


def conversation_history(api: SlackApi, channel: str) -> Iterator[Json]:
    """Yield a conversation's messages with metadata, newest first; raises ApiRefused and ApiUnreachable."""
    cursor = ""
    for _ in range(PAGES):
        page = api.call(
            "conversations.history",
            channel=channel,
            limit=str(PAGE),
            include_all_metadata="true",
            cursor=cursor or None,
        )
        yield from page.get("messages", ())
        cursor = str(page.get("response_metadata", {}).get("next_cursor", ""))
        if not cursor:
            return
