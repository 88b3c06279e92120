"""Slack's limits; where they are uncertain, the stricter number."""

from typing import Final

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


MESSAGE_BLOCKS: Final = 50
MESSAGE_CHARACTERS: Final = 11_000
"""Message blocks as JSON text; Slack rejects somewhat more than 12,000 and does not document its count."""
MESSAGE_TEXT: Final = 3_900
"""Notification text of a message."""
VIEW_BLOCKS: Final = 100
VIEW_CHARACTERS: Final = 150_000
"""View as JSON text; Slack rejects more than 250,000 bytes."""

SECTION: Final = 3_000
FIELD: Final = 2_000
HEADER: Final = 150
CONTEXT_ELEMENTS: Final = 10
ACTIONS_ELEMENTS: Final = 25

BUTTON: Final = 75
BUTTON_VALUE: Final = 2_000
BUTTON_URL: Final = 3_000
ACCESSIBILITY_LABEL: Final = 75

OPTIONS: Final = 100
OPTION: Final = 75
OPTION_VALUE: Final = 150
CHECKBOXES: Final = 10
FILES: Final = 10
"""Files of one file input."""

CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
PLACEHOLDER: Final = 150
LABEL: Final = 2_000
HINT: Final = 2_000
INPUT: Final = 3_000
FIELD_ERROR: Final = 1_000
"""Error message of a field; Slack documents no limit, and longer messages are not read."""

MODAL_TITLE: Final = 24
