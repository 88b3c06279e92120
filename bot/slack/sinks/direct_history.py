"""What the bot has written to somebody, found again by the metadata that nobody sees."""

from collections.abc import Iterator

from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import SlackApi

PAGE = 200
PAGES = 5
"""How far back a message is looked for: nothing else is posted to somebody while it is not found."""


def written_to(api: SlackApi, channel: str) -> Iterator[Json]:
    """The messages of a conversation with their metadata, the newest first; raises Refused, Unreachable."""
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
