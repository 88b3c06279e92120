"""Schemas of interactive elements, with Slack's limits."""

from collections.abc import Mapping

from bot.sandbox.block_kit.composition_schemas import (
    CONFIRM,
    GROUP,
    ID,
    IMAGE,
    PLAIN_OPTION,
    RICH_OPTION,
    plain_text_schema,
)
from bot.sandbox.block_kit.element_state import options
from bot.sandbox.block_kit.schema_types import (
    AnySchema,
    ArraySchema,
    BooleanSchema,
    NumberSchema,
    ObjectSchema,
    Schema,
    StringSchema,
    UnionSchema,
)
from bot.sandbox.slack_json import json_objects

_COMMON: dict[str, Schema] = {"action_id": ID, "confirm": CONFIRM}
_FOCUS: dict[str, Schema] = {"focus_on_load": BooleanSchema(), "placeholder": plain_text_schema(150)}
_DISPATCH = ObjectSchema(
    {},
    {
        "trigger_actions_on": ArraySchema(
            StringSchema(30, choices=("on_enter_pressed", "on_character_entered")), most=2
        )
    },
)


def _either_options(fields: Mapping[str, object]) -> str | None:
    if bool(fields.get("options")) == bool(fields.get("option_groups")):
        return "must provide exactly one of: options, option_groups"
    return None


def _choice_is_offered(fields: Mapping[str, object]) -> str | None:
    """Yield errors in the options, or in an initial choice that is not among them."""
    either = _either_options(fields)
    offered = [str(option.get("value")) for option in options(dict(fields))]
    chosen = [*json_objects([fields.get("initial_option")]), *json_objects(fields.get("initial_options"))]
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


_OPTIONS: dict[str, Schema] = {
    "options": ArraySchema(PLAIN_OPTION, fewest=1, most=100),
    "option_groups": ArraySchema(GROUP, fewest=1, most=100),
}
_FILTER = ObjectSchema(
    {},
    {
        "include": ArraySchema(
            StringSchema(10, choices=("im", "mpim", "private", "public")), fewest=1, most=4
        ),
        "exclude_external_shared_channels": BooleanSchema(),
        "exclude_bot_users": BooleanSchema(),
    },
)
_SELECT: dict[str, Schema] = {**_COMMON, **_FOCUS}
_MULTI: dict[str, Schema] = {**_SELECT, "max_selected_items": NumberSchema(1)}
_TEXT_INPUT: dict[str, Schema] = {
    "action_id": ID,
    **_FOCUS,
    "dispatch_action_config": _DISPATCH,
    "initial_value": StringSchema(3000),
    "min_length": NumberSchema(0, 3000),
    "max_length": NumberSchema(1, 3000),
}

BUTTON = ObjectSchema(
    {"text": plain_text_schema(75)},
    {
        **_COMMON,
        "url": StringSchema(3000),
        "value": StringSchema(2000),
        "style": StringSchema(10, choices=("primary", "danger")),
        "accessibility_label": StringSchema(75),
        "visible_to_user_ids": ArraySchema(StringSchema(20), most=10),
    },
)
_CHOICE: dict[str, Schema] = {**_COMMON, "focus_on_load": BooleanSchema()}

