"""One user's view of the workspace."""

from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.open_views.view_stacks import DisplayedView
from bot.sandbox.slack_json import text_of
from bot.sandbox.users.block_text import blocks_text
from bot.sandbox.users.date_tokens import format_date_token
from bot.sandbox.users.mrkdwn import mrkdwn_to_text
from bot.sandbox.users.visible_items import VisibleMessage, VisibleView
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownConversation, UnknownPerson, Workspace


class Viewer:
    """One person who reads Slack."""

    def __init__(self, client: SlackClient, person_id: str) -> None:
        self._client = client
        self.id = person_id

    @property
    def account(self) -> SlackAccount:
        """The current account."""
        return self._client.workspace.person(self.id)

    @property
    def workspace(self) -> Workspace:
        """The workspace of the person."""
        return self._client.workspace

    @property
    def name(self) -> str:
        """The display name."""
        return self.account.name

    # Visible content

    def sees(self, where: str) -> list[VisibleMessage]:
        """Return a conversation's messages, including replies only if they were also sent to the channel."""
        channel = self._channel(where)
        return [
            self._seen(message)
            for message in self._client.workspace.messages(channel.id, self.id)
            if message.thread is None or message.broadcast
        ]

    def thread(self, where: str, ts: str) -> list[VisibleMessage]:
        """Return a thread, including its first message."""
        return [
            self._seen(message)
            for message in self._client.workspace.thread(self._channel(where).id, ts, self.id)
        ]

    def direct_messages(self) -> list[VisibleMessage]:
        """Return the direct messages between the bot and this person."""
        direct = self._client.workspace.direct(self.id)
        return [self._seen(message) for message in self._client.workspace.messages(direct.id, self.id)]

    @property
    def modal(self) -> VisibleView | None:
        """The top modal, if one is open."""
        return self._seen_view(self._client.parts.views.top(self.id))

    def home(self) -> VisibleView | None:
        """Return the current Home tab of the bot, without opening it."""
        return self._seen_view(self._client.parts.views.home(self.id))

    # Display of names

    def name_of(self, thing_id: str) -> str:
        """Return the display name for an ID of a person or channel, and the local time for `!date^…`."""
        workspace = self._client.workspace
        if thing_id.startswith("!date"):
            return format_date_token(thing_id, tz=self.account.tz, now=workspace.clock.now()) or thing_id
        try:
            return (
                workspace.person(thing_id).name if thing_id[:1] in "UW" else workspace.channel(thing_id).name
            )
        except (UnknownPerson, UnknownConversation):
            return thing_id

    def _seen(self, message: PostedMessage) -> VisibleMessage:
        text = blocks_text(list(message.blocks), self.name_of) if message.blocks else ""
        return VisibleMessage(
            message=message,
            author=self.name_of(message.author),
            plain=text or mrkdwn_to_text(message.text, self.name_of),
            files=self.workspace.files.there(message.files),
        )

    def _seen_view(self, view: DisplayedView | None) -> VisibleView | None:
        if view is None:
            return None
        text = [text_of(view.body.get("title")), blocks_text(view.body.get("blocks"), self.name_of)]
        return VisibleView(view=view, plain="\n".join(line for line in text if line))

    def _channel(self, where: str) -> SlackChannel:
        workspace = self._client.workspace
        if where.startswith("@"):
            who = where[1:]
            other = BOT_USER_ID if who in ("bot", workspace.app.name) else workspace.person(who).id
            return workspace.direct(self.id, other)
        return workspace.channel(where)
