"""What is pressed, chosen and typed in, with Slack's limits on each."""

from collections.abc import Mapping

from bot.sandbox.block_kit.composition_schemas import (
    CONFIRM,
    GROUP,
    ID,
    IMAGE,
    PLAIN_OPTION,
    RICH_OPTION,
    plain,
)
from bot.sandbox.block_kit.element_state import options
from bot.sandbox.block_kit.schema_types import Anything, Fields, Flag, Items, Kinds, Number, Shape, Text
from bot.sandbox.slack_json import objects

_COMMON: dict[str, Shape] = {"action_id": ID, "confirm": CONFIRM}
_FOCUS: dict[str, Shape] = {"focus_on_load": Flag(), "placeholder": plain(150)}
_DISPATCH = Fields(
    {}, {"trigger_actions_on": Items(Text(30, choices=("on_enter_pressed", "on_character_entered")), most=2)}
)


def _either_options(fields: Mapping[str, object]) -> str | None:
    if bool(fields.get("options")) == bool(fields.get("option_groups")):
        return "must provide exactly one of: options, option_groups"
    return None


def _choice_is_offered(fields: Mapping[str, object]) -> str | None:
    """Say what is wrong with the options, or with a choice made beforehand that is none of them."""
    either = _either_options(fields)
    offered = [str(option.get("value")) for option in options(dict(fields))]
    chosen = [*objects([fields.get("initial_option")]), *objects(fields.get("initial_options"))]
    if either or all(str(option.get("value")) in offered for option in chosen):
        return either
    return "initial option must be one of the options"


def _range(fields: Mapping[str, object]) -> str | None:
    least, most = fields.get("min_value"), fields.get("max_value")
    try:
        wrong = least is not None and most is not None and float(str(least)) > float(str(most))
    except ValueError:
        return "min_value and max_value must be numbers"
    return "min_value must not exceed max_value" if wrong else None


def _bounds(fields: Mapping[str, object]) -> str | None:
    shortest, longest = fields.get("min_length"), fields.get("max_length")
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        return "min_length must not exceed max_length"
    return None


_OPTIONS: dict[str, Shape] = {
    "options": Items(PLAIN_OPTION, fewest=1, most=100),
    "option_groups": Items(GROUP, fewest=1, most=100),
}
_FILTER = Fields(
    {},
    {
        "include": Items(Text(10, choices=("im", "mpim", "private", "public")), fewest=1, most=4),
        "exclude_external_shared_channels": Flag(),
        "exclude_bot_users": Flag(),
    },
)
_SELECT: dict[str, Shape] = {**_COMMON, **_FOCUS}
_MULTI: dict[str, Shape] = {**_SELECT, "max_selected_items": Number(1)}
_TEXT_INPUT: dict[str, Shape] = {
    "action_id": ID,
    **_FOCUS,
    "dispatch_action_config": _DISPATCH,
    "initial_value": Text(3000),
    "min_length": Number(0, 3000),
    "max_length": Number(1, 3000),
}

BUTTON = Fields(
    {"text": plain(75)},
    {
        **_COMMON,
        "url": Text(3000),
        "value": Text(2000),
        "style": Text(10, choices=("primary", "danger")),
        "accessibility_label": Text(75),
        "visible_to_user_ids": Items(Text(20), most=10),
    },
)
_CHOICE: dict[str, Shape] = {**_COMMON, "focus_on_load": Flag()}

ELEMENTS = Kinds(
    {
        "button": BUTTON,
        "workflow_button": Fields(
            {"text": plain(75), "workflow": Anything()}, {**_COMMON, "style": Text(10)}
        ),
        "overflow": Fields({"options": Items(PLAIN_OPTION, fewest=1, most=5)}, _COMMON),
        "static_select": Fields(
            {}, {**_SELECT, **_OPTIONS, "initial_option": PLAIN_OPTION}, _choice_is_offered
        ),
        "multi_static_select": Fields(
            {}, {**_MULTI, **_OPTIONS, "initial_options": Items(PLAIN_OPTION, most=100)}, _choice_is_offered
        ),
        "external_select": Fields(
            {}, {**_SELECT, "initial_option": PLAIN_OPTION, "min_query_length": Number(0)}
        ),
        "multi_external_select": Fields(
            {}, {**_MULTI, "initial_options": Items(PLAIN_OPTION, most=100), "min_query_length": Number(0)}
        ),
        "users_select": Fields({}, {**_SELECT, "initial_user": Text(20)}),
        "multi_users_select": Fields({}, {**_MULTI, "initial_users": Items(Text(20), most=1000)}),
        "conversations_select": Fields(
            {},
            {
                **_SELECT,
                "initial_conversation": Text(20),
                "default_to_current_conversation": Flag(),
                "response_url_enabled": Flag(),
                "filter": _FILTER,
            },
        ),
        "multi_conversations_select": Fields(
            {},
            {
                **_MULTI,
                "initial_conversations": Items(Text(20), most=1000),
                "default_to_current_conversation": Flag(),
                "filter": _FILTER,
            },
        ),
        "channels_select": Fields(
            {}, {**_SELECT, "initial_channel": Text(20), "response_url_enabled": Flag()}
        ),
        "multi_channels_select": Fields({}, {**_MULTI, "initial_channels": Items(Text(20), most=1000)}),
        "radio_buttons": Fields(
            {"options": Items(RICH_OPTION, fewest=1, most=10)},
            {**_CHOICE, "initial_option": RICH_OPTION},
            _choice_is_offered,
        ),
        "checkboxes": Fields(
            {"options": Items(RICH_OPTION, fewest=1, most=10)},
            {**_CHOICE, "initial_options": Items(RICH_OPTION, fewest=1, most=10)},
            _choice_is_offered,
        ),
        "datepicker": Fields({}, {**_SELECT, "initial_date": Text(10, shortest=10)}),
        "timepicker": Fields({}, {**_SELECT, "initial_time": Text(5, shortest=5), "timezone": Text(100)}),
        "datetimepicker": Fields({}, {**_CHOICE, "initial_date_time": Number(0)}),
        "plain_text_input": Fields({}, {**_TEXT_INPUT, "multiline": Flag()}, _bounds),
        "email_text_input": Fields({}, _TEXT_INPUT, _bounds),
        "url_text_input": Fields({}, _TEXT_INPUT, _bounds),
        "number_input": Fields(
            {"is_decimal_allowed": Flag()},
            {
                "action_id": ID,
                **_FOCUS,
                "dispatch_action_config": _DISPATCH,
                "initial_value": Text(100),
                "min_value": Text(100),
                "max_value": Text(100),
            },
            _range,
        ),
        "rich_text_input": Fields(
            {}, {"action_id": ID, **_FOCUS, "initial_value": Anything(), "dispatch_action_config": _DISPATCH}
        ),
        "file_input": Fields(
            {}, {"action_id": ID, "filetypes": Items(Text(50), most=100), "max_files": Number(1, 10)}
        ),
        "image": IMAGE,
        "icon_button": Fields({"icon": Text(50), "text": plain(75)}, {**_COMMON, "value": Text(2000)}),
        "feedback_buttons": Fields({"positive_button": Anything(), "negative_button": Anything()}, _COMMON),
    }
)

ENTRY = (
    "plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input",
)  # fmt: skip
SELECTS = (
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
    "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
    "multi_channels_select",
)  # fmt: skip
PICKERS = ("radio_buttons", "checkboxes", "datepicker", "timepicker")
