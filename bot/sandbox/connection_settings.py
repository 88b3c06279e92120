"""Settings with which a bot connects to a running sandbox."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from msgspec import Struct


class SandboxConnection(Struct, frozen=True, kw_only=True):
    """Settings that a bot otherwise gets from Slack's configuration pages."""

    page_url: str
    """The address of the page."""
    api_url: str
    """For SLACK_API_URL."""
    bot_token: str
    """The token of the first workspace; empty if the app is not installed there."""
    app_token: str
    signing_secret: str
    delivery: Literal["socket", "http"]
    deliver_to: Callable[[str], None]
    """With HTTP: sets the bot's request URL, such as http://127.0.0.1:3000/slack/events."""
    client_id: str
    client_secret: str
    install_at: Callable[[str, str], None]
    """Sets the addresses of the bot's page that begins an installation, and of the one that ends it."""
    now: Callable[[], datetime]
    """The workspace's time: moving its clock moves the bot's clock."""


OnReady = Callable[[SandboxConnection], Callable[[], None] | None]
"""Called in its own thread once the Web API is available; may return a function that ends the work."""
