"""The current conversation and its thread."""

from collections.abc import Callable
from functools import partial
from html import escape

from nicegui import run
from nicegui.element import Element

from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.composer import (
    Composer,
    SendingRefused,
    is_navigation_command,
    is_slack_command,
    run_navigation_command,
)
from bot.sandbox.page.element_rendering import Surface, UserContext
from bot.sandbox.page.html_elements import (
    avatar_html,
    button,
    clock_time,
    element,
    html,
    icon,
    remove_content,
)
from bot.sandbox.page.message_list import MessageList
from bot.sandbox.page.sidebar import channel_mark, shared_mark, show_channel, show_person
from bot.sandbox.slack_json import json_objects
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import BOT_USER_ID
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
        inside = [person for person in self._workspace.people if person.id in self._channel.members]
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

    def __init__(self, pane: Element, user: UserContext) -> None:
        self._pane, self._user = pane, user
        self._shown: str | None = None

    def show(self) -> None:
        """Draw the tab, if the page does not show it already."""
        view = self._user.sandbox.client.parts.views.home(self._user.person.id)
        now = view.hash if view else ""
        if now == self._shown:
            return
        self._shown = now
        remove_content(self._pane)
        with self._pane:
            if view is None:
                html("The app has not published a Home tab yet.", css="beginning")
                return
            with element("div", css="blocks home-blocks"):
                draw_blocks(json_objects(view.body.get("blocks")), Surface(self._user, view))


class ConversationPane:
    """Header, messages and composer of a conversation."""

    def __init__(self, user: UserContext, channel: SlackChannel) -> None:
        self._user, self._channel = user, channel
        self._sandbox, self._person, self._workspace = user.sandbox, user.person, user.sandbox.workspace
        self._header = ConversationHeader(self._workspace, channel, user.person)
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
        self._list = MessageList(
            user,
            testid="messages",
            in_thread=False,
            beginning=self._header.beginning_html(),
            unread=self._workspace.unread(user.person.id, channel.id) if self._seen_by_me else 0,
        )
        self._foot = element("div", css="pane-foot")

    def show(self) -> None:
        """Draw changes, and mark the conversation as read."""
        self._channel = self._workspace.channel(self._channel.id)
        self._header = ConversationHeader(self._workspace, self._channel, self._person)
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
        head, members = self._header.title_html(), self._header.members_html()
        if head + members == self._drawn_head:
            return
        self._drawn_head = head + members
        self._head.clear()
        with self._head:
            button(head, css="pane-title-words", testid="title", press=self._about)
            if members:
                button(members, css="members", label="Members", testid="members", press=self._about)

    def _show_foot(self) -> None:
        closed, name = self._header.closed(bold), self._header.name
        if (closed, name) == self._drawn_foot:
            return
        self._drawn_foot = (closed, name)
        if self._composer is not None and not closed:
            self._composer.call(f"Message {name}", name)
            return
        remove_content(self._foot)
        self._composer = None
        with self._foot:
            if closed:
                self._notice(closed)
                return
            self._composer = Composer(
                self._user,
                placeholder=f"Message {name}",
                place=name,
                draft=f"{self._person.id} {self._channel.id}",
                testid="composer",
                send=self._send,
                share=partial(run.io_bound, self._person.upload, self._channel.id),
            )

    def _notice(self, words: str) -> None:
        """Draw why the person cannot write here, and the button that changes it."""
        person, channel = self._person, self._channel.id
        offered, testid = "Join channel", "join"
        act: Callable[[], object] = partial(self._user.act, partial(person.join, channel))
        if person.account.deleted:
            offered, testid, act = "Reactivate", "reactivate", partial(self._sandbox.reactivate, person.id)
        elif self._channel.is_archived:
            offered, testid = "Unarchive", "unarchive"
            act = partial(self._sandbox.change_channel, channel, is_archived=False)
        with element("div", css="not-a-member"):
            html(words, tag="span")
            button(offered, css="btn btn-primary", testid=testid, press=act)

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
            await self._user.act(partial(self._person.command, self._channel.id, text))

    def _about(self) -> None:
        if self._channel.is_im:
            show_person(self._workspace, self._header.other, write=None)
            return
        leave = partial(self._user.act, partial(self._person.leave, self._channel.id))
        show_channel(
            self._workspace, self._channel, self._person.account, leave=leave if self._seen_by_me else None
        )

    def _tabs(self) -> None:
        def show(which: str) -> None:
            home = which == "home"
            self._home_pane.set_visibility(home)
            self._list.pane.set_visibility(not home)
            self._foot.set_visibility(not home)
            for name, tab in tabs.items():
                tab.classes(add="on" if name == which else None, remove=None if name == which else "on")
                tab.props["aria-selected"] = "true" if name == which else "false"

        async def open_home() -> None:
            show("home")
            if self._home is None:
                self._home = HomeTab(self._home_pane, self._user)
            self._home.show()
            await self._user.act(self._person.open_home)

        with element("div", css="tabs", role="tablist"):
            tabs = {
                name: button(label, css=css, testid=f"tab-{name}", role="tab", press=press)
                for name, label, css, press in (
                    ("home", "Home", "tab", open_home),
                    ("messages", "Messages", "tab on", partial(show, "messages")),
                )
            }


class ThreadPanel:
    """Thread with its own composer."""

    def __init__(
        self, user: UserContext, channel: SlackChannel, ts: str, *, close: Callable[[], None]
    ) -> None:
        self._sandbox, self._person, self._channel, self._ts = user.sandbox, user.person, channel, ts
        with element("div", css="pane-head"):
            where = "" if channel.is_im else f'<span class="topic"># {escape(channel.name)}</span>'
            html(f"<b>Thread</b>{where}", css="pane-title pane-title-words")
            button(icon("close", 18), css="panel-x", label="Close thread", testid="close-thread", press=close)
        self._list = MessageList(user, testid="thread-messages", in_thread=True)
        with element("div", css="pane-foot"):
            header = ConversationHeader(user.sandbox.workspace, channel, user.person)
            if not header.closed():
                Composer(
                    user,
                    placeholder="Reply…",
                    place=f"a thread of {header.name}",
                    draft=f"{user.person.id} {channel.id} {ts}",
                    testid="thread-composer",
                    send=self._send,
                    share=partial(run.io_bound, user.person.upload, channel.id, thread=ts),
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