ELEMENTS = UnionSchema(
    {
        "button": BUTTON,
        "workflow_button": ObjectSchema(
            {"text": plain_text_schema(75), "workflow": AnySchema()}, {**_COMMON, "style": StringSchema(10)}
        ),
        "overflow": ObjectSchema({"options": ArraySchema(PLAIN_OPTION, fewest=1, most=5)}, _COMMON),
        "static_select": ObjectSchema(
            {}, {**_SELECT, **_OPTIONS, "initial_option": PLAIN_OPTION}, _choice_is_offered
        ),
        "multi_static_select": ObjectSchema(
            {},
            {**_MULTI, **_OPTIONS, "initial_options": ArraySchema(PLAIN_OPTION, most=100)},
            _choice_is_offered,
        ),
        "external_select": ObjectSchema(
            {}, {**_SELECT, "initial_option": PLAIN_OPTION, "min_query_length": NumberSchema(0)}
        ),
        "multi_external_select": ObjectSchema(
            {},
            {
                **_MULTI,
                "initial_options": ArraySchema(PLAIN_OPTION, most=100),
                "min_query_length": NumberSchema(0),
            },
        ),
        "users_select": ObjectSchema({}, {**_SELECT, "initial_user": StringSchema(20)}),
        "multi_users_select": ObjectSchema(
            {}, {**_MULTI, "initial_users": ArraySchema(StringSchema(20), most=1000)}
        ),
        "conversations_select": ObjectSchema(
            {},
            {
                **_SELECT,
                "initial_conversation": StringSchema(20),
                "default_to_current_conversation": BooleanSchema(),
                "response_url_enabled": BooleanSchema(),
                "filter": _FILTER,
            },
        ),
        "multi_conversations_select": ObjectSchema(
            {},
            {
                **_MULTI,
                "initial_conversations": ArraySchema(StringSchema(20), most=1000),
                "default_to_current_conversation": BooleanSchema(),
                "filter": _FILTER,
            },
        ),
        "channels_select": ObjectSchema(
            {}, {**_SELECT, "initial_channel": StringSchema(20), "response_url_enabled": BooleanSchema()}
        ),
        "multi_channels_select": ObjectSchema(
            {}, {**_MULTI, "initial_channels": ArraySchema(StringSchema(20), most=1000)}
        ),
        "radio_buttons": ObjectSchema(
            {"options": ArraySchema(RICH_OPTION, fewest=1, most=10)},
            {**_CHOICE, "initial_option": RICH_OPTION},
            _choice_is_offered,
        ),
        "checkboxes": ObjectSchema(
            {"options": ArraySchema(RICH_OPTION, fewest=1, most=10)},
            {**_CHOICE, "initial_options": ArraySchema(RICH_OPTION, fewest=1, most=10)},
            _choice_is_offered,
        ),
        "datepicker": ObjectSchema({}, {**_SELECT, "initial_date": StringSchema(10, shortest=10)}),
        "timepicker": ObjectSchema(
            {}, {**_SELECT, "initial_time": StringSchema(5, shortest=5), "timezone": StringSchema(100)}
        ),
        "datetimepicker": ObjectSchema({}, {**_CHOICE, "initial_date_time": NumberSchema(0)}),
        "plain_text_input": ObjectSchema({}, {**_TEXT_INPUT, "multiline": BooleanSchema()}, _bounds),
        "email_text_input": ObjectSchema({}, _TEXT_INPUT, _bounds),
        "url_text_input": ObjectSchema({}, _TEXT_INPUT, _bounds),
        "number_input": ObjectSchema(
            {"is_decimal_allowed": BooleanSchema()},
            {
                "action_id": ID,
                **_FOCUS,
                "dispatch_action_config": _DISPATCH,
                "initial_value": StringSchema(100),
                "min_value": StringSchema(100),
                "max_value": StringSchema(100),
            },
            _range,
        ),
        "rich_text_input": ObjectSchema(
            {}, {"action_id": ID, **_FOCUS, "initial_value": AnySchema(), "dispatch_action_config": _DISPATCH}
        ),
        "file_input": ObjectSchema(
            {},
            {
                "action_id": ID,
                "filetypes": ArraySchema(StringSchema(50), most=100),
                "max_files": NumberSchema(1, 10),
            },
        ),
        "image": IMAGE,
        "icon_button": ObjectSchema(
            {"icon": StringSchema(50), "text": plain_text_schema(75)},
            {**_COMMON, "value": StringSchema(2000)},
        ),
        "feedback_buttons": ObjectSchema(
            {"positive_button": AnySchema(), "negative_button": AnySchema()}, _COMMON
        ),
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
