"""Names of the app's entry points, as its manifest declares them."""

from typing import Final

SCOPES: Final = (
    "app_mentions:read",  # @bot, because slash commands do not work inside threads
    "canvases:write",  # the report as a document of the channel, where the workspace has canvases
    "channels:read",  # members of public channels, and whether a channel is shared or archived
    "chat:write",  # the card and its thread
    "commands",  # the slash command and the shortcuts
    "files:read",  # files that users import
    "files:write",  # diagrams, charts, reports and exports in the thread
    "groups:read",  # the same for private channels
    "im:history",  # direct messages with the bot: text from users, and whether a reminder was sent
    "im:write",  # direct messages
    "users:read",  # names, time zones, and whether an account is a bot, a guest or deactivated
)

LINK_SCOPES: Final = (
    "links:read",  # links to models that people post
    "links:write",  # their previews
)
"""Further permissions of a bot with a PUBLIC_URL."""


READ_EMAIL: Final = "users:read.email"
"""Permission to read the email addresses of people, by which their accounts in trackers are found."""

OPTIONAL_SCOPES: Final = (READ_EMAIL,)
"""Permissions that a person who installs the app may decline."""


def needed_scopes(public_url: str) -> tuple[str, ...]:
    """Return the permissions that the app requires; `public_url` is empty if it has none."""
    return tuple(sorted((*SCOPES, *LINK_SCOPES))) if public_url else SCOPES


def requested_scopes(public_url: str) -> tuple[str, ...]:
    """Return the permissions that the app asks for, with those that may be declined."""
    return tuple(sorted((*needed_scopes(public_url), *OPTIONAL_SCOPES)))


COMMAND: Final = "/threatmodel"

START_SHORTCUT: Final = "start_threat_model"
REPORT_SHORTCUT: Final = "report_as_threat"
IMPORT_SHORTCUT: Final = "import_as_threat_model"
DRAFT_SHORTCUT: Final = "draft_from_file"

EVENTS_PATH: Final = "/slack/events"
INSTALL_PATH: Final = "/slack/install"
START_PATH: Final = "/slack/install/start"
PRIVACY_PATH: Final = "/slack/install/privacy"
SUPPORT_PATH: Final = "/slack/install/support"
REDIRECT_PATH: Final = "/slack/oauth_redirect"
LINK_PATH: Final = "/m/"
