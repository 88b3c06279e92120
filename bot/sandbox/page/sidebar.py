"""Top bar and sidebar: workspaces, channels, people, and the dialogs about them."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

from msgspec import Struct
from nicegui.element import Element

from bot.sandbox.page.element_rendering import UserContext
from bot.sandbox.page.html_elements import (
    CHECKED,
    avatar_html,
    button,
    clock_time,
    count_of,
    dialog_button,
    element,
    html,
    icon,
    open_dialog,
    remove_content,
    replace_content,
    text_box,
    zone_name,
)
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
    if workspace.app.installed:
        opened[BOT_USER_ID] = workspace.direct(person.id).id
    found: list[Destination] = []
    for other in workspace.people:
        if other.id == person.id or (other.is_bot and other.id not in opened):
            continue
        where = opened.get(other.id)
        unread = workspace.unread(person.id, where) if where else 0
        is_missing = other.id == BOT_USER_ID and not workspace.app.installed
        found.append(
            Destination(
                id=where or f"@{other.id}",
                name=other.name,
                group=APPS if other.is_bot else DIRECT,
                mark=avatar_html(other, size="tiny"),
                unread=unread,
                calls=unread > 0,
                more="" if other.is_bot else f'<span class="their-time">{clock_time(now, other)}</span>',
                faded="not installed" if is_missing else "deactivated" if other.deleted else "",
            )
        )
    return sorted(found, key=lambda place: place.group == APPS)


def show_person(workspace: Workspace, person: SlackAccount, *, write: Callable[[], object] | None) -> None:
    """Show a person's picture, name, role and local time, and a button to message them."""
    with open_dialog("card-dialog profile", testid="profile") as dialog:
        html(avatar_html(person, size="huge"))
        html(escape(person.name), css="profile-name", tag="h2")
        html(f"@{escape(person.handle)}", css="soft")
        html(f"<b>{role(workspace, person)}</b>", css="profile-line")
        if not person.is_bot:
            now = workspace.clock.now()
            words = f"{clock_time(now, person)} local time · {escape(zone_name(person, now))}"
            html(f"{icon('clock')}<span>{words}</span>", css="profile-line")
        if write is not None:
            dialog_button(dialog, "Message", write, testid="write-to")


def show_channel(
    workspace: Workspace, channel: SlackChannel, reader: SlackAccount, *, leave: Callable[[], object] | None
) -> None:
    """Show a channel's topic, purpose and members, with their local times."""
    now = workspace.clock.now()
    members = [person for person in workspace.people if person.id in channel.members]
    with open_dialog("card-dialog", testid="about") as dialog:
        html(f"{channel_mark(channel, 20)}<span>{escape(channel.name)}</span>", css="about-name", tag="h2")
        for line in filter(None, (channel.topic, channel.purpose)):
            html(escape(line), css="soft")
        for holds, words in (
            (channel.is_private, "Private: visible to members only"),
            (channel.is_archived, "Archived: read-only"),
            (channel.is_ext_shared, "Shared with another organization"),
        ):
            if holds:
                html(words, css="about-state")
        html(count_of(len(members), "member"), css="about-title")
        with element("div", css="about-members"):
            for person in members:
                time = "" if person.is_bot else f'<span class="soft">{clock_time(now, person)}</span>'
                you = ' <span class="soft">(you)</span>' if person.id == reader.id else ""
                html(
                    f"{avatar_html(person, size='small')}<span><b>{escape(person.name)}</b>{you} "
                    f'<span class="soft">{role(workspace, person)}</span></span>{time}',
                    css="about-member",
                )
        if leave is not None:
            dialog_button(dialog, "Leave channel", leave, testid="leave")


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


LONGEST_NAME = 80


