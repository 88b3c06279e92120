"""The current conversation and its thread."""

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

from nicegui import run
from nicegui.element import Element

from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.composer import (
    Composer,
    ComposerCallbacks,
    SendingRefused,
    is_navigation_command,
    is_slack_command,
    run_navigation_command,
)
from bot.sandbox.page.element_rendering import Act, ViewSurface
from bot.sandbox.page.html_elements import (
    avatar_html,
    button,
    clock_time,
    element,
    html,
    icon,
    remove_content,
)
from bot.sandbox.page.message_list import MessageList, draw_jump
from bot.sandbox.page.sidebar import channel_mark, shared_mark, show_channel, show_person
from bot.sandbox.slack_json import json_objects
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import BOT_USER_ID, AppShortcut
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation, Workspace

FACES = 4


class ConversationHeader:
    """A conversation as displayed to one person."""

    def __init__(self, workspace: Workspace, channel: SlackChannel, person: SandboxPerson) -> None:
        self._workspace, self._channel, self._person = workspace, channel, person

    @property
    def name(self) -> str:
        """Its name: #channel, or the other person's name."""
        return self.other.name if self._channel.is_im else f"#{self._channel.name}"

    @property
    def other(self) -> SlackAccount:
        """The other person in direct messages, possibly oneself."""
        return self._workspace.person(next(iter(self._channel.members - {self._person.id}), self._person.id))

    def closed(self, shown: Callable[[str], str] = str) -> str:
        """Return why this person cannot write here, with displayed names; empty if they can."""
        if self._person.account.deleted:
            return f"{shown(self._person.name)}'s account is deactivated."
        if self._channel.is_archived:
            return f"{shown(self.name)} is archived."
        if self._person.id not in self._channel.members:
            return f"You are not a member of {shown(self.name)}."
        return ""

    def title_html(self) -> str:
        """Return the title."""
        if self._channel.is_im:
            other = self.other
            time = f"{clock_time(self._workspace.clock.now(), other)} local time"
            gone = "Deactivated" if other.deleted else "" if other.is_bot else time
            name = f"{avatar_html(other, size='small')}<b>{escape(other.name)}</b>"
            return f'{name}<span class="topic">{gone}</span>'
        channel = self._channel
        marks = shared_mark(channel)
        if channel.is_archived:
            marks += '<span class="state-badge">Archived</span>'
        topic = f'<span class="topic">{escape(channel.topic)}</span>' if channel.topic else ""
        return f"{channel_mark(channel, 18)}<b>{escape(channel.name)}</b>{marks}{topic}"

    def members_html(self) -> str:
        """Return the first avatars and the number of a channel's members; nothing for direct messages."""
        if self._channel.is_im:
            return ""
        inside = [one for one in self._workspace.people if one.id in self._channel.members]
        faces = "".join(avatar_html(one, size="tiny") for one in inside[:FACES])
        return f"{faces}<span>{len(inside)}</span>"

    def beginning_html(self) -> str:
        """Return the introduction above the first message."""
        if self._channel.is_im:
            other = self.other
            you = " This is your own space." if other.id == self._person.id else ""
            return (
                f"{avatar_html(other, size='large')}"
                f"<p>This is the beginning of your messages with {bold(other.name)}.{you}</p>"
            )
        commands = self._workspace.app.offered_commands
        hint = ""
        if commands:
            first = commands[0].command + (" start" if "start" in commands[0].usage_hint else "")
            hint = f'<p class="first-hint">Type <code>{escape(first)}</code> to begin.</p>'
        purpose = f"{escape(self._channel.purpose)}. " if self._channel.purpose else ""
        return (
            f"<h2>{channel_mark(self._channel, 24)} {escape(self._channel.name)}</h2>"
            f"<p>{purpose}Select a person at the top to act as them. "
            f"Use a second tab to act as two people.</p>{hint}"
        )


def require_open(workspace: Workspace, channel: SlackChannel, person: SandboxPerson) -> None:
    """Raise SendingRefused if the person can no longer write here."""
    try:
        now = workspace.channel(channel.id)
    except UnknownConversation:
        raise SendingRefused("This conversation no longer exists.") from None
    if why := ConversationHeader(workspace, now, person).closed():
        raise SendingRefused(why)


def bold(name: str) -> str:
    """Return a name in bold."""
    return f"<b>{escape(name)}</b>"


class HomeTab:
    """Home tab that the bot published for a user, redrawn when it changes."""

    def __init__(self, pane: Element, client: SlackClient, person: SandboxPerson, act: Act) -> None:
        self._pane, self._client, self._person, self._act = pane, client, person, act
        self._shown: str | None = None

    def show(self) -> None:
        """Draw the tab, if the page does not show it already."""
        view = self._client.parts.views.home(self._person.id)
        now = view.hash if view else ""
        if now == self._shown:
            return
        self._shown = now
        remove_content(self._pane)
        with self._pane:
            if view is None:
                html(
                    "The app has not published a Home tab yet.",
                    css="beginning",
                )
                return
            with element("div", css="blocks home-blocks"):
                surface = ViewSurface(self._client, self._person, view, self._act)
                draw_blocks(json_objects(view.body.get("blocks")), surface)


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
