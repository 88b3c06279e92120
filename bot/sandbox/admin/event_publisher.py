"""Publication of workspace events to the bot, which tests can suppress."""

from collections.abc import Generator
from contextlib import contextmanager

from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.slack_json import Json


class EventPublisher:
    """Publisher of events to the bot, except for changes made `quietly`."""

    def __init__(self, client: SlackClient) -> None:
        self.client = client
        self.publishing = True
        """Whether changes are published to the bot."""

    @contextmanager
    def quietly(self, *, unless: bool = False) -> Generator[None]:
        """Drop the events of all changes made inside the block."""
        before, self.publishing = self.publishing, self.publishing and unless
        try:
            yield
        finally:
            self.publishing = before

    def publish(self, name: str, event: Json) -> None:
        """Deliver an event in the background, after earlier ones, if the app subscribed to it."""
        if self.publishing:
            self.client.event(name, {"event_ts": self.client.workspace.new_ts(), **event}, soon=True)
