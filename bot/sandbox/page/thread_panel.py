"""Thread panel at the right of the page."""

from collections.abc import Awaitable, Callable
from html import escape

from nicegui import run

from bot.sandbox.page.composer import Composer, ComposerCallbacks
from bot.sandbox.page.conversation_header import ConversationHeader, require_open
from bot.sandbox.page.element_interactions import Act
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.message_list import MessageList, draw_jump
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import AppShortcut
from bot.sandbox.workspace.seed_data import SlackChannel


class ThreadPanel:
    """Thread with its own composer."""

    def __init__(
        self,
        sandbox: SandboxWorkspace,
        person: SandboxPerson,
        channel: SlackChannel,
        ts: str,
        *,
        act: Act,
        close: Callable[[], None],
        go: Callable[[str], None],
        use_shortcut: Callable[[AppShortcut], Awaitable[None]],
    ) -> None:
        self._sandbox, self._person, self._channel, self._ts = sandbox, person, channel, ts
        with element("div", css="pane-head"):
            where = "" if channel.is_im else f'<span class="topic"># {escape(channel.name)}</span>'
            html(f"<b>Thread</b>{where}", css="pane-title pane-title-words")
            button(icon("close", 18), css="panel-x", label="Close thread", testid="close-thread", press=close)
        pane = element("div", css="messages", testid="thread-messages")
        draw_jump()
        self._list = MessageList(
            pane, sandbox, person, act, open_thread=lambda _: None, go=go, in_thread=True
        )
        with element("div", css="pane-foot"):
            header = ConversationHeader(sandbox.workspace, channel, person)
            if not header.closed():
                Composer(
                    sandbox.workspace,
                    placeholder="Reply…",
                    place=f"a thread of {header.name}",
                    draft=f"{person.id} {channel.id} {ts}",
                    testid="thread-composer",
                    hands=ComposerCallbacks(send=self._send, share=self._share, use_shortcut=use_shortcut),
                )

    def show(self) -> None:
        """Draw changes."""
        self._list.show(self._sandbox.workspace.thread(self._channel.id, self._ts, self._person.id))

    async def _send(self, text: str) -> None:
        require_open(self._sandbox.workspace, self._channel, self._person)
        if text.startswith("/"):
            # Similar to Slack's own message: slash commands do not work in threads.
            sentence = f"{text.split(maxsplit=1)[0]} is not supported in threads. Sorry!"
            self._sandbox.client.slackbot(self._person.account, self._channel, sentence, thread=self._ts)
            return
        await run.io_bound(self._person.say, self._channel.id, text, thread=self._ts)

    async def _share(self, name: str, content: bytes) -> None:
        await run.io_bound(self._person.upload, self._channel.id, name, content, thread=self._ts)
