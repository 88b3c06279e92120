"""Messages and views as one user sees them."""

from collections.abc import Mapping

from msgspec import Struct

from bot.sandbox.block_kit.element_state import interactive_elements, value_key
from bot.sandbox.open_views.view_stacks import DisplayedView
from bot.sandbox.slack_json import Json, text_of
from bot.sandbox.users.block_text import Button, element_label, visible_buttons
from bot.sandbox.workspace.uploaded_files import UploadedFile
from bot.sandbox.workspace.workspace_state import PostedMessage


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
