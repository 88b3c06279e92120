"""Independent checks of Slack's limits and of escaping, for messages and views."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, cast

from bot.sandbox.api import message_errors, message_is_too_long, view_errors
from bot.slack.protocol.block_builders import Message

Json = dict[str, Any]

LIMITS: dict[str, dict[str, Any]] = {
    "text": {"max_length": 3000},
    "action_id": {"max_length": 255},
    "block_id": {"max_length": 255},
    "button": {
        "text": {"max_length": 75},
        "url": {"max_length": 3000},
        "value": {"max_length": 2000},
        "accessibility_label": {"max_length": 75},
    },
    "confirmation": {
        "title": {"max_length": 100},
        "text": {"max_length": 300},
        "confirm": {"max_length": 30},
        "deny": {"max_length": 30},
    },
    "option": {"text": {"max_length": 75}, "value": {"max_length": 150}},
    "option_group": {"label": {"max_length": 75}, "options": {"max_items": 100}},
    "select": {
        "placeholder": {"max_length": 150},
        "options": {"max_items": 100},
        "option_groups": {"max_items": 100},
    },
    "checkboxes": {"options": {"max_items": 10}},
    "radio_buttons": {"options": {"max_items": 10}},
    "plain_text_input": {"max_length": {"max": 3000}},
    "actions": {"elements": {"max_items": 25}},
    "context": {"elements": {"max_items": 10}},
    "header": {"text": {"max_length": 150}},
    "input": {"label": {"max_length": 2000}, "hint": {"max_length": 2000}},
    "section": {"text": {"max_length": 3000}},
    "view": {
        "blocks": {"max_items": 100},
        "private_metadata": {"max_length": 3000},
        "callback_id": {"max_length": 255},
        "title": {"max_length": 24},
        "close": {"max_length": 24},
        "submit": {"max_length": 24},
    },
}
"""Slack's numbers by thing and field, in the shape in which they are published."""

MESSAGE_BLOCKS = 50
MESSAGE_CHARACTERS = 12_000
VIEW_CHARACTERS = 250_000


def message_faults(message: Message) -> list[str]:
    """Return all faults of a message."""
    found = [*_text_faults("text", message.text), *_mrkdwn_faults("text", message.text)]
    found += _over("message text", message.text, 4_000)
    found += [f"{len(message.blocks)} blocks"] if not 0 < len(message.blocks) <= MESSAGE_BLOCKS else []
    length = len(json.dumps(message.blocks, ensure_ascii=False))
    found += [f"{length} characters of blocks"] if length > MESSAGE_CHARACTERS else []
    found += ["the sandbox finds it too long"] if message_is_too_long(message.blocks) else []
    return found + _block_faults(message.blocks) + message_errors(message.blocks)


def view_faults(view: Json) -> list[str]:
    """Everything that is wrong with a modal, or with a Home tab, which has no title and no buttons below."""
    found: list[str] = []
    for key in ("title", "close", "submit"):
        if key in view:
            found += _over(key, view[key]["text"], LIMITS["view"][key]["max_length"])
    for key in ("private_metadata", "callback_id") if view["type"] == "modal" else ():
        found += _over(key, view[key], LIMITS["view"][key]["max_length"])
    blocks = view["blocks"]
    found += [f"{len(blocks)} blocks"] if not 0 < len(blocks) <= LIMITS["view"]["blocks"]["max_items"] else []
    length = len(json.dumps(view, ensure_ascii=False))
    found += [f"{length} characters"] if length > VIEW_CHARACTERS else []
    has_input = any(block["type"] == "input" for block in blocks)
    found += ["inputs without a way to submit"] if has_input and "submit" not in view else []
    return found + _block_faults(blocks) + view_errors(view, kind=view["type"])


def _block_faults(blocks: list[Json]) -> list[str]:
    found: list[str] = []
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    found += [f"block_id {id} twice" for id in set(ids) if ids.count(id) > 1]
    for block in blocks:
        found += _over("block_id", block.get("block_id", ""), LIMITS["block_id"]["max_length"])
        kind = block["type"]
        if kind in ("actions", "context"):
            elements = block["elements"]
            found += _too_many(kind, elements, LIMITS[kind]["elements"]["max_items"])
            found += [] if elements else [f"{kind} without elements"]
        if kind in ("section", "header"):
            found += _over(kind, block["text"]["text"], LIMITS[kind]["text"]["max_length"])
        if kind == "input":
            for key in ("label", "hint"):
                if key in block:
                    found += _over(key, block[key]["text"], LIMITS["input"][key]["max_length"])
        acted = [one["action_id"] for one in _inside(block) if "action_id" in one]
        found += [f"action_id {one} twice in a block" for one in set(acted) if acted.count(one) > 1]
        for one in _inside(block):
            found += _element_faults(one)
    return found


