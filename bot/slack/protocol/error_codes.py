"""Slack's error codes with a meaning to the bot."""

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
"""What Slack says of people whom the bot cannot write to."""
