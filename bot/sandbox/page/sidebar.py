"""Top bar and sidebar: workspaces, channels, people, and the dialogs about them."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from html import escape

from msgspec import Struct
from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from bot.sandbox.page.element_rendering import open_dialog
from bot.sandbox.page.html_elements import (
    avatar_html,
    button,
    clock_time,
    element,
    html,
    icon,
    remove_content,
    replace_content,
    zone_name,
)
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import SandboxPerson
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation, Workspace

WORKSPACES, CHANNELS, DIRECT, APPS = "Workspaces", "Channels", "Direct messages", "Apps"


class Destination(Struct, frozen=True, kw_only=True):
    """One entry of the sidebar."""

    id: str
    """A conversation's ID, or @ and a person's ID if there is no conversation with them yet."""
    name: str
    group: str
    mark: str
    """HTML before the name."""
    unread: int = 0
    calls: bool = False
    """Whether unread messages concern this person: mentions, or direct messages."""
    more: str = ""
    """HTML after the name."""
    faded: str = ""
    """Why it is displayed faded, if it is."""


def destinations(workspace: Workspace, person: SlackAccount) -> list[Destination]:
    """Return every destination of a person, in the order of the sidebar."""
    mine = [one for one in workspace.channels if not one.is_private or person.id in one.members]
    ordered = sorted(mine, key=lambda one: one.is_archived)
    return [*(_channel(workspace, person, one) for one in ordered), *_direct(workspace, person)]


def channel_mark(channel: SlackChannel, size: int = 16) -> str:
    """Return the icon before a channel's name: a box if archived, a lock if private, else #."""
    name = "archive" if channel.is_archived else "lock" if channel.is_private else "hash"
    return icon(name, size)


def shared_mark(channel: SlackChannel) -> str:
    """Return the icon after the name of a channel shared with another organization."""
    if not channel.is_ext_shared:
        return ""
    return f'<span class="shared-mark" title="Shared with another organization">{icon("shared", 14)}</span>'


def _channel(workspace: Workspace, person: SlackAccount, channel: SlackChannel) -> Destination:
    member = person.id in channel.members
    return Destination(
        id=channel.id,
        name=channel.name,
        group=CHANNELS,
        mark=f'<span class="hash">{channel_mark(channel)}</span>',
        unread=workspace.unread(person.id, channel.id) if member else 0,
        calls=member and workspace.mentions(person.id, channel.id) > 0,
        more=shared_mark(channel),
        faded="archived" if channel.is_archived else "" if member else "not a member",
    )


def _direct(workspace: Workspace, person: SlackAccount) -> list[Destination]:
    now = workspace.clock.now()
    opened = {
        next(iter(one.members - {person.id}), person.id): one.id for one in workspace.direct_of(person.id)
    }
    installed = workspace.app.installed
    if installed:
        opened[BOT_USER_ID] = workspace.direct(person.id).id
    found: list[Destination] = []
    for one in workspace.people:
        if one.id == person.id or (one.is_bot and one.id not in opened):
            continue
        where = opened.get(one.id)
        unread = workspace.unread(person.id, where) if where else 0
        found.append(
            Destination(
                id=where or f"@{one.id}",
                name=one.name,
                group=APPS if one.is_bot else DIRECT,
                mark=avatar_html(one, size="tiny"),
                unread=unread,
                calls=unread > 0,
                more="" if one.is_bot else f'<span class="their-time">{clock_time(now, one)}</span>',
                faded=_fading(one, installed=installed),
            )
        )
    return sorted(found, key=lambda one: one.group == APPS)


def _fading(one: SlackAccount, *, installed: bool) -> str:
    if one.id == BOT_USER_ID and not installed:
        return "not installed"
    return "deactivated" if one.deleted else ""


def show_person(workspace: Workspace, person: SlackAccount, *, write: Callable[[], object] | None) -> None:
    """Show a person's picture, name, role and local time, and a button to message them."""
    with open_dialog("card-dialog profile", testid="profile") as dialog:
        _closer(dialog)
        html(avatar_html(person, size="huge"))
        html(escape(person.name), css="profile-name", tag="h2")
        html(f"@{escape(person.handle)}", css="soft")
        html(f"<b>{role(workspace, person)}</b>", css="profile-line")
        if not person.is_bot:
            now = workspace.clock.now()
            zone = escape(zone_name(person, now))
            html(
                f"{icon('clock')}<span>{clock_time(now, person)} local time · {zone}</span>",
                css="profile-line",
            )
        if write is not None:

            def go() -> None:
                dialog.close()
                write()

            button("Message", css="btn btn-default", testid="write-to", press=go)


