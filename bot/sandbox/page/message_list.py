"""Messages of a conversation or thread, redrawn only if they changed."""

from collections.abc import Callable
from functools import partial
from html import escape

from msgspec import Struct
from nicegui import ui
from nicegui.element import Element

from bot.sandbox.api_objects.basic_objects import message_object, permalink
from bot.sandbox.page.attachments import Attachment, attachments, canvases_of, draw_attachments, draw_canvases
from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.element_rendering import Surface, UserContext
from bot.sandbox.page.html_elements import (
    avatar_html,
    button,
    clock_time,
    count_of,
    day_label,
    element,
    exact_time,
    html,
    icon,
    remove_content,
    short_time,
)
from bot.sandbox.page.inspector import copy, show_json
from bot.sandbox.page.sidebar import show_person
from bot.sandbox.slack_json import json_objects
from bot.sandbox.users.block_text import blocks_text
from bot.sandbox.users.mrkdwn import Name, mrkdwn_to_html, mrkdwn_to_text
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount
from bot.sandbox.workspace.uploaded_files import Canvas
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


def draw_message(line: MessageRow, user: UserContext) -> None:
    """Draw one message."""
    message, reader = line.message, user.person.account
    surface = Surface(user, message)
    if line.day:
        html(f"<span>{escape(line.day)}</span>", css="day-line")
    if line.new:
        html("<span>New</span>", css="new-line", testid="new-line")
    css = "message" + (" ephemeral" if message.reader else "") + (" grouped" if line.grouped else "")
    with element("div", css=css, testid="message", data_ts=message.ts):
        with element("div", css="gutter"):
            if line.grouped:
                html(clock_time(message.ts, reader), css="gutter-time")
            else:
                profile = partial(_show_author, line.author, user)
                label = f"Who is {line.author.name}?"
                button(avatar_html(line.author), css="picture", label=label, press=profile)
        with element("div", css="message-body"):
            if not line.grouped:
                html(_heading(line.author, message, reader), css="message-head")
            if message.reader:
                html("Only visible to you", css="only-you")
            if message.thread and message.broadcast and not line.in_thread:
                thread = partial(user.open_thread, message.thread)
                button("replied to a thread", css="broadcast-note", testid="broadcast-note", press=thread)
            _body(message, surface)
            for preview in message.attachments:
                with element("div", css="link-preview", testid="link-preview"):
                    draw_blocks(json_objects(preview.get("blocks")), surface)
            if line.files:
                draw_attachments(line.files)
            draw_canvases(line.canvases)
            if line.replies and not line.in_thread:
                _thread_line(line, user)
        if message.reader is None:
            _toolbar(line, user)
    if line.replies and line.in_thread:
        html(f"<span>{count_of(line.replies, 'reply', 'replies')}</span>", css="replies-line")


def _show_author(author: SlackAccount, user: UserContext) -> None:
    write = None if author.id == user.person.id else partial(user.go, f"@{author.id}")
    show_person(user.sandbox.workspace, author, write=write)


def _heading(author: SlackAccount, message: PostedMessage, reader: SlackAccount) -> str:
    badge = '<span class="app-badge">APP</span>' if author.is_bot else ""
    gone = '<span class="app-badge">DEACTIVATED</span>' if author.deleted else ""
    exact = escape(exact_time(message.ts, reader), quote=True)
    return (
        f'<span class="author">{escape(author.name)}</span>{badge}{gone}'
        f'<span class="time" title="{exact}">{clock_time(message.ts, reader)}</span>'
    )


def _body(message: PostedMessage, surface: Surface) -> None:
    edited = ' <span class="edited">(edited)</span>' if message.edited else ""
    if message.blocks:
        with element("div", css="blocks"):
            draw_blocks(list(message.blocks), surface)
    elif message.text:
        html(mrkdwn_to_html(message.text, surface.person.name_of) + edited, css="message-text")


def _thread_line(line: MessageRow, user: UserContext) -> None:
    faces = "".join(avatar_html(person, size="tiny") for person in line.repliers[:4])
    now = user.sandbox.workspace.clock.now()
    last = escape(short_time(line.last_reply, user.person.account, now))
    shown = (
        f"{faces}<b>{count_of(line.replies, 'reply', 'replies')}</b>"
        f'<span class="time last-reply">Last reply {last}</span>'
        '<span class="time view-thread">View thread</span>'
    )
    button(shown, css="thread-line", testid="thread-line", press=partial(user.open_thread, line.message.ts))


def _toolbar(line: MessageRow, user: UserContext) -> None:
    message = line.message
    reply = None if line.in_thread else partial(user.open_thread, message.thread or message.ts)
    with element("div", css="toolbar"):
        if reply is not None:
            button(icon("bubble"), css="", label="Reply in thread", testid="reply-in-thread", press=reply)

        def open_menu() -> None:
            with more:
                _open_message_menu(user, message, reply=reply)

        more = button(
            icon("more", 18), css="", label="More actions", testid="message-shortcuts", press=open_menu
        )


