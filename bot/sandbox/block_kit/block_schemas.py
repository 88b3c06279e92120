"""Schemas of blocks, and the blocks permitted in messages and views."""

from collections.abc import Mapping

from bot.sandbox.block_kit.composition_schemas import (
    ID,
    IMAGE,
    LINK,
    check_image_source,
    plain_text_schema,
    text_schema,
)
from bot.sandbox.block_kit.element_schemas import ELEMENTS, ENTRY, PICKERS, SELECTS
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
from bot.sandbox.slack_json import json_items

_BLOCK: dict[str, Schema] = {"block_id": ID}


def _section_says_something(fields: Mapping[str, object]) -> str | None:
    if not fields.get("text") and not fields.get("fields"):
        return "missing required field: text or fields"
    return None


def _rows_are_even(fields: Mapping[str, object]) -> str | None:
    if len({len(json_items(row)) for row in json_items(fields.get("rows"))}) > 1:
        return "rows must have the same number of cells"
    return None


_CONTEXT_ITEM = UnionSchema(
    {
        "image": IMAGE,
        "plain_text": ObjectSchema({"text": StringSchema(3000, shortest=1)}, {"emoji": BooleanSchema()}),
        "mrkdwn": ObjectSchema({"text": StringSchema(3000, shortest=1)}, {"verbatim": BooleanSchema()}),
    }
)
_CELL = UnionSchema(
    {
        "raw_text": ObjectSchema({"text": StringSchema(3000, shortest=1)}),
        "raw_number": ObjectSchema({"value": NumberSchema()}, {"text": StringSchema(3000)}),
        "rich_text": ObjectSchema({"elements": AnySchema()}, _BLOCK),
    }
)
_RICH_TEXT = ObjectSchema(
    {
        "elements": ArraySchema(
            UnionSchema(
                {
                    "rich_text_section": ObjectSchema({"elements": ArraySchema(AnySchema(), most=1000)}),
                    "rich_text_list": ObjectSchema(
                        {
                            "elements": ArraySchema(AnySchema(), most=1000),
                            "style": StringSchema(10, choices=("bullet", "ordered")),
                        },
                        {
                            "indent": NumberSchema(0, 8),
                            "offset": NumberSchema(0),
                            "border": NumberSchema(0, 1),
                        },
                    ),
                    "rich_text_preformatted": ObjectSchema(
                        {"elements": ArraySchema(AnySchema(), most=1000)},
                        {"border": NumberSchema(0, 1), "language": StringSchema(50)},
                    ),
                    "rich_text_quote": ObjectSchema(
                        {"elements": ArraySchema(AnySchema(), most=1000)}, {"border": NumberSchema(0, 1)}
                    ),
                }
            ),
            most=1000,
        )
    },
    _BLOCK,
)
_CARD = ObjectSchema(
    {},
    {
        **_BLOCK,
        "title": text_schema(150),
        "subtitle": text_schema(150),
        "body": text_schema(200),
        "subtext": text_schema(200),
        "hero_image": AnySchema(),
        "icon": AnySchema(),
        "slack_icon": AnySchema(),
        "actions": ArraySchema(ELEMENTS.only("button"), most=3),
    },
)

