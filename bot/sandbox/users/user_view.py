"""One user's view of the workspace: messages and views as they see them."""

from collections.abc import Mapping

from msgspec import Struct

from bot.sandbox.block_kit.element_state import interactive_elements, value_key
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.slack_client import SlackClient
from bot.sandbox.slack_json import Json, json_objects, text_of
from bot.sandbox.users.block_text import Button, blocks_text, element_label, visible_buttons
from bot.sandbox.users.mrkdwn import format_date_token, mrkdwn_to_text
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.uploaded_files import UploadedFile
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownConversation, UnknownPerson


class VisibleMessage(Struct, frozen=True, kw_only=True):
    """A message as one person sees it."""

    message: PostedMessage
    author: str
    """The author's display name."""
    plain: str
    """All visible text, buttons in [brackets]."""
    files: tuple[UploadedFile, ...]
    """The attached files."""
    ts: str
    """Its timestamp, which identifies it within the channel."""
    channel: str
    """The ID of its channel."""
    text: str
    """Its top-level text, which notifications show."""
    blocks: list[Json]
    thread: str | None
    """The timestamp of the message it replies to."""
    ephemeral: bool
    """Whether only this person sees it."""
    edited: bool
    """Whether it was changed after it was posted."""
    metadata: Json | None
    """Its metadata, which Slack does not display."""

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Its buttons, in reading order."""
        return visible_buttons(self.blocks)


class VisibleView(Struct, frozen=True, kw_only=True):
    """A modal or Home tab as one person sees it."""

    view: DisplayedView
    plain: str
    """All visible text."""
    id: str
    title: str
    callback_id: str
    """Its callback ID, for which the bot listens."""
    private_metadata: str
    """The bot's private data in it, which is not displayed."""
    blocks: list[Json]
    errors: Mapping[str, str]
    """The error messages beside its fields, by block ID."""

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
        self._client, self.workspace = client, client.workspace
        self.id = person_id

    @property
    def account(self) -> SlackAccount:
        """The current account."""
        return self.workspace.person(self.id)

    @property
    def name(self) -> str:
        """The display name."""
        return self.account.name

    # Visible content

    def sees(self, where: str) -> list[VisibleMessage]:
        """Return a conversation's messages, including replies only if they were also sent to the channel."""
        everything = self.workspace.messages(self._channel(where).id, self.id)
        return [self._seen(one) for one in everything if one.thread is None or one.broadcast]

    def thread(self, where: str, ts: str) -> list[VisibleMessage]:
        """Return a thread, including its first message."""
        return [self._seen(one) for one in self.workspace.thread(self._channel(where).id, ts, self.id)]

    def direct_messages(self) -> list[VisibleMessage]:
        """Return the direct messages between the bot and this person."""
        direct = self.workspace.direct(self.id)
        return [self._seen(message) for message in self.workspace.messages(direct.id, self.id)]

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
        workspace = self.workspace
        if thing_id.startswith("!date"):
            return format_date_token(thing_id, tz=self.account.tz, now=workspace.clock.now()) or thing_id
        try:
            return (
                workspace.person(thing_id).name if thing_id[:1] in "UW" else workspace.channel(thing_id).name
            )
        except (UnknownPerson, UnknownConversation):
            return thing_id

    def _seen(self, message: PostedMessage) -> VisibleMessage:
        blocks = list(message.blocks)
        return VisibleMessage(
            message=message,
            author=self.name_of(message.author),
            plain=blocks_text(blocks, self.name_of) or mrkdwn_to_text(message.text, self.name_of),
            files=self.workspace.files.there(message.files),
            ts=message.ts,
            channel=message.channel,
            text=message.text,
            blocks=blocks,
            thread=message.thread,
            ephemeral=message.reader is not None,
            edited=message.edited is not None,
            metadata=message.metadata,
        )

    def _seen_view(self, view: DisplayedView | None) -> VisibleView | None:
        if view is None:
            return None
        title, blocks = text_of(view.body.get("title")), json_objects(view.body.get("blocks"))
        return VisibleView(
            view=view,
            plain="\n".join(filter(None, (title, blocks_text(blocks, self.name_of)))),
            id=view.id,
            title=title,
            callback_id=str(view.body.get("callback_id", "")),
            private_metadata=str(view.body.get("private_metadata", "")),
            blocks=blocks,
            errors=view.errors,
        )

    def _channel(self, where: str) -> SlackChannel:
        workspace = self.workspace
        if where.startswith("@"):
            who = where[1:]
            other = BOT_USER_ID if who in ("bot", workspace.app.name) else workspace.person(who).id
            return workspace.direct(self.id, other)
        return workspace.channel(where)
