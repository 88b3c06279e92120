"""A thread at the right of the page."""

from collections.abc import Callable
from html import escape

from nicegui import run

from bot.sandbox.cast import Channel
from bot.sandbox.desk import Desk
from bot.sandbox.page.composer import Composer
from bot.sandbox.page.html import element, html
from bot.sandbox.page.message_list import MessageList
from bot.sandbox.page.surface import Act
from bot.sandbox.people import SandboxPerson


class ThreadPanel:
    """Draws a thread with its own composer."""

    def __init__(
        self,
        desk: Desk,
        person: SandboxPerson,
        channel: Channel,
        ts: str,
        *,
        act: Act,
        close: Callable[[], None],
    ) -> None:
        self._desk, self._person, self._channel, self._ts = desk, person, channel, ts
        with element("div", css="pane-head"):
            where = "" if channel.is_im else f'<span class="topic"># {escape(channel.name)}</span>'
            html(f"<b>Thread</b>{where}", css="pane-title pane-title-words")
            with element("button", css="panel-x", testid="close-thread") as closer:
                html("✕", tag="span")
            closer.props["aria-label"] = "Close thread"
            closer.on("click", close)
        pane = element("div", css="messages", testid="thread-messages")
        self._list = MessageList(pane, desk, person, act, open_thread=lambda _: None, in_thread=True)
        with element("div", css="pane-foot"):
            Composer(desk.workspace.app, placeholder="Reply…", testid="thread-composer", send=self._send)

    def show(self) -> None:
        """Draw what changed."""
        self._list.show(self._desk.workspace.thread(self._channel.id, self._ts, self._person.id))

    async def _send(self, text: str) -> None:
        if text.startswith("/"):
            # Slack's own words, more or less: slash commands do nothing in threads.
            sentence = f"{text.split(maxsplit=1)[0]} is not supported in threads. Sorry!"
            self._desk.slackbot(self._person.account, self._channel, sentence, thread=self._ts)
            return
        await run.io_bound(self._person.say, self._channel.id, text, thread=self._ts)