def ask_for_channel(user: UserContext) -> None:
    """Ask for a new channel's name, create the channel and open it."""
    answers: dict[str, Any] = {"name": "", "private": False}

    def make() -> None:
        name = channel_name(answers["name"])
        fault = name_fault(user.sandbox.workspace, name)
        if fault:
            trouble.set_content(f"<div>{fault}</div>")
            return
        channel = create_channel(user.person, name, is_private=answers["private"])
        dialog.close()
        user.go(channel.id)

    with open_dialog("card-dialog", testid="new-channel", closable=False) as dialog:
        html("Create a channel", css="about-name", tag="h2")
        html("Name", css="input-label")
        enter = partial(answers.__setitem__, "name")
        hints = {"placeholder": "e.g. garage", "maxlength": LONGEST_NAME}
        box = text_box(enter, label="Name", testid="channel-name", **hints)
        box.on("keydown.enter", make)
        trouble = html("", css="input-error-words")
        with element("label", css="box"):
            ticked = element("input", testid="channel-private", type="checkbox")
            tick = partial(answers.__setitem__, "private")
            ticked.on("change", lambda event: tick(bool(event.args)), js_handler=CHECKED)
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
        add: Callable[[], object],
        enter: Callable[[str], object],
        install: Callable[[], object],
    ) -> None:
        """`spaces` are all workspaces, which are listed if there are several."""
        self._frame, self._spaces = frame, spaces
        self._add, self._enter, self._install = add, enter, install
        self._drawn: dict[str, tuple[Destination, Element]] = {}
        self._outline: object = None
        self._here = ""

    def show(self, user: UserContext, here: str) -> None:
        """Draw the destinations, if any changed."""
        workspace = user.sandbox.workspace
        found = destinations(workspace, user.person.account)
        installable = bool(user.sandbox.install_url) and not workspace.app.installed
        outline = ([(one.id, one.group) for one in found], installable)
        if outline != self._outline:
            self._outline = outline
            self._draw(user, found, installable=installable)
            self._here = ""
        for place in found:
            known, entry = self._drawn[place.id]
            if known != place or self._here != here:
                self._drawn[place.id] = (place, entry)
                _show_place(entry, place, here=place.id == here)
        self._here = here

    def _draw(self, user: UserContext, found: list[Destination], *, installable: bool) -> None:
        workspace = user.sandbox.workspace
        self._drawn.clear()
        remove_content(self._frame)
        with self._frame:
            if len(self._spaces) > 1:
                html(WORKSPACES, css="group-title")
                for space in self._spaces:
                    is_here = space.team.id == workspace.team.id
                    button(
                        f'<span class="hash">{icon("home")}</span>'
                        f'<span class="place-name">{escape(space.team.name)}</span>',
                        css="place here" if is_here else "place",
                        testid=f"at-{space.team.domain}",
                        press=partial(self._enter, space.team.id),
                        **({"aria_current": "true"} if is_here else {}),
                    )
            for group in (CHANNELS, DIRECT, APPS):
                html(group, css="group-title")
                for place in found:
                    if place.group == group:
                        entry = button("", css="place", press=partial(user.go, place.id))
                        self._drawn[place.id] = (place, entry)
                if group == CHANNELS:
                    _add_entry("Add a channel", "add-channel", self._add)
                if group == APPS and installable:
                    _add_entry(f"Add {workspace.app.name}", "add-app", self._install)


def _add_entry(words: str, testid: str, press: Callable[[], object]) -> None:
    shown = f'<span class="hash">{icon("plus", 14)}</span><span>{escape(words)}</span>'
    button(shown, css="place add-channel", testid=testid, press=press)


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
    words = ", ".join(
        part for part in (place.name, place.faded, f"{unread} unread" if unread else "") if part
    )
    entry.props.update({"data-testid": f"place-{place.name}", "aria-label": words, "title": words})
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
            label = "Channels and direct messages"
            button(icon("menu", 20), css="menu-button", label=label, testid="menu", press=menu)
            html(
                f'<b>{escape(workspace.team.name)}</b><span class="sandbox-word">sandbox</span>',
                css="workspace-name",
            )
            self._switcher = element(
                "div", css="switcher", testid="switcher", role="group", aria_label="Act as"
            )
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
        people = [person for person in self._workspace.people if not person.is_bot]
        if self._drawn == (people, me):
            return
        self._drawn = (people, me)
        remove_content(self._switcher)
        with self._switcher:
            html("Act as", css="switcher-title")
            for person in people:
                css = "who" + (" me" if person.id == me else "") + (" gone" if person.deleted else "")
                button(
                    f'{avatar_html(person, size="small")}<span class="who-name">{escape(person.name)}</span>',
                    css=css,
                    label=f"Act as {person.name}" + (" (deactivated)" if person.deleted else ""),
                    testid=f"be-{person.handle}",
                    press=partial(self._become, person.id),
                    aria_pressed="true" if person.id == me else "false",
                )
