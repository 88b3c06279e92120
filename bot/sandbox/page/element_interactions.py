"""Surfaces that contain blocks, and the handling of interactions with them."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.sandbox.block_kit.element_state import InteractiveElement, initial_state
from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.open_views.view_stacks import DisplayedView, ViewRefused
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.slack_json import Json
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.workspace_state import PostedMessage

Act = Callable[[Callable[[], Delivery | None]], Awaitable[None]]
"""Runs an action that waits for the bot in the background, and shows errors."""


class Surface(Protocol):
    """A message, modal or Home tab with interactive elements in it."""

    person: SandboxPerson

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        ...

    def error(self, block_id: str) -> str | None:
        """Return the error message beside a field."""
        ...

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Store an interaction, and send it to the bot if required."""
        ...


class MessageSurface:
    """Interactive elements of a message."""

    def __init__(self, client: SlackClient, person: SandboxPerson, message: PostedMessage, act: Act) -> None:
        self.person = person
        self._client, self._message, self._act = client, message, act

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        held = self._client.held(self.person.account, self._message)
        return held.get((control.block_id, control.action_id)) or initial_state(control.element)

    def error(self, block_id: str) -> str | None:
        """Return nothing: messages have no errors beside fields."""
        del block_id
        return None

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Send a press to the bot."""
        if not control.dispatches:
            self._client.enter_in_message(self.person.account, self._message, control, state)
            return
        current = self._client.workspace.message(self._message.channel, self._message.ts) or self._message
        await self._act(lambda: self._client.click_in_message(self.person.account, current, control, state))


class ViewSurface:
    """Interactive elements of a modal or Home tab."""

    def __init__(self, client: SlackClient, person: SandboxPerson, view: DisplayedView, act: Act) -> None:
        self.person = person
        self._client, self._view, self._act = client, view, act

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        return self._view.held.get((control.block_id, control.action_id)) or initial_state(control.element)

    def error(self, block_id: str) -> str | None:
        """Return the error message beside a field."""
        return self._view.errors.get(block_id)

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Keep the entered value; send the bot a press."""
        if control.dispatches:
            await self._act(
                lambda: self._client.click_in_view(self.person.account, self._view, control, state)
            )
            return
        try:
            self._client.parts.views.enter(self._view, control.block_id, control.action_id, state)
        except ViewRefused:
            # It was closed in another tab while this one was still in use.
            return
