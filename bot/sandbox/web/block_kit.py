"""Block Kit's elements and blocks, and Slack's limits on them."""

from collections.abc import Mapping

from bot.sandbox.kit import items, objects
from bot.sandbox.web.elements import options
from bot.sandbox.web.schema import Anything, Fields, Flag, Items, Kinds, Number, Shape, Text


def plain(longest: int) -> Shape:
    """Return the shape of a plain_text object."""
    return Kinds({"plain_text": Fields({"text": Text(longest, shortest=1)}, {"emoji": Flag()})})


def any_text(longest: int) -> Shape:
    """Return the shape of a plain_text or mrkdwn object."""
    text = Text(longest, shortest=1)
    return Kinds(
        {
            "plain_text": Fields({"text": text}, {"emoji": Flag()}),
            "mrkdwn": Fields({"text": text}, {"verbatim": Flag()}),
        }
    )


ID = Text(255)
LINK = Text(3000, shortest=1)
CONFIRM = Fields(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": Text(10, choices=("primary", "danger"))},
)
PLAIN_OPTION = Fields(
    {"text": plain(75), "value": Text(150, shortest=1)}, {"description": plain(75), "url": LINK}
)
# Radio buttons and checkboxes alone may use mrkdwn in their options.
RICH_OPTION = Fields({"text": any_text(75), "value": Text(150, shortest=1)}, {"description": any_text(75)})
GROUP = Fields({"label": plain(75), "options": Items(PLAIN_OPTION, fewest=1, most=100)})

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


def _one_source(fields: Mapping[str, object]) -> str | None:
    if bool(fields.get("image_url")) == bool(fields.get("slack_file")):
        return "must provide exactly one of: image_url, slack_file"
    return None


def _rows_are_even(fields: Mapping[str, object]) -> str | None:
    if len({len(items(row)) for row in items(fields.get("rows"))}) > 1:
        return "rows must have the same number of cells"
    return None


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

IMAGE = Fields(
    {"alt_text": Text(2000, shortest=1)}, {"image_url": LINK, "slack_file": Anything()}, _one_source
)

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

_ENTRY = (
    "plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input", "file_input",
)  # fmt: skip
_SELECTS = (
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
    "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
    "multi_channels_select",
)  # fmt: skip
_PICKERS = ("radio_buttons", "checkboxes", "datepicker", "timepicker")
_BLOCK: dict[str, Shape] = {"block_id": ID}


def _section_says_something(fields: Mapping[str, object]) -> str | None:
    if not fields.get("text") and not fields.get("fields"):
        return "missing required field: text or fields"
    return None


_CONTEXT_ITEM = Kinds(
    {
        "image": IMAGE,
        "plain_text": Fields({"text": Text(3000, shortest=1)}, {"emoji": Flag()}),
        "mrkdwn": Fields({"text": Text(3000, shortest=1)}, {"verbatim": Flag()}),
    }
)
_CELL = Kinds(
    {
        "raw_text": Fields({"text": Text(3000, shortest=1)}),
        "raw_number": Fields({"value": Number()}, {"text": Text(3000)}),
        "rich_text": Fields({"elements": Anything()}, _BLOCK),
    }
)
_RICH_TEXT = Fields(
    {
        "elements": Items(
            Kinds(
                {
                    "rich_text_section": Fields({"elements": Items(Anything(), most=1000)}),
                    "rich_text_list": Fields(
                        {
                            "elements": Items(Anything(), most=1000),
                            "style": Text(10, choices=("bullet", "ordered")),
                        },
                        {"indent": Number(0, 8), "offset": Number(0), "border": Number(0, 1)},
                    ),
                    "rich_text_preformatted": Fields(
                        {"elements": Items(Anything(), most=1000)},
                        {"border": Number(0, 1), "language": Text(50)},
                    ),
                    "rich_text_quote": Fields(
                        {"elements": Items(Anything(), most=1000)}, {"border": Number(0, 1)}
                    ),
                }
            ),
            most=1000,
        )
    },
    _BLOCK,
)
_CARD = Fields(
    {},
    {
        **_BLOCK,
        "title": any_text(150),
        "subtitle": any_text(150),
        "body": any_text(200),
        "subtext": any_text(200),
        "hero_image": Anything(),
        "icon": Anything(),
        "slack_icon": Anything(),
        "actions": Items(ELEMENTS.only("button"), most=3),
    },
)

