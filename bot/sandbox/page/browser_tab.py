"""One browser tab: its user, its conversation, and its updates."""

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import run, ui
from nicegui.element import Element

from bot.sandbox.browser_endpoints import HERE_COOKIE
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.conversation_pane import ConversationPane, ThreadPanel
from bot.sandbox.page.element_rendering import Surface, UserContext
from bot.sandbox.page.fault_panel import FaultBanner, FaultPanel
from bot.sandbox.page.html_elements import avatar_html, button, element, html, icon, remove_content
from bot.sandbox.page.inspector import Inspector
from bot.sandbox.page.sidebar import INSPECTOR, Sidebar, TopBar, ask_for_channel
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.slack_client import APP_FAILED
from bot.sandbox.slack_json import text_of
from bot.sandbox.users.mrkdwn import plain_to_html
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson, Workspace


class Modal:
    """View on top of a user's stack, redrawn when the bot changes it."""

    def __init__(self, layer: Element, user: UserContext) -> None:
        self._layer, self._user = layer, user
        self._client, self._person = user.sandbox.client, user.person
        self._shown: tuple[str, str, tuple[tuple[str, str], ...]] | None = None
        self._trouble: Element | None = None
        self._body: Element | None = None

    def show(self) -> None:
        """Draw the top view, if the page does not show it already."""
        view = self._client.parts.views.top(self._person.id)
        now = (view.id, view.hash, tuple(view.errors.items())) if view else None
        if now == self._shown:
            return
        self._shown = now
        remove_content(self._layer)
        self._layer.set_visibility(view is not None)
        if view is not None:
            with self._layer:
                self._draw(view)
            # A form reopened for another element starts at its first field, too.
            script = f"focusModal({'false' if view.errors else 'true'})"
            self._layer.client.run_javascript(script)
        else:
            self._layer.client.run_javascript("focusComposer()")

    def tell(self, sentence: str) -> bool:
        """Show a message at the bottom of the modal; return whether one is open."""
        if self._shown is None or self._trouble is None or self._trouble.is_deleted:
            return False
        self._trouble.clear()
        with self._trouble:
            html(plain_to_html(sentence))
        return True

    def _draw(self, view: DisplayedView) -> None:
        surface = Surface(self._user, view)
        depth = len(self._client.parts.views.stack(self._person.id))
        title, close = text_of(view.body.get("title")), partial(self._close, view)
        described = {"role": "dialog", "aria_modal": "true", "aria_label": title}
        with element("div", css=f"modal depth-{depth}", testid="modal", **described) as modal:
            # The page behind it also handles Escape, and must not receive this one.
            modal.on("keydown.esc.stop", close, js_handler="(event) => escapeModal(event, emit)")
            modal.on("keydown.tab", js_handler="stayInside")
            with element("div", css="modal-head"):
                if depth > 1:
                    back = icon("back", 20)
                    button(back, css="modal-x", label="Back", testid="modal-back", press=close)
                else:
                    html(avatar_html(self._client.workspace.person(BOT_USER_ID)), css="modal-app")
                html(plain_to_html(title), css="modal-title", tag="h2")
                whole = partial(self._close, view, all_of_them=True)
                button(icon("close", 20), css="modal-x", label="Close", testid="modal-x", press=whole)
            with element("div", css="modal-body") as self._body:
                draw_blocks(list(view.body.get("blocks", [])), surface)
            with element("div", css="modal-foot"):
                self._trouble = element("div", css="modal-trouble", testid="modal-trouble")
                submit = text_of(view.body.get("submit"))
                words = plain_to_html(text_of(view.body.get("close")) or ("Cancel" if submit else "Close"))
                button(words, css="btn btn-default", testid="modal-close", press=close)
                if submit:
                    self._submit(submit, view)

    async def _close(self, view: DisplayedView, *, all_of_them: bool = False) -> None:
        await self._user.act(lambda: self._client.close(self._person.account, view, all_of_them=all_of_them))

    def _submit(self, shown: str, view: DisplayedView) -> None:
        pressed = button(plain_to_html(shown), css="btn btn-primary", testid="modal-submit")

        async def submit() -> None:
            pressed.classes(add="busy")
            await self._user.act(lambda: self._client.submit(self._person.account, view))
            if not pressed.is_deleted:
                pressed.classes(remove="busy")

        pressed.on("click", submit)
        if self._body is not None:
            # As in Slack, Enter in a single-line field submits; by a click, so that there is one code path.
            click = f"(event) => clickOnEnter(event, getHtmlElement({pressed.id}))"
            self._body.on("keydown.enter", js_handler=click)


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
        if self._tool is not None:
            self._tool.show(here)


REDRAW_SECONDS = 0.08


