"""What elements and blocks are composed of: texts, options, questions to confirm, images."""

from collections.abc import Mapping

from bot.sandbox.block_kit.schema_types import Anything, Fields, Flag, Items, Kinds, Shape, Text


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


def one_source(fields: Mapping[str, object]) -> str | None:
    """Say so where an image has no source, or two."""
    if bool(fields.get("image_url")) == bool(fields.get("slack_file")):
        return "must provide exactly one of: image_url, slack_file"
    return None


IMAGE = Fields(
    {"alt_text": Text(2000, shortest=1)}, {"image_url": LINK, "slack_file": Anything()}, one_source
)
