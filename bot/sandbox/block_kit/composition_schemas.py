"""Schemas of composition objects: texts, options, confirmation dialogs, images."""

from collections.abc import Mapping

from bot.sandbox.block_kit.schema_types import (
    AnySchema,
    ArraySchema,
    BooleanSchema,
    ObjectSchema,
    Schema,
    StringSchema,
    UnionSchema,
)


def plain_text_schema(longest: int) -> Schema:
    """Return the schema of a plain_text object."""
    return UnionSchema(
        {"plain_text": ObjectSchema({"text": StringSchema(longest, shortest=1)}, {"emoji": BooleanSchema()})}
    )


def text_schema(longest: int) -> Schema:
    """Return the schema of a plain_text or mrkdwn object."""
    text = StringSchema(longest, shortest=1)
    return UnionSchema(
        {
            "plain_text": ObjectSchema({"text": text}, {"emoji": BooleanSchema()}),
            "mrkdwn": ObjectSchema({"text": text}, {"verbatim": BooleanSchema()}),
        }
    )


ID = StringSchema(255)
LINK = StringSchema(3000, shortest=1)
CONFIRM = ObjectSchema(
    {
        "title": plain_text_schema(100),
        "text": text_schema(300),
        "confirm": plain_text_schema(30),
        "deny": plain_text_schema(30),
    },
    {"style": StringSchema(10, choices=("primary", "danger"))},
)
PLAIN_OPTION = ObjectSchema(
    {"text": plain_text_schema(75), "value": StringSchema(150, shortest=1)},
    {"description": plain_text_schema(75), "url": LINK},
)
# Only radio buttons and checkboxes may use mrkdwn in their options.
RICH_OPTION = ObjectSchema(
    {"text": text_schema(75), "value": StringSchema(150, shortest=1)}, {"description": text_schema(75)}
)
GROUP = ObjectSchema(
    {"label": plain_text_schema(75), "options": ArraySchema(PLAIN_OPTION, fewest=1, most=100)}
)


def check_image_source(fields: Mapping[str, object]) -> str | None:
    """Yield an error if an image has no source, or two."""
    if bool(fields.get("image_url")) == bool(fields.get("slack_file")):
        return "must provide exactly one of: image_url, slack_file"
    return None


IMAGE = ObjectSchema(
    {"alt_text": StringSchema(2000, shortest=1)},
    {"image_url": LINK, "slack_file": AnySchema()},
    check_image_source,
)
