"""One browser tab: who sits there, where they are, and keeping what they see true."""

from collections.abc import Callable

from nicegui import run, ui

from bot.sandbox.cast import Channel
from bot.sandbox.delivery import Delivery
from bot.sandbox.desk import TROUBLE, Desk
from bot.sandbox.page.conversation import Conversation
from bot.sandbox.page.html import element
from bot.sandbox.page.modal import Modal
from bot.sandbox.page.sidebar import ReadMarks, Sidebar
from bot.sandbox.page.thread_panel import ThreadPanel
from bot.sandbox.page.top_bar import draw_top_bar
from bot.sandbox.people import SandboxPerson
from bot.sandbox.workspace import UnknownPerson

REDRAW_SECONDS = 0.08


class Screen:
    """Everything one tab shows."""

    def __init__(self, desk: Desk, marks: ReadMarks, *, who: str) -> None:
        self._desk, self._marks = desk, marks
        try:
            account = desk.workspace.person(who)
        except UnknownPerson:
            account = desk.workspace.person("ana")
        self.person = SandboxPerson(desk, account.id)
        self.here = desk.workspace.channels[0].id
        if self.person.id not in desk.workspace.channels[0].members:
            self.here = desk.workspace.channel("general").id
        self._revision = -1

    def draw(self) -> None:
        """Draw the tab for the first time, and keep it true from then on."""
        self._client = ui.context.client
        with element("div", css="app") as app:
            self._app = app
            self._bar = element("header", css="top-bar")
            with element("div", css="columns"):
                with element("nav", css="sidebar", testid="sidebar") as sidebar:
                    sidebar.props["aria-label"] = "Channels and direct messages"
                self._pane = element("main", css="pane", testid="pane")
                self._panel = element("aside", css="panel", testid="thread")
            layer = element("div", css="layer")
            layer.set_visibility(False)
        self._layer = layer
        self._sidebar = Sidebar(sidebar, self._marks, go=self.go)
        self.become(self.person)
        # Polling one number is simpler than calling every tab from every thread, and as quick to the eye.
        ui.timer(REDRAW_SECONDS, self._keep_true)

    def become(self, person: SandboxPerson) -> None:
        """Sit down as somebody else."""
        self.person = person
        self._modal = Modal(self._layer, self._desk, person, self.act)
        self._layer.clear()
        self._bar.clear()
        with self._bar:
            draw_top_bar(
                self._desk, person, become=self._switch, use_shortcut=self._use_shortcut, menu=self._menu
            )
        channel = self._desk.workspace.channel(self.here)
        mine = person.id in channel.members if channel.is_im else True
        self.go(self.here if mine else self._desk.workspace.channels[0].id)

    def go(self, place: str) -> None:
        """Go to a channel or to direct messages."""
        workspace = self._desk.workspace
        channel = (
            workspace.direct(self.person.id, place[1:]) if place[:1] == "@" else workspace.channel(place)
        )
        self.here = channel.id
        self._app.classes(remove="menu-open")
        self._close_thread()
        self._pane.clear()
        with self._pane:
            self._conversation = Conversation(
                self._desk, self.person, channel, act=self.act, open_thread=self.open_thread, menu=self._menu
            )
        self._revision = -1
        self._keep_true()

    def open_thread(self, ts: str) -> None:
        """Show a thread at the right."""
        self._panel.clear()
        with self._panel:
            self._thread = ThreadPanel(
                self._desk, self.person, self._channel, ts, act=self.act, close=self._close_thread
            )
        self._app.classes(add="thread-open")
        self._revision = -1
        self._keep_true()

    async def act(self, deed: Callable[[], Delivery | None]) -> None:
        """Do something that waits for the bot, beside the page, and show what went wrong."""
        delivery = await run.io_bound(deed)
        # What was pressed may be gone from the page by now, so the tab itself is what to draw into.
        with self._client:
            self._after(delivery)

    def _after(self, delivery: Delivery | None) -> None:
        self._keep_true()
        error = delivery.error if delivery is not None else None
        if error == TROUBLE and not self._modal.tell(error):
            ui.notify(error, type="negative", position="bottom")

    @property
    def _channel(self) -> Channel:
        return self._desk.workspace.channel(self.here)

    def _switch(self, person_id: str) -> None:
        self.become(SandboxPerson(self._desk, person_id))
        handle = self.person.account.handle
        self._client.run_javascript(f"history.replaceState(null, '', '?as={handle}')")

    async def _use_shortcut(self, callback_id: str) -> None:
        await self.act(lambda: self._desk.global_shortcut(self.person.account, callback_id))

    def _menu(self) -> None:
        self._app.classes(toggle="menu-open")

    def _close_thread(self) -> None:
        self._thread: ThreadPanel | None = None
        self._app.classes(remove="thread-open")
        self._panel.clear()

    def _keep_true(self) -> None:
        workspace = self._desk.workspace
        if self._revision == workspace.revision:
            return
        self._revision = workspace.revision
        last = self._conversation.show()
        if last:
            self._marks.read(self.person.id, self.here, last)
        if self._thread is not None:
            self._thread.show()
        self._modal.show()
        self._sidebar.show(workspace, self.person, self.here)