def show_channel(
    workspace: Workspace, channel: SlackChannel, reader: SlackAccount, *, leave: Callable[[], object] | None
) -> None:
    """Show a channel's topic, purpose and members, with their local times."""
    now = workspace.clock.now()
    members = [one for one in workspace.people if one.id in channel.members]
    with open_dialog("card-dialog", testid="about") as dialog:
        _closer(dialog)
        html(f"{channel_mark(channel, 20)}<span>{escape(channel.name)}</span>", css="about-name", tag="h2")
        for line in filter(None, (channel.topic, channel.purpose)):
            html(escape(line), css="soft")
        states = [
            ("Private: visible to members only", channel.is_private),
            ("Archived: read-only", channel.is_archived),
            ("Shared with another organization", channel.is_ext_shared),
        ]
        for words, holds in states:
            if holds:
                html(words, css="about-state")
        html(f"{len(members)} {'member' if len(members) == 1 else 'members'}", css="about-title")
        with element("div", css="about-members"):
            for one in members:
                time = "" if one.is_bot else f'<span class="soft">{clock_time(now, one)}</span>'
                you = ' <span class="soft">(you)</span>' if one.id == reader.id else ""
                html(
                    f"{avatar_html(one, size='small')}<span><b>{escape(one.name)}</b>{you} "
                    f'<span class="soft">{role(workspace, one)}</span></span>{time}',
                    css="about-member",
                )
        if leave is not None:

            def go() -> None:
                dialog.close()
                leave()

            button("Leave channel", css="btn btn-default", testid="leave", press=go)


def role(workspace: Workspace, person: SlackAccount) -> str:
    """Return the type of a person's account in one or two words."""
    if person.deleted:
        return "Deactivated"
    if person.is_bot:
        return "App"
    if person.team != workspace.team.id:
        return "Other organization"
    if person.is_restricted:
        return "Guest"
    return "Administrator" if person.is_admin else "Member"


def _closer(dialog: ui.dialog) -> None:
    button(icon("close", 18), css="panel-x dialog-x", label="Close", press=partial(dialog.close))


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


class Sidebar:
    """List of the conversations a user can open."""

    def __init__(
        self,
        frame: Element,
        spaces: Sequence[Workspace],
        *,
        go: Callable[[str], None],
        add: Callable[[], object],
        enter: Callable[[str], object],
        install: Callable[[], object],
    ) -> None:
        """`spaces` are all workspaces, which are listed if there are several."""
        self._frame, self._spaces = frame, spaces
        self._go, self._add, self._enter, self._install = go, add, enter, install
        self._drawn: dict[str, tuple[Destination, Element]] = {}
        self._outline: object = None
        self._here = ""

    def show(self, sandbox: SandboxWorkspace, person: SandboxPerson, here: str) -> None:
        """Draw the destinations, if any changed."""
        found = destinations(sandbox.workspace, person.account)
        installable = bool(sandbox.install_url) and not sandbox.workspace.app.installed
        outline = ([(one.id, one.group) for one in found], installable)
        if outline != self._outline:
            self._outline = outline
            self._draw(sandbox.workspace, found, installable=installable)
            self._here = ""
        for place in found:
            known, entry = self._drawn[place.id]
            if known != place or self._here != here:
                self._drawn[place.id] = (place, entry)
                _show_place(entry, place, here=place.id == here)
        self._here = here

    def _draw(self, workspace: Workspace, found: list[Destination], *, installable: bool) -> None:
        self._drawn.clear()
        remove_content(self._frame)
        with self._frame:
            if len(self._spaces) > 1:
                html(WORKSPACES, css="group-title")
                for one in self._spaces:
                    self._draw_workspace(one, here=one.team.id == workspace.team.id)
            for group in (CHANNELS, DIRECT, APPS):
                html(group, css="group-title")
                for place in found:
                    if place.group == group:
                        entry = button("", css="place", press=partial(self._go, place.id))
                        self._drawn[place.id] = (place, entry)
                if group == CHANNELS:
                    shown = f'<span class="hash">{icon("plus", 14)}</span><span>Add a channel</span>'
                    button(shown, css="place add-channel", testid="add-channel", press=self._add)
                if group == APPS and installable:
                    name = escape(workspace.app.name)
                    shown = f'<span class="hash">{icon("plus", 14)}</span><span>Add {name}</span>'
                    button(shown, css="place add-channel", testid="add-app", press=self._install)

    def _draw_workspace(self, workspace: Workspace, *, here: bool) -> None:
        name = f'<span class="place-name">{escape(workspace.team.name)}</span>'
        entry = button(
            f'<span class="hash">{icon("home")}</span>{name}',
            css="place here" if here else "place",
            testid=f"at-{workspace.team.domain}",
            press=partial(self._enter, workspace.team.id),
        )
        if here:
            entry.props["aria-current"] = "true"


