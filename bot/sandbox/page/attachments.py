"""Files that hang on messages, with a look at what is in them."""

from msgspec import Struct

from bot.sandbox.page.surface import MessageSurface
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.workspace import Message


class Attachment(Struct, frozen=True, kw_only=True):
    """One file as it is shown."""

    name: str
    kind: str
    size: int
    address: str
    """Where a browser gets it."""
    snippet: str = ""
    """The beginning of a text."""
    is_image: bool = False


def attachments(sandbox: Sandbox, message: Message) -> tuple[Attachment, ...]:
    """Return the files of a message."""
    del sandbox, message
    return ()


def draw_attachments(files: tuple[Attachment, ...], surface: MessageSurface) -> None:
    """Draw files below a message."""
    del files, surface
