"""Selection of the workspace for a call with the token of a whole organization."""

from collections.abc import Sequence

from bot.sandbox.api_methods import MethodContext
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.open_views.view_stacks import ViewRefused
from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson

TAKES_TEAM = frozenset({"conversations.list", "users.list"})
"""Methods that need `team_id` with the token of an organization."""


def select_workspace(name: str, arguments: ApiArguments, members: Sequence[MethodContext]) -> MethodContext:
    """Return the workspace that a call concerns; raises ApiError."""
    team = arguments.text("team_id") or (arguments.text("team") if name == "team.info" else None)
    if team is not None:
        named = next((one for one in members if one.workspace.team.id == team), None)
        if named is None:
            raise ApiError("team_access_not_granted")
        return named
    if name in TAKES_TEAM:
        raise ApiError("missing_argument")
    return next((one for one in members if _knows(one, arguments)), members[0])


def _knows(parts: MethodContext, arguments: ApiArguments) -> bool:
    """Return whether a workspace has the object that a call names."""
    channel = arguments.text("channel") or arguments.text("channel_id") or arguments.text("channels")
    trigger, view = arguments.text("trigger_id"), arguments.text("view_id")
    file, canvas = arguments.text("file"), arguments.text("canvas_id")
    person = arguments.text("user") or arguments.text("users") or arguments.text("user_id")
    if channel is not None:
        return _has_channel(parts, channel.split(",")[0])
    if trigger is not None:
        return parts.triggers.knows(trigger)
    if view is not None:
        return _has_view(parts, view)
    if file is not None:
        return any(one.id == file for one in parts.workspace.files.all())
    if canvas is not None:
        return any(one.id == canvas for one in parts.workspace.canvases.all())
    return person is not None and _has_person(parts, person)


def _has_channel(parts: MethodContext, channel: str) -> bool:
    if channel.startswith(("U", "W")):
        return _has_person(parts, channel)
    try:
        parts.workspace.channel(channel)
    except UnknownConversation:
        return False
    return True


def _has_person(parts: MethodContext, person: str) -> bool:
    try:
        parts.workspace.person(person)
    except UnknownPerson:
        return False
    return True


def _has_view(parts: MethodContext, view: str) -> bool:
    try:
        parts.views.find(view_id=view)
    except ViewRefused:
        return False
    return True