def _element_faults(one: Json) -> list[str]:
    found = _over("action_id", one.get("action_id", ""), LIMITS["action_id"]["max_length"])
    kind = one.get("type")
    if kind in ("plain_text", "mrkdwn"):
        found += _text_faults(kind, one["text"])
        found += _over(kind, one["text"], LIMITS["text"]["max_length"])
        if kind == "mrkdwn":
            found += _mrkdwn_faults(kind, one["text"])
            found += [] if one.get("verbatim") else ["mrkdwn in which Slack makes links by itself"]
    elif kind == "button":
        for key, limit in LIMITS["button"].items():
            value = one.get(key, "")
            found += _over(
                f"button {key}", value if isinstance(value, str) else value["text"], limit["max_length"]
            )
        for key, limit in LIMITS["confirmation"].items() if "confirm" in one else ():
            found += _over(f"confirm {key}", one["confirm"][key]["text"], limit["max_length"])
    elif kind == "plain_text_input":
        most = one.get("max_length", 3000)
        found += [f"max_length {most}"] if most > LIMITS["plain_text_input"]["max_length"]["max"] else []
        found += _over("initial_value", one.get("initial_value", ""), most)
    elif kind in ("static_select", "multi_static_select", "radio_buttons", "checkboxes"):
        found += _choice_faults(one)
    return found


def _choice_faults(one: Json) -> list[str]:
    found: list[str] = []
    groups = one.get("option_groups", [])
    limit = LIMITS.get(one["type"], LIMITS["select"])
    found += _too_many("options", one.get("options", []), limit["options"]["max_items"])
    found += _too_many("groups", groups, LIMITS["select"]["option_groups"]["max_items"])
    for group in groups:
        found += _too_many(
            "options of a group", group["options"], LIMITS["option_group"]["options"]["max_items"]
        )
        found += _over(
            "label of a group", group["label"]["text"], LIMITS["option_group"]["label"]["max_length"]
        )
    options = one.get("options") or [option for group in groups for option in group["options"]]
    found += [] if options else [f"{one['type']} without options"]
    for option in options:
        found += _over("option", option["text"]["text"], LIMITS["option"]["text"]["max_length"])
        found += _over("option value", option["value"], LIMITS["option"]["value"]["max_length"])
    values = [option["value"] for option in options]
    found += ["an option twice"] if len(set(values)) < len(values) else []
    chosen = one.get("initial_options", []) + ([one["initial_option"]] if "initial_option" in one else [])
    found += [f"{option} is chosen but not offered" for option in chosen if option not in options]
    if "placeholder" in one:
        found += _over(
            "placeholder", one["placeholder"]["text"], LIMITS["select"]["placeholder"]["max_length"]
        )
    return found


def _inside(value: object) -> Iterator[Json]:
    """Every object in a block, but not the block itself."""
    children: list[Any] = []
    if isinstance(value, dict):
        children = list(cast("Json", value).values())
    elif isinstance(value, list):
        children = cast("list[Any]", value)
    for child in children:
        if isinstance(child, dict):
            yield cast("Json", child)
        yield from _inside(cast("object", child))


def _text_faults(where: str, text: str) -> list[str]:
    found = [] if text.strip() else [f"{where} is empty"]
    odd = sorted({hex(ord(one)) for one in text if _steers(one)})
    return found + ([f"{where} has the invisible {', '.join(odd)}"] if odd else [])


def _steers(character: str) -> bool:
    """Characters that nobody sees and that change what is seen; a word joiner and emoji joiners do not."""
    harmless = "\n\t\u2060\u200d\ufe0f"
    return character not in harmless and unicodedata.category(character) in (
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Zl",
        "Zp",
    )


def _mrkdwn_faults(where: str, text: str) -> list[str]:
    text = _ISSUE_LINK.sub(r"\1", text).replace(_OWN_ADDRESS, "an address to copy")
    alive = [one[0] for one in _ALIVE.finditer(text)]
    # The text beside blocks is clipped for notifications.
    shown = [line for line in text.splitlines() if where == "mrkdwn" and _shows_marks(line)]
    return ([f"{where} has a live {alive}"] if alive else []) + [
        f"{where} shows a mark as it is in {line!r}" for line in shown
    ]


def _shows_marks(line: str) -> bool:
    """Whether marks are left that make nothing bold or italic, such as those around text with marks."""
    rest = _IN_A_WORD.sub("", _CODE.sub("", line))
    return any(
        re.search(_EDGE.format(mark), re.sub(_ENCLOSED.format(mark), "", rest)) for mark in ("\\*", "_")
    )


_IN_A_WORD = re.compile(r"(?<=[^\W_])[*_]+(?=[^\W_])")
_CODE = re.compile(r"```.*?```|`[^`]*`")
_ENCLOSED = r"(?<![^\W_]){0}(?=\S)[^{0}]+(?<=\S){0}(?![^\W_])"
_EDGE = r"(?<![^\W_]){0}|{0}(?![^\W_])"


# All that may stand in angle brackets is a moment; bare addresses and mentions are broken.
_ALIVE = re.compile(
    r"<(?!!date\^\d+\^\{date_short_pretty\}, \{time\}\|[\d :-]+UTC>)|(?<!UTC)>|@(?:channel|here|everyone)\b"
    r"|\bhttps?://|&(?!amp;|lt;|gt;)"
)


def _over(what: str, text: str, limit: int) -> list[str]:
    return [f"{what} has {len(text)} characters, at most {limit} fit"] if len(text) > limit else []


def _too_many(what: str, things: list[Any], limit: int) -> list[str]:
    return [f"{len(things)} {what}, at most {limit} fit"] if len(things) > limit else []


_ISSUE_LINK = re.compile(r"<https://tracker\.example/[^\s<>|]*\|([^<>|]*)>")
"""The only link in mrkdwn: the key of an issue, whose address the domain has checked."""
_OWN_ADDRESS = "```https://bot.example/hooks```"
"""The address of a webhook of the bot, which is shown to be copied."""
