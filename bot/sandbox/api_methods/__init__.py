"""Methods of the Web API, one module for each family."""

from collections.abc import Callable

from msgspec import Struct

from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.open_views import ViewStacks
from bot.sandbox.slack_json import ApiError, Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.installed_places import InstalledPlaces, OAuthCodes
from bot.sandbox.workspace.seed_data import SlackChannel
from bot.sandbox.workspace.trigger_ids import ResponseUrls, TriggerIds
from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson, Workspace

TIER_2, TIER_3, TIER_4 = 20, 50, 100
"""Minimum rate in calls per minute of each tier that Slack publishes."""
SPECIAL = 300
"""Calls per minute for methods to which Slack grants *hundreds*."""


class MethodContext(Struct, frozen=True, kw_only=True):
    """Dependencies of a Web API method."""

    workspace: Workspace
    views: ViewStacks
    triggers: TriggerIds
    response_urls: ResponseUrls
    socket_url: Callable[[], str]
    """Returns a new address for one Socket Mode connection, without scheme and host."""
    grants: OAuthCodes
    installations: InstalledPlaces
    tell: Callable[[str, Json], object]
    """Delivers an event to the bot in the background, if it subscribed to that name."""
    uninstall: Callable[[], object]
    """Uninstalls the app from the workspace, or from the organization if it is installed there as a whole."""
    installed_again: Callable[[str], object]
    """Called after the app was installed in the workspace or organization with that ID."""
    token: str = ""
    """The token of the call."""


class ApiMethod(Struct, frozen=True):
    """Declaration of one method: its function, its rate limit, its scopes."""

    answer: Callable[[MethodContext, ApiArguments], Json]
    per_minute: int
    any_of: str = ""
    """Scopes, any one of which suffices."""
    needs_token: bool = True
    needs_app_token: bool = False

    @property
    def scopes(self) -> list[str]:
        """The scopes, any one of which suffices."""
        return self.any_of.split()


def visible_conversation(parts: MethodContext, arguments: ApiArguments) -> SlackChannel:
    """Return the conversation that the argument `channel` names, if the bot can see it; raises ApiError."""
    return find_conversation(parts, arguments.required("channel"))


def find_conversation(parts: MethodContext, wanted: str) -> SlackChannel:
    """Return a conversation by its id or a person's, if the bot can see it; raises ApiError."""
    workspace = parts.workspace
    try:
        if wanted.startswith(("U", "W")):
            person = workspace.person(wanted)
            if person.is_bot:
                raise ApiError("cannot_dm_bot")
            return workspace.direct(person.id)
        channel = workspace.channel(wanted)
    except (UnknownConversation, UnknownPerson) as unknown:
        raise ApiError("channel_not_found") from unknown
    if channel.is_mpim and not workspace.app.may("mpim:read"):
        raise ApiError("missing_scope", needed="mpim:read")
    if (channel.is_private or channel.is_im) and BOT_USER_ID not in channel.members:
        raise ApiError("channel_not_found")
    return channel


def paginate(arguments: ApiArguments, items: list[str], *, default: int) -> tuple[list[str], Json]:
    """Return one page of items and the metadata that leads to the next; raises ApiError."""
    limit = arguments.number("limit", default)
    if limit < 1 or limit > 1000:
        raise ApiError("invalid_limit")
    cursor = arguments.text("cursor")
    start = 0
    if cursor is not None:
        if cursor not in items:
            raise ApiError("invalid_cursor")
        start = items.index(cursor)
    following = items[start + limit : start + limit + 1]
    return items[start : start + limit], {"next_cursor": following[0] if following else ""}
