"""The bot's Home tab."""

from nicegui.element import Element

from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.page.block_rendering import draw_blocks
from bot.sandbox.page.deferred_removal import remove_content
from bot.sandbox.page.element_interactions import Act, ViewSurface
from bot.sandbox.page.html_elements import element, html
from bot.sandbox.slack_json import json_objects
from bot.sandbox.users.user_actions import SandboxPerson


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
