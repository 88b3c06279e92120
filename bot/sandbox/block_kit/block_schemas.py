"""Blocks, and which of them stand in messages and in views."""

from collections.abc import Mapping

from bot.sandbox.block_kit.composition_schemas import ID, IMAGE, LINK, any_text, one_source, plain
from bot.sandbox.block_kit.element_schemas import ELEMENTS, ENTRY, PICKERS, SELECTS
from bot.sandbox.block_kit.schema_types import Anything, Fields, Flag, Items, Kinds, Number, Shape, Text
from bot.sandbox.slack_json import items

_BLOCK: dict[str, Shape] = {"block_id": ID}


def _section_says_something(fields: Mapping[str, object]) -> str | None:
    if not fields.get("text") and not fields.get("fields"):
        return "missing required field: text or fields"
    return None


def _rows_are_even(fields: Mapping[str, object]) -> str | None:
    if len({len(items(row)) for row in items(fields.get("rows"))}) > 1:
        return "rows must have the same number of cells"
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
                    "button", "workflow_button", "overflow", "image", *SELECTS, *PICKERS
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
            one_source,
        ),
        "context": Fields({"elements": Items(_CONTEXT_ITEM, fewest=1, most=10)}, _BLOCK),
        "actions": Fields(
            {
                "elements": Items(
                    ELEMENTS.only(
                        "button", "workflow_button", "overflow", "datetimepicker", *SELECTS, *PICKERS
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
                "element": ELEMENTS.only("datetimepicker", *ENTRY, *SELECTS, *PICKERS),
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