class BrowserTab:
    """Content of one browser tab."""

    def __init__(
        self, sandbox: SandboxWorkspace, *, spaces: Sequence[Workspace], who: str, where: str = ""
    ) -> None:
        """`spaces` are all workspaces; `where` is the ID of a conversation, empty for the first."""
        self._sandbox, self._workspace, self._spaces = sandbox, sandbox.workspace, spaces
        try:
            person = sandbox.person(who)
        except UnknownPerson:
            person = sandbox.person("ana")
        self._user = self._context(person)
        self.here = self._place(where)
        self._drawn_at: object = None

    def draw(self) -> None:
        """Draw the tab, and keep it up to date."""
        self._client = ui.context.client
        # With a tab index, so that it receives key presses wherever the focus is.
        with element("div", css="app", tabindex="-1") as app:
            self._app = app
            self._bar = TopBar(
                element("header", css="top-bar"),
                self._workspace,
                become=self.become,
                menu=self._menu,
                toggle=self._toggle,
            )
            self._banner = FaultBanner(element("div", css="banner", testid="banner"), self._sandbox)
            with element("div", css="columns"):
                label = "Channels and direct messages"
                sidebar = element("nav", css="sidebar", testid="sidebar", aria_label=label)
                shade = element("div", css="shade")
                shade.on("click", self._menu)
                self._pane = element("main", css="pane", testid="pane")
                self._panel = element("aside", css="panel", testid="thread", aria_label="Thread")
                tools = element("aside", css="tools", testid="tools", aria_label="Tools of the sandbox")
            self._layer = element("div", css="layer")
            self._layer.set_visibility(False)
        self._tools = ToolPanel(tools, app, self._sandbox, close=lambda: self._toggle(self._tools.open))
        self._sidebar = Sidebar(
            sidebar,
            self._spaces,
            add=lambda: ask_for_channel(self._user),
            enter=lambda team: ui.navigate.to(f"/?at={team}&as={self._user.person.account.handle}"),
            install=lambda: ui.navigate.to(self._sandbox.install_url),
        )
        # Only if no element in front has handled it: suggestions, menus and modals take precedence.
        app.on("keydown.esc", self._escape)
        self.become(self._user.person.id)
        # Polling one number is simpler than notifying every tab from every thread, and fast enough.
        ui.timer(REDRAW_SECONDS, self._look)

    def become(self, person_id: str) -> None:
        """Switch to another user."""
        self._user = self._context(SandboxPerson(self._sandbox.client, person_id))
        self._modal = Modal(self._layer, self._user)
        remove_content(self._layer)
        self.go(self._place(self.here))

    def go(self, place: str) -> None:
        """Open a channel, or the direct messages with a person given as @ID."""
        channel = (
            self._workspace.direct(self._user.person.id, place[1:])
            if place[:1] == "@"
            else self._workspace.channel(place)
        )
        self.here = channel.id
        # After a reload the user is in the same place and sees the responses there.
        at = f"at={self._workspace.team.id}&" if len(self._spaces) > 1 else ""
        address = f"?{at}as={self._user.person.account.handle}&in={channel.id}"
        self._client.run_javascript(f"history.replaceState(null, '', {address!r})")
        # The page on which an app is permitted knows from it who installs it where.
        here = f"{HERE_COOKIE}={self._workspace.team.id}/{self._user.person.id}; path=/; SameSite=Lax"
        self._client.run_javascript(f"document.cookie = {here!r}")
        self._app.classes(remove="menu-open")
        self._close_thread()
        remove_content(self._pane)
        with self._pane:
            self._conversation = ConversationPane(self._user, channel)
        self._draw_again()

    def open_thread(self, ts: str) -> None:
        """Open a thread in the right panel."""
        remove_content(self._panel)
        with self._panel:
            channel = self._workspace.channel(self.here)
            self._thread = ThreadPanel(self._user, channel, ts, close=self._close_thread)
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

    def _context(self, person: SandboxPerson) -> UserContext:
        return UserContext(
            sandbox=self._sandbox, person=person, act=self.act, go=self.go, open_thread=self.open_thread
        )

    def _place(self, wanted: str) -> str:
        """Return the wanted conversation if the person may see it, else their first one."""
        try:
            channel = self._workspace.channel(wanted)
        except UnknownConversation:
            return self._first_place()
        hidden = (channel.is_im or channel.is_private) and self._user.person.id not in channel.members
        return self._first_place() if hidden else channel.id

    def _first_place(self) -> str:
        me = self._user.person.id
        for channel in self._workspace.channels:
            if me in channel.members and not channel.is_archived:
                return channel.id
        return self._workspace.direct(me).id

    def _toggle(self, tool: str) -> None:
        self._tools.toggle(tool)
        self._draw_again()
        self._client.run_javascript("setTimeout(pinMessages, 60)")

    def _menu(self) -> None:
        self._app.classes(toggle="menu-open")

    async def _escape(self) -> None:
        view = self._sandbox.client.parts.views.top(self._user.person.id)
        if view is not None:
            # Pressed before the newly opened form had the focus.
            await self.act(lambda: self._sandbox.client.close(self._user.person.account, view))
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
        self._sidebar.show(self._user, self.here)
        self._bar.show(self._user.person.id, self._tools.open)
        self._banner.show()
        self._tools.show(self.here)
