"""The messages of a conversation or thread, redrawn only where they changed."""

from collections.abc import Callable

from nicegui.element import Element

from bot.sandbox.desk import Desk
from bot.sandbox.page.html import element
from bot.sandbox.page.message_line import Line, draw_line
from bot.sandbox.page.surface import Act, MessageSurface
from bot.sandbox.people import SandboxPerson
from bot.sandbox.workspace import Message

GROUP_SECONDS = 300


class MessageList:
    """Draws messages into a scrolling pane and keeps them true."""

    def __init__(
        self,
        pane: Element,
        desk: Desk,
        person: SandboxPerson,
        act: Act,
        *,
        open_thread: Callable[[str], None],
        in_thread: bool,
    ) -> None:
        self._pane, self._desk, self._person, self._act = pane, desk, person, act
        self._open_thread, self._in_thread = open_thread, in_thread
        self._drawn: dict[str, tuple[Line, Element]] = {}

    def show(self, everything: list[Message]) -> None:
        """Draw what is new or changed, take away what is gone, and follow new messages down.

        Takes all messages of the conversation, or those of the thread.
        """
        lines = self._lines(everything)
        for ts in [ts for ts in self._drawn if ts not in lines]:
            self._drawn.pop(ts)[1].delete()
        grew = False
        for ts, line in lines.items():
            known = self._drawn.get(ts)
            if known is None:
                with self._pane:
                    holder = element("div")
                grew = True
            elif known[0] == line:
                continue
            else:
                holder = known[1]
                holder.clear()
            with holder:
                self._draw(line)
            self._drawn[ts] = (line, holder)
        if grew:
            self._pane.client.run_javascript(
                f"setTimeout(() => {{ const pane = getHtmlElement({self._pane.id}); "
                f"if (pane) pane.scrollTop = pane.scrollHeight }}, 30)"
            )

    def _lines(self, everything: list[Message]) -> dict[str, Line]:
        replies: dict[str, list[Message]] = {}
        for message in everything:
            if message.thread is not None:
                replies.setdefault(message.thread, []).append(message)
        lines: dict[str, Line] = {}
        before: Message | None = None
        for message in everything:
            if message.thread is not None and not message.broadcast and not self._in_thread:
                continue
            answers = [] if self._in_thread else replies.get(message.ts, [])
            lines[message.ts] = Line(
                message=message,
                grouped=before is not None and _follows(before, message),
                replies=len(answers),
                last_reply=answers[-1].ts if answers else "",
                repliers=tuple(dict.fromkeys(one.author for one in answers)),
                in_thread=self._in_thread,
            )
            before = message
        return lines

    def _draw(self, line: Line) -> None:
        message = line.message
        surface = MessageSurface(self._desk, self._person, message, self._act)
        shortcuts = [
            (shortcut.name, self._use(message, shortcut.callback_id))
            for shortcut in self._desk.workspace.app.shortcuts
            if shortcut.type == "message"
        ]
        draw_line(
            line,
            surface,
            author=self._desk.workspace.person(message.author),
            open_thread=self._open_thread,
            shortcuts=shortcuts,
        )

    def _use(self, message: Message, callback_id: str) -> Callable[[], object]:
        return lambda: self._act(
            lambda: self._desk.message_shortcut(self._person.account, message, callback_id)
        )


def _follows(before: Message, message: Message) -> bool:
    return (
        before.author == message.author
        and (before.reader is None) == (message.reader is None)
        and not message.broadcast
        and float(message.ts) - float(before.ts) < GROUP_SECONDS
    )