BLOCKS = UnionSchema(
    {
        "section": ObjectSchema(
            {},
            {
                **_BLOCK,
                "text": text_schema(3000),
                "fields": ArraySchema(text_schema(2000), fewest=1, most=10),
                "accessory": ELEMENTS.only(
                    "button", "workflow_button", "overflow", "image", *SELECTS, *PICKERS
                ),
                "expand": BooleanSchema(),
            },
            _section_says_something,
        ),
        "header": ObjectSchema({"text": plain_text_schema(150)}, {**_BLOCK, "level": NumberSchema(1, 4)}),
        "divider": ObjectSchema({}, _BLOCK),
        "image": ObjectSchema(
            {"alt_text": StringSchema(2000, shortest=1)},
            {**_BLOCK, "image_url": LINK, "slack_file": AnySchema(), "title": plain_text_schema(2000)},
            check_image_source,
        ),
        "context": ObjectSchema({"elements": ArraySchema(_CONTEXT_ITEM, fewest=1, most=10)}, _BLOCK),
        "actions": ObjectSchema(
            {
                "elements": ArraySchema(
                    ELEMENTS.only(
                        "button", "workflow_button", "overflow", "datetimepicker", *SELECTS, *PICKERS
                    ),
                    fewest=1,
                    most=25,
                )
            },
            _BLOCK,
        ),
        "context_actions": ObjectSchema(
            {"elements": ArraySchema(ELEMENTS.only("icon_button", "feedback_buttons"), fewest=1, most=5)},
            _BLOCK,
        ),
        "rich_text": _RICH_TEXT,
        "markdown": ObjectSchema({"text": StringSchema(12_000, shortest=1)}, _BLOCK),
        "table": ObjectSchema(
            {"rows": ArraySchema(ArraySchema(_CELL, fewest=1, most=20), fewest=1, most=100)},
            {**_BLOCK, "column_settings": ArraySchema(AnySchema(), most=20)},
            _rows_are_even,
        ),
        "data_table": ObjectSchema(
            {
                "rows": ArraySchema(ArraySchema(_CELL, fewest=1, most=20), fewest=2, most=101),
                "caption": StringSchema(2000, shortest=1),
            },
            {**_BLOCK, "page_size": NumberSchema(1, 100), "row_header_column_index": NumberSchema(0, 19)},
            _rows_are_even,
        ),
        "data_visualization": ObjectSchema(
            {"title": StringSchema(50, shortest=1)}, {**_BLOCK, "chart": AnySchema()}
        ),
        "video": ObjectSchema(
            {
                "alt_text": StringSchema(200, shortest=1),
                "title": plain_text_schema(200),
                "video_url": LINK,
                "thumbnail_url": LINK,
            },
            {
                **_BLOCK,
                "author_name": StringSchema(50),
                "description": plain_text_schema(200),
                "provider_name": StringSchema(50),
                "provider_icon_url": LINK,
                "title_url": LINK,
            },
        ),
        "file": ObjectSchema({"external_id": ID, "source": StringSchema(20, choices=("remote",))}, _BLOCK),
        "alert": ObjectSchema(
            {"text": text_schema(200)}, {**_BLOCK, "level": StringSchema(20), "actions": AnySchema()}
        ),
        "card": _CARD,
        "carousel": ObjectSchema(
            {"elements": ArraySchema(UnionSchema({"card": _CARD}), fewest=1, most=10)}, _BLOCK
        ),
        "container": ObjectSchema(
            {"child_blocks": ArraySchema(AnySchema(), fewest=1, most=10)},
            {
                **_BLOCK,
                "title": text_schema(150),
                "subtitle": text_schema(150),
                "icon": AnySchema(),
                "width": StringSchema(20),
                "has_header_divider": BooleanSchema(),
                "is_collapsible": BooleanSchema(),
                "default_collapsed": BooleanSchema(),
            },
        ),
        "input": ObjectSchema(
            {
                "label": plain_text_schema(2000),
                "element": ELEMENTS.only("datetimepicker", *ENTRY, *SELECTS, *PICKERS),
            },
            {
                **_BLOCK,
                "hint": plain_text_schema(2000),
                "optional": BooleanSchema(),
                "dispatch_action": BooleanSchema(),
            },
        ),
    }
)

_EVERYWHERE = ("section", "header", "divider", "image", "context", "actions", "rich_text", "input", "video")
MESSAGE_BLOCKS = BLOCKS.only(
    *_EVERYWHERE, "context_actions", "markdown", "table", "data_table", "data_visualization", "file", "alert",
    "card", "carousel", "container",
)  # fmt: skip
VIEW_BLOCKS = BLOCKS.only(*_EVERYWHERE, "alert", "card", "carousel", "container", "data_table", "table")
