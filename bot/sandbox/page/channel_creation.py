"""Dialog that creates a channel."""

import re
from collections.abc import Callable

from nicegui.events import GenericEventArguments

from bot.sandbox.page.dialogs import open_dialog
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation, Workspace

LONGEST_NAME = 80


def ask_for_channel(person: SandboxPerson, *, go: Callable[[str], None]) -> None:
    """Ask for a new channel's name, create the channel and open it."""
    typed = {"name": ""}
    private = {"is": False}

    def take(event: GenericEventArguments) -> None:
        typed["name"] = str(event.args)

    def tick(event: GenericEventArguments) -> None:
        private["is"] = bool(event.args)

    def make() -> None:
        name = channel_name(typed["name"])
        fault = name_fault(person.workspace, name)
        trouble.clear()
        if fault:
            with trouble:
                html(fault)
            return
        channel = create_channel(person, name, is_private=private["is"])
        dialog.close()
        go(channel.id)

    with open_dialog("card-dialog", testid="new-channel") as dialog:
        html("Create a channel", css="about-name", tag="h2")
        html("Name", css="input-label")
        box = element("input", css="field", testid="channel-name")
        box.props.update({"aria-label": "Name", "placeholder": "e.g. garage", "maxlength": LONGEST_NAME})
        box.on("input", take, js_handler="(event) => emit(event.target.value)")
        box.on("keydown.enter", make)
        trouble = element("div", css="input-error-words")
        with element("label", css="box"):
            ticked = element("input", testid="channel-private")
            ticked.props["type"] = "checkbox"
            ticked.on("change", tick, js_handler="(event) => emit(event.target.checked)")
            html("Private: visible to invited people only", tag="span")
        with element("div", css="confirm-buttons"):
            button("Cancel", css="btn btn-default", press=dialog.close)
            button("Create", css="btn btn-primary", testid="create-channel", press=make)


def channel_name(typed: str) -> str:
    """Convert typed text to a valid Slack channel name."""
    return re.sub(r"[^\w\-]+", "-", typed.strip().lower()).strip("-")[:LONGEST_NAME]


def name_fault(workspace: Workspace, name: str) -> str:
    """Return the error in a new channel's name; empty if it is valid."""
    if not name:
        return "Give the channel a name."
    try:
        workspace.channel(name)
    except UnknownConversation:
        return ""
    return f"The channel {name} already exists. Choose another name."


def create_channel(person: SandboxPerson, name: str, *, is_private: bool) -> SlackChannel:
    """Create a channel with one member."""
    workspace = person.workspace
    channel = SlackChannel(
        id=workspace.new_id("C"),
        name=name,
        members=frozenset({person.id}),
        created=int(workspace.clock.now()),
        is_private=is_private,
    )
    workspace.change_channel(channel)
    return channel