BLOCKS = Kinds(
    {
        "section": Fields(
            {},
            {
                **_BLOCK,
                "text": any_text(3000),
                "fields": Items(any_text(2000), fewest=1, most=10),
                "accessory": ELEMENTS.only(
                    "button", "workflow_button", "overflow", "image", *_SELECTS, *_PICKERS
                ),
                "expand": Flag(),
            },
            _section_says_something,
        ),
        "header": Fields({"text": plain(150)}, {**_BLOCK, "level": Number(1, 4)}),
        "divider": Fields({}, _BLOCK),
        "image": Fields(
            {"alt_text": Text(2000, shortest=1)},
            {**_BLOCK, "image_url": LINK, "slack_file": Anything(), "title": plain(2000)},
            _one_source,
        ),
        "context": Fields({"elements": Items(_CONTEXT_ITEM, fewest=1, most=10)}, _BLOCK),
        "actions": Fields(
            {
                "elements": Items(
                    ELEMENTS.only(
                        "button", "workflow_button", "overflow", "datetimepicker", *_SELECTS, *_PICKERS
                    ),
                    fewest=1,
                    most=25,
                )
            },
            _BLOCK,
        ),
        "context_actions": Fields(
            {"elements": Items(ELEMENTS.only("icon_button", "feedback_buttons"), fewest=1, most=5)}, _BLOCK
        ),
        "rich_text": _RICH_TEXT,
        "markdown": Fields({"text": Text(12_000, shortest=1)}, _BLOCK),
        "table": Fields(
            {"rows": Items(Items(_CELL, fewest=1, most=20), fewest=1, most=100)},
            {**_BLOCK, "column_settings": Items(Anything(), most=20)},
            _rows_are_even,
        ),
        "data_table": Fields(
            {
                "rows": Items(Items(_CELL, fewest=1, most=20), fewest=2, most=101),
                "caption": Text(2000, shortest=1),
            },
            {**_BLOCK, "page_size": Number(1, 100), "row_header_column_index": Number(0, 19)},
            _rows_are_even,
        ),
        "data_visualization": Fields({"title": Text(50, shortest=1)}, {**_BLOCK, "chart": Anything()}),
        "video": Fields(
            {
                "alt_text": Text(200, shortest=1),
                "title": plain(200),
                "video_url": LINK,
                "thumbnail_url": LINK,
            },
            {
                **_BLOCK,
                "author_name": Text(50),
                "description": plain(200),
                "provider_name": Text(50),
                "provider_icon_url": LINK,
                "title_url": LINK,
            },
        ),
        "file": Fields({"external_id": ID, "source": Text(20, choices=("remote",))}, _BLOCK),
        "alert": Fields({"text": any_text(200)}, {**_BLOCK, "level": Text(20), "actions": Anything()}),
        "card": _CARD,
        "carousel": Fields({"elements": Items(Kinds({"card": _CARD}), fewest=1, most=10)}, _BLOCK),
        "container": Fields(
            {"child_blocks": Items(Anything(), fewest=1, most=10)},
            {
                **_BLOCK,
                "title": any_text(150),
                "subtitle": any_text(150),
                "icon": Anything(),
                "width": Text(20),
                "has_header_divider": Flag(),
                "is_collapsible": Flag(),
                "default_collapsed": Flag(),
            },
        ),
        "input": Fields(
            {
                "label": plain(2000),
                "element": ELEMENTS.only("datetimepicker", *_ENTRY, *_SELECTS, *_PICKERS),
            },
            {**_BLOCK, "hint": plain(2000), "optional": Flag(), "dispatch_action": Flag()},
        ),
    }
)

_EVERYWHERE = ("section", "header", "divider", "image", "context", "actions", "rich_text", "input", "video")
MESSAGE_BLOCKS = BLOCKS.only(
    *_EVERYWHERE, "context_actions", "markdown", "table", "data_table", "data_visualization", "file", "alert",
    "card", "carousel", "container",
)  # fmt: skip
VIEW_BLOCKS = BLOCKS.only(*_EVERYWHERE, "alert", "card", "carousel", "container", "data_table", "table")
