"""One message on the page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape

from msgspec import Struct
from nicegui import ui

from bot.sandbox.cast import Person
from bot.sandbox.installed_app import BOT_USER_ID
from bot.sandbox.mrkdwn import to_html
from bot.sandbox.page.html import element, html
from bot.sandbox.page.kit_blocks import draw_blocks
from bot.sandbox.page.surface import MessageSurface
from bot.sandbox.workspace import Message


class Line(Struct, frozen=True, kw_only=True):
    """A message with what surrounds it, equal to another if both look the same."""

    message: Message
    grouped: bool
    """Whether it follows another of the same writer closely, and so needs no name of its own."""
    replies: int
    last_reply: str
    repliers: tuple[str, ...]
    in_thread: bool


def draw_line(
    line: Line,
    surface: MessageSurface,
    *,
    author: Person,
    open_thread: Callable[[str], None],
    shortcuts: list[tuple[str, Callable[[], object]]],
) -> None:
    """Draw one message."""
    message = line.message
    css = "message" + (" ephemeral" if message.reader else "") + (" grouped" if line.grouped else "")
    with element("div", css=css, testid="message") as drawn:
        drawn.props["data-ts"] = message.ts
        html(avatar_html(author), css="gutter")
        with element("div", css="message-body"):
            html(_heading(author, message, surface.person.account), css="message-head")
            if message.reader:
                html("Only visible to you", css="only-you")
            if message.thread and message.broadcast and not line.in_thread:
                html("replied to a thread", css="broadcast-note")
            if message.blocks:
                with element("div", css="blocks"):
                    draw_blocks(list(message.blocks), surface)
            else:
                edited = ' <span class="edited">(edited)</span>' if message.edited else ""
                html(to_html(message.text, surface.person.name_of) + edited, css="message-text")
            if line.replies and not line.in_thread:
                _thread_line(line, surface, open_thread)
        _toolbar(message, line, open_thread, shortcuts)


def avatar_html(person: Person, *, size: str = "") -> str:
    """Return a person's picture: their initial on their colour."""
    if person.id == BOT_USER_ID:
        return f'<span class="avatar avatar-bot {size}" aria-hidden="true">{_SHIELD}</span>'
    return (
        f'<span class="avatar {size}" aria-hidden="true" style="background:{escape(person.colour)}">'
        f"{escape(person.name[:1])}</span>"
    )


def clock_time(ts: str, person: Person) -> str:
    """Return a message's time of day where the person is."""
    there = datetime.fromtimestamp(float(ts), UTC) + timedelta(seconds=person.tz_offset)
    return there.strftime("%H:%M")


_SHIELD = (
    '<svg viewBox="0 0 24 24" width="60%" height="60%" fill="none" stroke="#fff" stroke-width="2" '
    'stroke-linejoin="round" stroke-linecap="round">'
    '<path d="M12 3l7.5 2.8v5.4c0 4.6-3.1 8-7.5 9.8-4.4-1.8-7.5-5.2-7.5-9.8V5.8z"/>'
    '<path d="M8.8 11.9l2.3 2.3 4.2-4.6"/></svg>'
)


def _heading(author: Person, message: Message, reader: Person) -> str:
    badge = '<span class="app-badge">APP</span>' if author.is_bot else ""
    return (
        f'<span class="author">{escape(author.name)}</span>{badge}'
        f'<span class="time">{clock_time(message.ts, reader)}</span>'
    )


def _thread_line(line: Line, surface: MessageSurface, open_thread: Callable[[str], None]) -> None:
    people = {person.id: person for person in surface.person.workspace.people}
    faces = "".join(avatar_html(people[one], size="tiny") for one in line.repliers[:4] if one in people)
    count = f"{line.replies} {'reply' if line.replies == 1 else 'replies'}"
    with element("button", css="thread-line", testid="thread-line") as drawn:
        last = clock_time(line.last_reply, surface.person.account)
        html(f'{faces}<b>{count}</b><span class="time">Last reply at {last}</span>', tag="span")
    drawn.on("click", lambda: open_thread(line.message.ts))


def _toolbar(
    message: Message,
    line: Line,
    open_thread: Callable[[str], None],
    shortcuts: list[tuple[str, Callable[[], object]]],
) -> None:
    if message.reader is not None:
        return
    with element("div", css="toolbar"):
        if not line.in_thread:
            reply = element("button", testid="reply-in-thread")
            reply.props["aria-label"] = "Reply in thread"
            reply.props["title"] = "Reply in thread"
            reply.on("click", lambda: open_thread(message.thread or message.ts))
            with reply:
                html(_BUBBLE, tag="span")
        if shortcuts:
            more = element("button", testid="message-shortcuts")
            more.props["aria-label"] = "More actions"
            more.props["title"] = "More actions"
            with more:
                html("⋮", tag="span")
                with ui.menu().classes("slack-menu"):
                    for title, use in shortcuts:
                        ui.menu_item(title, on_click=use)


_BUBBLE = (
    '<svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linejoin="round"><path d="M4 5h16v11H10l-4 4v-4H4z"/></svg>'
)
