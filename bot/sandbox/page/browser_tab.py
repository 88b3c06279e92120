"""One browser tab: its user, its conversation, and its updates."""

from collections.abc import Callable, Sequence

from nicegui import run, ui
from nicegui.element import Element

from bot.sandbox.client.slack_client import APP_FAILED
from bot.sandbox.http_endpoints.browser_endpoints import HERE_COOKIE
from bot.sandbox.page.conversation_pane import ConversationPane, ThreadPanel
from bot.sandbox.page.fault_panel import FaultBanner, FaultPanel
from bot.sandbox.page.html_elements import element, remove_content
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.modal import Modal
from bot.sandbox.page.sidebar import INSPECTOR, Sidebar, TopBar, ask_for_channel
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import AppShortcut
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson, Workspace


class ToolPanel:
    """Panel that shows one tool, or nothing."""

    def __init__(
        self, frame: Element, app: Element, sandbox: SandboxWorkspace, *, close: Callable[[], object]
    ) -> None:
        self._frame, self._app, self._sandbox, self._close = frame, app, sandbox, close
        self._tool: Inspector | FaultPanel | None = None
        self.open = ""

    def toggle(self, name: str) -> None:
        """Show a tool, or hide it if it is shown."""
        self.open = "" if name == self.open else name
        self._frame.clear()
        self._tool = None
        self._app.classes(add="tools-open" if self.open else None, remove=None if self.open else "tools-open")
        if not self.open:
            return
        with self._frame:
            kind = Inspector if name == INSPECTOR else FaultPanel
            self._tool = kind(self._sandbox, close=self._close)

    def show(self, here: str) -> None:
        """Draw changes; `here` is the current conversation."""
        if isinstance(self._tool, FaultPanel):
            self._tool.show(here)
        elif self._tool is not None:
            self._tool.show()


REDRAW_SECONDS = 0.08


