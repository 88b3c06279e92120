"""A channel or direct messages in the middle of the page."""

from collections.abc import Callable
from html import escape

from nicegui import run
from nicegui.element import Element

from bot.sandbox.cast import Channel
from bot.sandbox.desk import Desk
from bot.sandbox.installed_app import BOT_USER_ID
from bot.sandbox.page.composer import Composer
from bot.sandbox.page.home_tab import HomeTab
from bot.sandbox.page.html import element, html
from bot.sandbox.page.message_line import avatar_html
from bot.sandbox.page.message_list import MessageList
from bot.sandbox.page.surface import Act
from bot.sandbox.people import SandboxPerson


class Conversation:
    """Draws a conversation's head, messages and composer."""

    def __init__(
        self,
        desk: Desk,
        person: SandboxPerson,
        channel: Channel,
        *,
        act: Act,
        open_thread: Callable[[str], None],
        menu: Callable[[], None],
    ) -> None:
        self._desk, self._person, self._channel, self._act = desk, person, channel, act
        self._home: HomeTab | None = None
        with_bot = channel.is_im and BOT_USER_ID in channel.members
        with element("div", css="pane-head"):
            with element("button", css="menu-button", testid="menu") as opener:
                html("☰", tag="span")
            opener.props["aria-label"] = "Channels and direct messages"
            opener.on("click", menu)
            self._head = element("div", css="pane-title")
            if with_bot:
                self._tabs()
        self._drawn_head = ""
        self._home_pane = element("div", css="home", testid="home")
        self._home_pane.set_visibility(False)
        self._messages_pane = element("div", css="messages", testid="messages")
        self._foot = element("div", css="pane-foot")
        with self._messages_pane:
            html(self._beginning(), css="beginning")
        self._list = MessageList(
            self._messages_pane, desk, person, act, open_thread=open_thread, in_thread=False
        )
        self._member: bool | None = None

    def show(self) -> str:
        """Draw what changed; return the timestamp of the last message on the page."""
        self._channel = self._desk.workspace.channel(self._channel.id)
        self._show_head()
        self._show_foot()
        if self._home is not None:
            self._home.show()
        messages = self._desk.workspace.messages(self._channel.id, self._person.id)
        self._list.show(messages)
        return messages[-1].ts if messages else ""

    def _show_head(self) -> None:
        head = self._title()
        if head != self._drawn_head:
            self._drawn_head = head
            self._head.clear()
            with self._head:
                html(head, css="pane-title-words")

    def _show_foot(self) -> None:
        member = self._person.id in self._channel.members
        if member == self._member:
            return
        self._member = member
        self._foot.clear()
        with self._foot:
            if member:
                self._composer()
            else:
                self._invitation()

    def _composer(self) -> None:
        app = self._desk.workspace.app
        Composer(app, placeholder=f"Message {self._name()}", testid="composer", send=self._send)

    async def _send(self, text: str) -> None:
        if not text.startswith("/"):
            await run.io_bound(self._person.say, self._channel.id, text)
            return
        word = text.split(maxsplit=1)[0]
        if self._desk.workspace.app.command(word) is None:
            sentence = f"{word} is not a valid command."
            self._desk.slackbot(self._person.account, self._channel, sentence)
            return
        await self._act(lambda: self._person.command(self._channel.id, text))

    def _invitation(self) -> None:
        with element("div", css="not-a-member"):
            html(f"You are not a member of <b>{escape(self._name())}</b>.", tag="span")
            with element("button", css="btn btn-primary", testid="join") as join:
                html("Join channel", tag="span")
            join.on("click", lambda: self._act(lambda: self._person.join(self._channel.id)))

    def _name(self) -> str:
        if not self._channel.is_im:
            return f"#{self._channel.name}"
        return self._desk.workspace.person(self._other()).name

    def _other(self) -> str:
        return next(iter(self._channel.members - {self._person.id}), self._person.id)

    def _title(self) -> str:
        if self._channel.is_im:
            other = self._desk.workspace.person(self._other())
            return f"{avatar_html(other, size='small')}<b>{escape(other.name)}</b>"
        topic = f'<span class="topic">{escape(self._channel.topic)}</span>' if self._channel.topic else ""
        faces = "".join(
            avatar_html(one, size="tiny")
            for one in self._desk.workspace.people
            if one.id in self._channel.members and not one.is_bot
        )
        count = len(self._channel.members)
        return (
            f"<b># {escape(self._channel.name)}</b>{topic}"
            f'<span class="members" title="{count} members">{faces}<span>{count}</span></span>'
        )

    def _beginning(self) -> str:
        if self._channel.is_im:
            return f"This is the beginning of your messages with <b>{escape(self._name())}</b>."
        commands = self._desk.workspace.app.commands
        hint = ""
        if commands:
            first = (
                f"{commands[0].command} start" if "start" in commands[0].usage_hint else commands[0].command
            )
            hint = f'<p class="first-hint">Type <code>{escape(first)}</code> to begin.</p>'
        return (
            f"<h2># {escape(self._channel.name)}</h2>"
            f"<p>{escape(self._channel.purpose)}. Everybody you can be is listed at the top: "
            f"switch to see what they see, or open a second tab.</p>{hint}"
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

        async def open_home() -> None:
            show("home")
            if self._home is None:
                self._home = HomeTab(self._home_pane, self._desk, self._person, self._act)
            self._home.show()
            await self._act(self._person.open_home)

        with element("div", css="tabs"):
            for name, label in (("home", "Home"), ("messages", "Messages")):
                with element("button", css="tab", testid=f"tab-{name}") as tab:
                    html(label, tag="span")
                tabs[name] = tab
        tabs["messages"].classes(add="on")
        tabs["home"].on("click", open_home)
        tabs["messages"].on("click", lambda: show("messages"))
