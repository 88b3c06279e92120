"""One message on the page."""

from collections.abc import Callable
from html import escape
from typing import Protocol

from msgspec import Struct

from bot.sandbox.page.attachments import Attachment, draw_attachments
from bot.sandbox.page.avatar import avatar_html
from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.canvas_preview import draw_canvases
from bot.sandbox.page.element_interactions import MessageSurface
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.local_times import clock_time, exact_time, short_time
from bot.sandbox.slack_json import json_objects
from bot.sandbox.users.mrkdwn import mrkdwn_to_html
from bot.sandbox.workspace.seed_data import SlackAccount
from bot.sandbox.workspace.workspace_canvases import Canvas
from bot.sandbox.workspace.workspace_state import PostedMessage


class MessageRow(Struct, frozen=True, kw_only=True):
    """A message and its surroundings; two are equal if they look the same."""

    message: PostedMessage
    author: SlackAccount
    grouped: bool
    """Whether it closely follows another message of the same author, and so needs no name."""
    day: str
    """The day above it, if it is the first message of that day."""
    new: bool
    """Whether it is the first unread message of this person."""
    replies: int
    last_reply: str
    repliers: tuple[SlackAccount, ...]
    in_thread: bool
    files: tuple[Attachment, ...]
    canvases: tuple[Canvas, ...] = ()


class MessageActions(Protocol):
    """Actions available on a message."""

    def open_thread(self, ts: str, /) -> None:
        """Open a thread."""
        ...

    def open_menu(self, message: PostedMessage, *, in_thread: bool) -> None:
        """Open a message's menu, inside the current element."""
        ...

    def show_person(self, person: SlackAccount) -> None:
        """Open a person's profile."""
        ...


def draw_message(line: MessageRow, surface: MessageSurface, touch: MessageActions) -> None:
    """Draw one message."""
    message, reader = line.message, surface.person.account
    if line.day:
        html(f"<span>{escape(line.day)}</span>", css="day-line")
    if line.new:
        html("<span>New</span>", css="new-line", testid="new-line")
    css = "message" + (" ephemeral" if message.reader else "") + (" grouped" if line.grouped else "")
    with element("div", css=css, testid="message") as drawn:
        drawn.props["data-ts"] = message.ts
        with element("div", css="gutter"):
            if line.grouped:
                html(clock_time(message.ts, reader), css="gutter-time")
            else:
                picture = button(avatar_html(line.author), css="picture", label=f"Who is {line.author.name}?")
                picture.on("click", lambda: touch.show_person(line.author))
        with element("div", css="message-body"):
            if not line.grouped:
                html(_heading(line.author, message, reader), css="message-head")
            if message.reader:
                html("Only visible to you", css="only-you")
            if message.thread and message.broadcast and not line.in_thread:
                _broadcast_note(message.thread, touch.open_thread)
            _body(message, surface)
            for preview in message.attachments:
                with element("div", css="link-preview", testid="link-preview"):
                    draw_blocks(json_objects(preview.get("blocks")), surface)
            if line.files:
                draw_attachments(line.files)
            draw_canvases(line.canvases)
            if line.replies and not line.in_thread:
                _thread_line(line, surface, touch.open_thread)
        if message.reader is None:
            _toolbar(line, touch)
    if line.replies and line.in_thread:
        html(f"<span>{_count(line)}</span>", css="replies-line")


def _heading(author: SlackAccount, message: PostedMessage, reader: SlackAccount) -> str:
    badge = '<span class="app-badge">APP</span>' if author.is_bot else ""
    gone = '<span class="app-badge">DEACTIVATED</span>' if author.deleted else ""
    exact = escape(exact_time(message.ts, reader), quote=True)
    return (
        f'<span class="author">{escape(author.name)}</span>{badge}{gone}'
        f'<span class="time" title="{exact}">{clock_time(message.ts, reader)}</span>'
    )


def _body(message: PostedMessage, surface: MessageSurface) -> None:
    edited = ' <span class="edited">(edited)</span>' if message.edited else ""
    if message.blocks:
        with element("div", css="blocks"):
            draw_blocks(list(message.blocks), surface)
    elif message.text:
        html(mrkdwn_to_html(message.text, surface.person.name_of) + edited, css="message-text")


def _broadcast_note(thread: str, open_thread: Callable[[str], None]) -> None:
    note = button("replied to a thread", css="broadcast-note", testid="broadcast-note")
    note.on("click", lambda: open_thread(thread))


def _thread_line(line: MessageRow, surface: MessageSurface, open_thread: Callable[[str], None]) -> None:
    faces = "".join(avatar_html(one, size="tiny") for one in line.repliers[:4])
    now = surface.person.workspace.clock.now()
    last = escape(short_time(line.last_reply, surface.person.account, now))
    shown = (
        f'{faces}<b>{_count(line)}</b><span class="time last-reply">Last reply {last}</span>'
        '<span class="time view-thread">View thread</span>'
    )
    drawn = button(shown, css="thread-line", testid="thread-line")
    drawn.on("click", lambda: open_thread(line.message.ts))


def _count(line: MessageRow) -> str:
    return f"{line.replies} {'reply' if line.replies == 1 else 'replies'}"


def _toolbar(line: MessageRow, touch: MessageActions) -> None:
    message = line.message
    with element("div", css="toolbar"):
        if not line.in_thread:
            reply = button(icon("bubble"), css="", label="Reply in thread", testid="reply-in-thread")
            reply.on("click", lambda: touch.open_thread(message.thread or message.ts))
        more = button(icon("more", 18), css="", label="More actions", testid="message-shortcuts")

        def open_menu() -> None:
            with more:
                touch.open_menu(message, in_thread=line.in_thread)

        more.on("click", open_menu)
