"""Settings with which a bot connects to a running sandbox."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct


class SandboxConnection(Struct, frozen=True, kw_only=True):
    """The settings a bot would otherwise get from Slack's pages."""

    page_url: str
    """Where people look."""
    api_url: str
    """For SLACK_API_URL."""
    bot_token: str
    app_token: str
    signing_secret: str
    delivery: Literal["socket", "http"]
    deliver_to: Callable[[str], None]
    """With HTTP: say at which address the bot takes requests, such as http://127.0.0.1:3000/slack/events."""
    now: Callable[[], datetime]
    """The workspace's time: moving its clock moves the bot's clock."""


OnReady = Callable[[SandboxConnection], Callable[[], None] | None]
"""Called once the Web API answers, in a thread of its own; may return how to stop what it started."""
