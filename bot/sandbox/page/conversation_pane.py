"""The current conversation, in the middle of the page."""

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

from nicegui import run
from nicegui.element import Element

from bot.sandbox.page.composer import Composer, ComposerCallbacks
from bot.sandbox.page.conversation_header import ConversationHeader, bold, require_open
from bot.sandbox.page.deferred_removal import remove_content
from bot.sandbox.page.element_interactions import Act
from bot.sandbox.page.home_tab import HomeTab
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.message_list import MessageList, draw_jump
from bot.sandbox.page.navigation_commands import (
    is_navigation_command,
    is_slack_command,
    run_navigation_command,
)
from bot.sandbox.page.profile_dialogs import show_channel, show_person
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import BOT_USER_ID, AppShortcut
from bot.sandbox.workspace.seed_data import SlackChannel


class ConversationPane:
    """Header, messages and composer of a conversation."""

    def __init__(
        self,
        sandbox: SandboxWorkspace,
        person: SandboxPerson,
        channel: SlackChannel,
        *,
        act: Act,
        open_thread: Callable[[str], None],
        go: Callable[[str], None],
        use_shortcut: Callable[[AppShortcut], Awaitable[None]],
    ) -> None:
        self._sandbox, self._person, self._channel, self._act = sandbox, person, channel, act
        self._go, self._use_shortcut = go, use_shortcut
        self._workspace = sandbox.workspace
        self._said = ConversationHeader(sandbox.workspace, channel, person)
        self._home: HomeTab | None = None
        self._drawn_head = ""
        self._drawn_foot = ("", "")
        self._composer: Composer | None = None
        with element("div", css="pane-head"):
            self._head = element("div", css="pane-title")
            if channel.is_im and BOT_USER_ID in channel.members:
                self._tabs()
        self._home_pane = element("div", css="home", testid="home")
        self._home_pane.set_visibility(False)
        self._messages_pane = element("div", css="messages", testid="messages")
        draw_jump()
        self._foot = element("div", css="pane-foot")
        with self._messages_pane:
            html(self._said.beginning_html(), css="beginning")
        self._list = MessageList(
            self._messages_pane,
            sandbox,
            person,
            act,
            open_thread=open_thread,
            go=go,
            in_thread=False,
            unread=self._workspace.unread(person.id, channel.id) if self._seen_by_me else 0,
        )

    def show(self) -> None:
        """Draw changes, and mark the conversation as read."""
        self._channel = self._workspace.channel(self._channel.id)
        self._said = ConversationHeader(self._workspace, self._channel, self._person)
        self._show_head()
        self._show_foot()
        if self._home is not None:
            self._home.show()
        self._list.show(self._workspace.messages(self._channel.id, self._person.id))
        if self._seen_by_me:
            self._workspace.mark_read(self._person.id, self._channel.id)

    @property
    def _seen_by_me(self) -> bool:
        return self._person.id in self._channel.members

    def _show_head(self) -> None:
        head, members = self._said.title_html(), self._said.members_html()
        if head + members == self._drawn_head:
            return
        self._drawn_head = head + members
        self._head.clear()
        with self._head:
            button(head, css="pane-title-words", testid="title", press=self._about)
            if members:
                button(members, css="members", label="Members", testid="members", press=self._about)

    def _show_foot(self) -> None:
        closed, name = self._said.closed(bold), self._said.name
        if (closed, name) == self._drawn_foot:
            return
        self._drawn_foot = (closed, name)
        if self._composer is not None and not closed:
            self._composer.call(f"Message {name}", name)
            return
        remove_content(self._foot)
        self._composer = None
        with self._foot:
            if self._person.account.deleted:
                again = partial(self._sandbox.reactivate, self._person.id)
                _notice(closed, "Reactivate", again, "reactivate")
            elif self._channel.is_archived:
                again = partial(self._sandbox.change_channel, self._channel.id, is_archived=False)
                _notice(closed, "Unarchive", again, "unarchive")
            elif closed:
                join = partial(self._act, partial(self._person.join, self._channel.id))
                _notice(closed, "Join channel", join, "join")
            else:
                self._composer = Composer(
                    self._workspace,
                    placeholder=f"Message {name}",
                    place=name,
                    draft=f"{self._person.id} {self._channel.id}",
                    testid="composer",
                    hands=ComposerCallbacks(
                        send=self._send, share=self._share, use_shortcut=self._use_shortcut
                    ),
                )

    async def _send(self, text: str) -> None:
        require_open(self._workspace, self._channel, self._person)
        word = text.split(maxsplit=1)[0]
        if not text.startswith("/"):
            await run.io_bound(self._person.say, self._channel.id, text)
        elif is_navigation_command(word):
            sentence = await run.io_bound(
                run_navigation_command, self._sandbox, self._person, self._channel, text
            )
            self._sandbox.client.slackbot(self._person.account, self._channel, str(sentence))
        elif self._workspace.app.command(word) is None and not is_slack_command(word):
            sentence = f"{word} is not a valid command."
            self._sandbox.client.slackbot(self._person.account, self._channel, sentence)
        else:
            await self._act(partial(self._person.command, self._channel.id, text))

    async def _share(self, name: str, content: bytes) -> None:
        await run.io_bound(self._person.upload, self._channel.id, name, content)

    def _about(self) -> None:
        if self._channel.is_im:
            show_person(self._workspace, self._said.other, write=None)
            return
        leave = partial(self._act, partial(self._person.leave, self._channel.id))
        show_channel(
            self._workspace,
            self._channel,
            self._person.account,
            leave=leave if self._seen_by_me else None,
        )

    def _tabs(self) -> None:
        tabs: dict[str, Element] = {}

        def show(which: str) -> None:
            home = which == "home"
            self._home_pane.set_visibility(home)
            self._messages_pane.set_visibility(not home)
            self._foot.set_visibility(not home)
            for name, tab in tabs.items():
                tab.classes(add="on" if name == which else None, remove=None if name == which else "on")
                tab.props["aria-selected"] = "true" if name == which else "false"

        async def open_home() -> None:
            show("home")
            if self._home is None:
                self._home = HomeTab(self._home_pane, self._sandbox.client, self._person, self._act)
            self._home.show()
            await self._act(self._person.open_home)

        with element("div", css="tabs") as bar:
            bar.props["role"] = "tablist"
            for name, label in (("home", "Home"), ("messages", "Messages")):
                tabs[name] = button(label, css="tab", testid=f"tab-{name}")
                tabs[name].props["role"] = "tab"
        tabs["home"].on("click", open_home)
        tabs["messages"].on("click", lambda: show("messages"))
        tabs["messages"].classes("on")


def _notice(words: str, offered: str, do: Callable[[], object], testid: str) -> None:
    with element("div", css="not-a-member"):
        html(words, tag="span")
        button(escape(offered), css="btn btn-primary", testid=testid, press=do)