class BrowserTab:
    """Content of one browser tab."""

    def __init__(
        self, sandbox: SandboxWorkspace, *, spaces: Sequence[Workspace], who: str, where: str = ""
    ) -> None:
        """`spaces` are all workspaces; `where` is the ID of a conversation, empty for the first."""
        self._sandbox, self._workspace, self._spaces = sandbox, sandbox.workspace, spaces
        try:
            self.person = sandbox.person(who)
        except UnknownPerson:
            self.person = sandbox.person("ana")
        self.here = self._place(where)
        self._drawn_at: object = None

    def draw(self) -> None:
        """Draw the tab, and keep it up to date."""
        self._client = ui.context.client
        with element("div", css="app") as app:
            self._app = app
            # So that it receives key presses wherever the focus is.
            app.props["tabindex"] = "-1"
            self._bar = TopBar(
                element("header", css="top-bar"),
                self._workspace,
                become=self._switch,
                menu=self._menu,
                toggle=self._toggle,
            )
            self._banner = FaultBanner(element("div", css="banner", testid="banner"), self._sandbox)
            with element("div", css="columns"):
                with element("nav", css="sidebar", testid="sidebar") as sidebar:
                    sidebar.props["aria-label"] = "Channels and direct messages"
                shade = element("div", css="shade")
                shade.on("click", self._menu)
                self._pane = element("main", css="pane", testid="pane")
                self._panel = element("aside", css="panel", testid="thread")
                self._panel.props["aria-label"] = "Thread"
                tools = element("aside", css="tools", testid="tools")
                tools.props["aria-label"] = "Tools of the sandbox"
            layer = element("div", css="layer")
            layer.set_visibility(False)
        self._layer = layer
        self._tools = ToolPanel(tools, app, self._sandbox, close=lambda: self._toggle(self._tools.open))
        self._sidebar = Sidebar(
            sidebar, self._spaces, go=self.go, add=self._add_channel, enter=self._enter, install=self._install
        )
        # Only if no element in front has handled it: suggestions, menus and modals take precedence.
        app.on("keydown.esc", self._escape)
        self.become(self.person)
        # Polling one number is simpler than notifying every tab from every thread, and fast enough.
        ui.timer(REDRAW_SECONDS, self._look)

    def become(self, person: SandboxPerson) -> None:
        """Switch to another user."""
        self.person = person
        self._modal = Modal(self._layer, self._sandbox.client, person, self.act)
        remove_content(self._layer)
        self.go(self._place(self.here))

    def go(self, place: str) -> None:
        """Open a channel, or the direct messages with a person given as @ID."""
        channel = (
            self._workspace.direct(self.person.id, place[1:])
            if place[:1] == "@"
            else self._workspace.channel(place)
        )
        self.here = channel.id
        # After a reload the user is in the same place and sees the responses there.
        at = f"at={self._workspace.team.id}&" if len(self._spaces) > 1 else ""
        address = f"?{at}as={self.person.account.handle}&in={channel.id}"
        self._client.run_javascript(f"history.replaceState(null, '', {address!r})")
        # The page on which an app is permitted knows from it who installs it where.
        here = f"{HERE_COOKIE}={self._workspace.team.id}/{self.person.id}; path=/; SameSite=Lax"
        self._client.run_javascript(f"document.cookie = {here!r}")
        self._app.classes(remove="menu-open")
        self._close_thread()
        remove_content(self._pane)
        with self._pane:
            self._conversation = ConversationPane(
                self._sandbox,
                self.person,
                channel,
                act=self.act,
                open_thread=self.open_thread,
                go=self.go,
                use_shortcut=self._use_shortcut,
            )
        self._draw_again()

    def open_thread(self, ts: str) -> None:
        """Open a thread in the right panel."""
        remove_content(self._panel)
        with self._panel:
            self._thread = ThreadPanel(
                self._sandbox,
                self.person,
                self._channel,
                ts,
                act=self.act,
                close=self._close_thread,
                go=self.go,
                use_shortcut=self._use_shortcut,
            )
        self._app.classes(add="thread-open")
        self._draw_again()

    async def act(self, action: Callable[[], Delivery | None]) -> None:
        """Run an action that waits for the bot in the background, and show errors."""
        delivery = await run.io_bound(action)
        # The pressed element may have been removed, so the tab itself is the parent.
        with self._client:
            self._after(delivery)

    def _after(self, delivery: Delivery | None) -> None:
        self._keep_true()
        error = delivery.error if delivery is not None else None
        if error == APP_FAILED and not self._modal.tell(error):
            ui.notify(error, type="negative", position="bottom")

    @property
    def _channel(self) -> SlackChannel:
        return self._workspace.channel(self.here)

    def _place(self, wanted: str) -> str:
        """Return the wanted conversation if the person may see it, else their first one."""
        try:
            channel = self._workspace.channel(wanted)
        except UnknownConversation:
            return self._first_place()
        hidden = (channel.is_im or channel.is_private) and self.person.id not in channel.members
        return self._first_place() if hidden else channel.id

    def _first_place(self) -> str:
        me = self.person.id
        mine = [one for one in self._workspace.channels if me in one.members and not one.is_archived]
        return mine[0].id if mine else self._workspace.direct(me).id

    def _switch(self, person_id: str) -> None:
        self.become(SandboxPerson(self._sandbox.client, person_id))

    async def _use_shortcut(self, shortcut: AppShortcut) -> None:
        await self.act(
            lambda: self._sandbox.client.global_shortcut(self.person.account, shortcut.callback_id)
        )

    def _add_channel(self) -> None:
        ask_for_channel(self.person, go=self.go)

    def _enter(self, team: str) -> None:
        ui.navigate.to(f"/?at={team}&as={self.person.account.handle}")

    def _install(self) -> None:
        ui.navigate.to(self._sandbox.install_url)

    def _toggle(self, tool: str) -> None:
        self._tools.toggle(tool)
        self._draw_again()
        self._client.run_javascript("setTimeout(pinMessages, 60)")

    def _menu(self) -> None:
        self._app.classes(toggle="menu-open")

    async def _escape(self) -> None:
        view = self._sandbox.client.parts.views.top(self.person.id)
        if view is not None:
            # Pressed before the newly opened form had the focus.
            await self.act(lambda: self._sandbox.client.close(self.person.account, view))
        elif self._thread is not None:
            self._close_thread()
        elif self._tools.open:
            self._toggle(self._tools.open)
        self._app.classes(remove="menu-open")

    def _close_thread(self) -> None:
        self._thread: ThreadPanel | None = None
        self._app.classes(remove="thread-open")
        remove_content(self._panel)

    def _look(self) -> None:
        # A closed tab lives on for a while, and must not mark messages as read.
        if self._client.has_socket_connection:
            self._keep_true()

    def _draw_again(self) -> None:
        self._drawn_at = None
        self._keep_true()

    def _keep_true(self) -> None:
        # Includes the minute, because the page shows local times.
        now = (self._workspace.revision, int(self._workspace.clock.now() // 60))
        if self._drawn_at == now:
            return
        self._drawn_at = now
        try:
            self._conversation.show()
        except UnknownConversation:
            self.go(self._first_place())
            return
        if self._thread is not None:
            self._thread.show()
        self._modal.show()
        self._sidebar.show(self._sandbox, self.person, self.here)
        self._bar.show(self.person.id, self._tools.open)
        self._banner.show()
        self._tools.show(self.here)