def _open_message_menu(
    user: UserContext, message: PostedMessage, *, reply: Callable[[], object] | None
) -> None:
    """Open a menu with the app's message shortcuts, at the current element."""
    sandbox, person, workspace = user.sandbox, user.person, user.sandbox.workspace
    app = workspace.person(BOT_USER_ID)
    with ui.menu(value=True).classes("slack-menu").props("no-parent-event") as menu:
        if reply is not None:
            _entry("bubble", "Reply in thread", reply)
        for shortcut in workspace.app.offered_shortcuts:
            if shortcut.type != "message":
                continue
            use = partial(sandbox.client.message_shortcut, person.account, message, shortcut.callback_id)
            with ui.menu_item(on_click=partial(user.act, use)):
                words = f"<b>{escape(shortcut.name)}</b><span>{escape(app.name)}</span>"
                face = avatar_html(app, size="tiny")
                html(f'{face}<span class="menu-words">{words}</span>', css="menu-entry")
        ui.separator()
        _entry("copy", "Copy text", partial(copy, _words(message, person.name_of)))
        _entry("copy", "Copy link", partial(copy, permalink(workspace, message.channel, message)))
        payload = partial(show_json, "Message payload", message_object(workspace, message))
        _entry("inspect", "Show as JSON", payload)
        ui.separator()
        delete = partial(sandbox.delete_message, message.channel, message.ts)
        _entry("trash", "Delete message", delete, css="danger")
    menu.on("hide", menu.delete)


def _entry(drawing: str, words: str, use: Callable[[], object], *, css: str = "") -> None:
    with ui.menu_item(on_click=use).classes(css):
        html(f'{icon(drawing)}<span class="menu-words">{escape(words)}</span>', css="menu-entry")


def _words(message: PostedMessage, name: Name) -> str:
    if message.blocks:
        return blocks_text(list(message.blocks), name)
    return mrkdwn_to_text(message.text, name)


GROUP_SECONDS = 300
PAGE = 60
"""Messages drawn initially, and for each press of *Show earlier messages*."""


class MessageList:
    """Scrolling list of messages, kept up to date."""

    def __init__(
        self, user: UserContext, *, testid: str, in_thread: bool, beginning: str = "", unread: int = 0
    ) -> None:
        """`beginning` is the HTML above the first message."""
        self._user, self._in_thread, self._unread = user, in_thread, unread
        self._first_new: str | None = None
        self._drawn: dict[str, tuple[MessageRow, Element]] = {}
        self._most = PAGE
        with element("div", css="messages", testid=testid) as self.pane:
            if beginning:
                html(beginning, css="beginning")
            self._earlier = button(
                "Show earlier messages", css="btn btn-default earlier", testid="earlier", press=self._more
            )
        self._earlier.set_visibility(False)
        _draw_jump()

    def show(self, everything: list[PostedMessage]) -> None:
        """Draw changed messages, remove deleted ones, and scroll to new ones.

        Takes all messages of the conversation, or of the thread.
        """
        self._everything = everything
        lines = self._lines(everything)
        for ts in [ts for ts in self._drawn if ts not in lines]:
            self._drawn.pop(ts)[1].delete()
        changed, mine = False, False
        for ts, line in lines.items():
            known = self._drawn.get(ts)
            if known is None:
                with self.pane:
                    holder = element("div")
                mine = mine or line.author.id == self._user.person.id
            elif known[0] == line:
                continue
            else:
                holder = known[1]
                remove_content(holder)
            changed = True
            with holder:
                draw_message(line, self._user)
            self._drawn[ts] = (line, holder)
        if changed:
            self._follow(always=mine)

    def _more(self) -> None:
        self._most += PAGE
        for _, holder in self._drawn.values():
            holder.delete()
        self._drawn.clear()
        self._first_new = self._first_new or ""
        self.show(self._everything)

    def _follow(self, *, always: bool) -> None:
        # The position stays for a reader who has scrolled up, except after sending a message.
        self.pane.client.run_javascript(f"follow({self.pane.id}, {'true' if always else 'false'})")

    def _lines(self, everything: list[PostedMessage]) -> dict[str, MessageRow]:
        replies: dict[str, list[PostedMessage]] = {}
        for message in everything:
            if message.thread is not None and message.reader is None:
                replies.setdefault(message.thread, []).append(message)
        shown = [one for one in everything if one.thread is None or one.broadcast or self._in_thread]
        self._earlier.set_visibility(len(shown) > self._most)
        if self._first_new is None:
            others = [message for message in shown if message.author != self._user.person.id]
            self._first_new = others[-self._unread].ts if 0 < self._unread <= len(others) else ""
        lines: dict[str, MessageRow] = {}
        before: PostedMessage | None = None
        for message in shown[-self._most :]:
            lines[message.ts] = self._line(before, message, replies.get(message.ts, []))
            before = message
        return lines

    def _line(
        self, before: PostedMessage | None, message: PostedMessage, answers: list[PostedMessage]
    ) -> MessageRow:
        workspace, reader = self._user.sandbox.workspace, self._user.person.account
        now = workspace.clock.now()
        day = day_label(message.ts, reader, now)
        starts_day = before is None or day_label(before.ts, reader, now) != day
        new = message.ts == self._first_new
        begins_thread = self._in_thread and before is not None and before.thread is None
        return MessageRow(
            message=message,
            author=workspace.person(message.author),
            grouped=not (starts_day or new or begins_thread) and _follows(before, message),
            day=day if starts_day else "",
            new=new,
            replies=len(answers),
            last_reply=answers[-1].ts if answers else "",
            repliers=tuple(map(workspace.person, dict.fromkeys(answer.author for answer in answers))),
            in_thread=self._in_thread,
            files=attachments(workspace, message),
            canvases=canvases_of(workspace, message),
        )


def _draw_jump() -> None:
    """Draw the button that scrolls down, which is visible while the pane is scrolled up."""
    jump = button(f"{icon('down', 14)} Latest messages", css="jump", testid="jump")
    jump.on("click", js_handler="jumpToEnd")


def _follows(before: PostedMessage | None, message: PostedMessage) -> bool:
    return (
        before is not None
        and before.author == message.author
        and (before.reader is None) == (message.reader is None)
        and not message.broadcast
        and float(message.ts) - float(before.ts) < GROUP_SECONDS
    )
