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
from bot.sandbox.page.element_rendering import Act, MessageSurface
from bot.sandbox.page.html_elements import (
    avatar_html,
    button,
    clock_time,
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
from bot.sandbox.users.mrkdwn import mrkdwn_to_html, mrkdwn_to_text
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
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


def draw_message(line: MessageRow, surface: MessageSurface, touch: "MessageList") -> None:
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


def _toolbar(line: MessageRow, touch: "MessageList") -> None:
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


def open_message_menu(
    sandbox: SandboxWorkspace,
    person: SandboxPerson,
    message: PostedMessage,
    act: Act,
    *,
    reply: Callable[[], object] | None,
) -> None:
    """Open a menu with the app's message shortcuts, at the current element."""
    app = sandbox.workspace.person(BOT_USER_ID)
    with ui.menu(value=True).classes("slack-menu").props("no-parent-event") as menu:
        if reply is not None:
            _entry("bubble", "Reply in thread", reply)
        for shortcut in sandbox.workspace.app.offered_shortcuts:
            if shortcut.type != "message":
                continue
            use = partial(sandbox.client.message_shortcut, person.account, message, shortcut.callback_id)
            with ui.menu_item(on_click=partial(act, use)):
                face = avatar_html(app, size="tiny")
                words = f"<b>{escape(shortcut.name)}</b><span>{escape(app.name)}</span>"
                html(f'{face}<span class="menu-words">{words}</span>', css="menu-entry")
        ui.separator()
        _entry("copy", "Copy text", partial(copy, _words(person, message)))
        _entry("copy", "Copy link", partial(copy, permalink(sandbox.workspace, message.channel, message)))
        _entry(
            "inspect",
            "Show as JSON",
            partial(show_json, "Message payload", message_object(sandbox.workspace, message)),
        )
        ui.separator()
        delete = partial(sandbox.delete_message, message.channel, message.ts)
        _entry("trash", "Delete message", delete, css="danger")
    menu.on("hide", menu.delete)


def _entry(drawing: str, words: str, use: Callable[[], object], *, css: str = "") -> None:
    with ui.menu_item(on_click=use).classes(css):
        html(f'{icon(drawing)}<span class="menu-words">{escape(words)}</span>', css="menu-entry")


def _words(person: SandboxPerson, message: PostedMessage) -> str:
    if message.blocks:
        return blocks_text(list(message.blocks), person.name_of)
    return mrkdwn_to_text(message.text, person.name_of)


GROUP_SECONDS = 300
PAGE = 60
"""Messages drawn initially, and for each press of *Show earlier messages*."""


class MessageList:
    """Scrolling list of messages, kept up to date."""

    def __init__(
        self,
        pane: Element,
        sandbox: SandboxWorkspace,
        person: SandboxPerson,
        act: Act,
        *,
        open_thread: Callable[[str], None],
        go: Callable[[str], None],
        in_thread: bool,
        unread: int = 0,
    ) -> None:
        self._pane, self._sandbox, self._person, self._act = pane, sandbox, person, act
        self._open_thread, self._go, self._in_thread = open_thread, go, in_thread
        self._unread = unread
        self._first_new: str | None = None
        self._drawn: dict[str, tuple[MessageRow, Element]] = {}
        self._most = PAGE
        with pane:
            self._earlier = button(
                "Show earlier messages", css="btn btn-default earlier", testid="earlier", press=self._more
            )
        self._earlier.set_visibility(False)

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
                with self._pane:
                    holder = element("div")
                mine = mine or line.author.id == self._person.id
            elif known[0] == line:
                continue
            else:
                holder = known[1]
                remove_content(holder)
            changed = True
            with holder:
                self._draw(line)
            self._drawn[ts] = (line, holder)
        if changed:
            self._follow(always=mine)

    def open_thread(self, ts: str, /) -> None:
        """Open a thread."""
        self._open_thread(ts)

    def open_menu(self, message: PostedMessage, *, in_thread: bool) -> None:
        """Open a message's menu, inside the current element."""
        thread = message.thread or message.ts
        reply = None if in_thread else lambda: self._open_thread(thread)
        open_message_menu(self._sandbox, self._person, message, self._act, reply=reply)

    def show_person(self, person: SlackAccount) -> None:
        """Open a person's profile."""
        myself = person.id == self._person.id
        write = None if myself else lambda: self._go(f"@{person.id}")
        show_person(self._sandbox.workspace, person, write=write)

    def _more(self) -> None:
        self._most += PAGE
        for _, holder in self._drawn.values():
            holder.delete()
        self._drawn.clear()
        self._first_new = self._first_new or ""
        self.show(self._everything)

    def _follow(self, *, always: bool) -> None:
        # The position stays for a reader who has scrolled up, except after sending a message.
        self._pane.client.run_javascript(
            f"setTimeout(() => {{ const pane = getHtmlElement({self._pane.id}); "
            f"if (pane && ({'true' if always else 'false'} || !pane.dataset.away)) "
            "pane.scrollTop = pane.scrollHeight }, 30)"
        )

    def _lines(self, everything: list[PostedMessage]) -> dict[str, MessageRow]:
        replies: dict[str, list[PostedMessage]] = {}
        for message in everything:
            if message.thread is not None and message.reader is None:
                replies.setdefault(message.thread, []).append(message)
        shown = [one for one in everything if one.thread is None or one.broadcast or self._in_thread]
        self._earlier.set_visibility(len(shown) > self._most)
        if self._first_new is None:
            self._first_new = self._find_new(shown)
        lines: dict[str, MessageRow] = {}
        before: PostedMessage | None = None
        for message in shown[-self._most :]:
            lines[message.ts] = self._line(before, message, replies.get(message.ts, []))
            before = message
        return lines

    def _line(
        self, before: PostedMessage | None, message: PostedMessage, answers: list[PostedMessage]
    ) -> MessageRow:
        workspace, reader = self._sandbox.workspace, self._person.account
        now = workspace.clock.now()
        day = day_label(message.ts, reader, now)
        starts_day = before is None or day_label(before.ts, reader, now) != day
        new = message.ts == self._first_new
        begins_thread = self._in_thread and before is not None and before.thread is None
        follows = before is not None and not starts_day and not new and not begins_thread
        return MessageRow(
            message=message,
            author=workspace.person(message.author),
            grouped=follows and before is not None and _follows(before, message),
            day=day if starts_day else "",
            new=new,
            replies=len(answers),
            last_reply=answers[-1].ts if answers else "",
            repliers=tuple(workspace.person(one) for one in dict.fromkeys(one.author for one in answers)),
            in_thread=self._in_thread,
            files=attachments(workspace, message),
            canvases=canvases_of(workspace, message),
        )

    def _find_new(self, shown: list[PostedMessage]) -> str:
        others = [one for one in shown if one.author != self._person.id]
        return others[-self._unread].ts if 0 < self._unread <= len(others) else ""

    def _draw(self, line: MessageRow) -> None:
        surface = MessageSurface(self._sandbox.client, self._person, line.message, self._act)
        draw_message(line, surface, self)


def draw_jump() -> None:
    """Draw the button that scrolls down, which is visible while the pane is scrolled up."""
    jump = button(f"{icon('down', 14)} Latest messages", css="jump", testid="jump")
    jump.on(
        "click",
        js_handler="(event) => { const pane = event.target.closest('.jump').previousElementSibling; "
        "pane.scrollTo({top: pane.scrollHeight}) }",
    )


def _follows(before: PostedMessage, message: PostedMessage) -> bool:
    return (
        before.author == message.author
        and (before.reader is None) == (message.reader is None)
        and not message.broadcast
        and float(message.ts) - float(before.ts) < GROUP_SECONDS
    )
