"""Messages of a conversation or thread, redrawn only if they changed."""

from collections.abc import Callable

from nicegui.element import Element

from bot.sandbox.page.attachments import attachments
from bot.sandbox.page.canvas_preview import canvases_of
from bot.sandbox.page.deferred_removal import remove_content
from bot.sandbox.page.element_interactions import Act, MessageSurface
from bot.sandbox.page.html_elements import button, element
from bot.sandbox.page.icons import icon
from bot.sandbox.page.local_times import day_label
from bot.sandbox.page.message_menu import open_message_menu
from bot.sandbox.page.message_row import MessageRow, draw_message
from bot.sandbox.page.profile_dialogs import show_person
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.seed_data import SlackAccount
from bot.sandbox.workspace.workspace_state import PostedMessage

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
