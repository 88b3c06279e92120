"""Slack's error codes that the bot handles."""

UNREACHABLE_PERSON_CODES = {
    "cannot_dm_bot",
    "channel_not_found",
    "messages_tab_disabled",
    "restricted_action",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
}
"""Error codes for people to whom the bot cannot send direct messages."""
