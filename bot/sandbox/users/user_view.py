"""One user's view of the workspace: messages and views as they see them."""

from collections.abc import Mapping

from msgspec import Struct

from bot.sandbox.block_kit.element_state import interactive_elements, value_key
from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.slack_json import Json, text_of
from bot.sandbox.users.block_text import Button, blocks_text, element_label, visible_buttons
from bot.sandbox.users.mrkdwn import format_date_token, mrkdwn_to_text
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.uploaded_files import UploadedFile
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownConversation, UnknownPerson, Workspace


class VisibleMessage(Struct, frozen=True, kw_only=True):
    """A message as one person sees it."""

    message: PostedMessage
    author: str
    """The author's display name."""
    plain: str
    """All visible text, buttons in [brackets]."""
    files: tuple[UploadedFile, ...] = ()
    """The attached files."""

    @property
    def ts(self) -> str:
        """Its timestamp, which identifies it within the channel."""
        return self.message.ts

    @property
    def channel(self) -> str:
        """The ID of its channel."""
        return self.message.channel

    @property
    def text(self) -> str:
        """Its top-level text, which notifications show."""
        return self.message.text

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return list(self.message.blocks)

    @property
    def thread(self) -> str | None:
        """The timestamp of the message it replies to."""
        return self.message.thread

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees it."""
        return self.message.reader is not None

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was posted."""
        return self.message.edited is not None

    @property
    def metadata(self) -> Json | None:
        """Its metadata, which Slack does not display."""
        return self.message.metadata

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Its buttons, in reading order."""
        return visible_buttons(self.blocks)


class VisibleView(Struct, frozen=True, kw_only=True):
    """A modal or Home tab as one person sees it."""

    view: DisplayedView
    plain: str
    """All visible text."""

    @property
    def id(self) -> str:
        """Its id."""
        return self.view.id

    @property
    def title(self) -> str:
        """Its title."""
        return text_of(self.view.body.get("title"))

    @property
    def callback_id(self) -> str:
        """Its callback ID, for which the bot listens."""
        return str(self.view.body.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """The bot's private data in it, which is not displayed."""
        return str(self.view.body.get("private_metadata", ""))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return list(self.view.body.get("blocks", []))

    @property
    def errors(self) -> Mapping[str, str]:
        """The error messages beside its fields, by block ID."""
        return self.view.errors

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its fields, in reading order."""
        return tuple(
            element_label(control) for control in interactive_elements(self.blocks) if control.is_input
        )

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Its buttons that are not fields, in reading order."""
        pressable = [block for block in self.blocks if block.get("type") != "input"]
        return visible_buttons(pressable)

    @property
    def values(self) -> Mapping[str, object]:
        """The values of its fields, by label."""
        values = self.view.seen_values
        return {
            element_label(control): values[control.block_id][control.action_id][value_key(control.element)]
            for control in interactive_elements(self.blocks)
            if control.is_input
        }


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