def _show_place(entry: Element, place: Destination, *, here: bool) -> None:
    unread = place.unread if not here else 0
    css = "place" + (" here" if here else "") + (" unread" if unread else "")
    css += " faded" if place.faded else ""
    css += " gone" if place.faded in ("archived", "deactivated") else ""
    badge = f'<span class="badge{" calls" if place.calls else ""}">{min(unread, 99)}</span>' if unread else ""
    replace_content(
        entry, f'{place.mark}<span class="place-name">{escape(place.name)}</span>{place.more}{badge}'
    )
    entry.classes(replace=css)
    said = ", ".join(part for part in (place.name, place.faded, f"{unread} unread" if unread else "") if part)
    entry.props["data-testid"] = f"place-{place.name}"
    entry.props["aria-label"] = said
    entry.props["title"] = said
    if here:
        entry.props["aria-current"] = "page"
    else:
        entry.props.pop("aria-current", None)


INSPECTOR, FAULTS = "inspector", "faults"
_TOOLS = ((INSPECTOR, "Inspector", "inspect"), (FAULTS, "Faults", "storm"))


class TopBar:
    """Top bar, redrawn when an account changes."""

    def __init__(
        self,
        frame: Element,
        workspace: Workspace,
        *,
        become: Callable[[str], None],
        menu: Callable[[], None],
        toggle: Callable[[str], None],
    ) -> None:
        self._workspace, self._become = workspace, become
        self._drawn: object = None
        with frame:
            button(
                icon("menu", 20),
                css="menu-button",
                label="Channels and direct messages",
                testid="menu",
                press=menu,
            )
            html(
                f'<b>{escape(workspace.team.name)}</b><span class="sandbox-word">sandbox</span>',
                css="workspace-name",
            )
            self._switcher = element("div", css="switcher", testid="switcher")
            self._switcher.props["role"] = "group"
            self._switcher.props["aria-label"] = "Act as"
            with element("div", css="tool-buttons"):
                self._tools = {
                    name: button(
                        f"{icon(drawing, 17)}<span>{label}</span>",
                        css="tool-button",
                        label=label,
                        testid=f"open-{name}",
                        press=partial(toggle, name),
                    )
                    for name, label, drawing in _TOOLS
                }

    def show(self, me: str, tool: str) -> None:
        """Draw the available accounts, and the current tool."""
        for name, drawn in self._tools.items():
            drawn.props["aria-pressed"] = "true" if name == tool else "false"
        people = [one for one in self._workspace.people if not one.is_bot]
        if self._drawn == (people, me):
            return
        self._drawn = (people, me)
        remove_content(self._switcher)
        with self._switcher:
            html("Act as", css="switcher-title")
            for one in people:
                self._who(one, mine=one.id == me)

    def _who(self, one: SlackAccount, *, mine: bool) -> None:
        css = "who" + (" me" if mine else "") + (" gone" if one.deleted else "")
        who = button(
            f'{avatar_html(one, size="small")}<span class="who-name">{escape(one.name)}</span>',
            css=css,
            label=f"Act as {one.name}" + (" (deactivated)" if one.deleted else ""),
            testid=f"be-{one.handle}",
            press=partial(self._become, one.id),
        )
        who.props["aria-pressed"] = "true" if mine else "false"
