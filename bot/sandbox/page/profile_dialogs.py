"""Dialogs with a user's profile or a channel's details."""

from collections.abc import Callable
from functools import partial
from html import escape

from nicegui import ui

from bot.sandbox.page.avatar import avatar_html
from bot.sandbox.page.destinations import channel_mark
from bot.sandbox.page.dialogs import open_dialog
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.local_times import clock_time, zone_name
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import Workspace


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
