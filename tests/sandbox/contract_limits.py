"""Blocks and views of a chosen size, one for each of Slack's limits that can be probed."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

from bot.sandbox.block_kit.validation import message_errors, view_errors
from tests.sandbox.small_bot import Json, button, field, plain

Fill = Callable[[int], object]
"""Returns a value of a size."""


def _text(size: int) -> str:
    return "x" * size


def _plain(size: int) -> Json:
    return plain(_text(size))


def _address(size: int) -> str:
    return "https://e.example/".ljust(size, "x")


def _options(size: int) -> list[Json]:
    return [{"text": plain("t"), "value": f"v{place}"} for place in range(size)]


def _groups(size: int) -> list[Json]:
    return [{"label": plain(f"g{place}"), "options": _options(1)} for place in range(size)]


def _buttons(size: int) -> list[Json]:
    return [button("b", f"a{place}") for place in range(size)]


def _dividers(size: int) -> list[Json]:
    return [{"type": "divider"}] * size


def _texts(size: int) -> list[Json]:
    return [plain("t")] * size


def _one_text(size: int) -> list[Json]:
    return [_plain(size)]


def _itself(size: int) -> int:
    return size


def _actions(element: Json) -> Json:
    return {"type": "actions", "elements": [element]}


def _choice(kind: str, **more: object) -> Json:
    return _actions({"type": kind, "action_id": "a", **more})


def _modal(*blocks: Json) -> Json:
    return {"type": "modal", "title": plain("t"), "submit": plain("s"), "blocks": list(blocks)}


def _input(kind: str) -> Json:
    return _modal(field("f", "b", {"type": kind, "action_id": "a"}))


_LINK = "https://e.example/v"
_BUTTON = _actions(button("b", "a"))
_CONFIRM = {name: plain("t") for name in ("title", "text", "confirm", "deny")}
_CONFIRMED = _actions({**button("b", "a"), "confirm": _CONFIRM})
_SELECT = _choice("static_select", options=_options(1))
_GROUPED = _choice("static_select", option_groups=_groups(1))
_SECTION: Json = {"type": "section"}
_IMAGE: Json = {"type": "image", "image_url": _LINK, "alt_text": "t"}
_VIDEO: Json = {
    "type": "video",
    "alt_text": "t",
    "title": plain("t"),
    "video_url": _LINK,
    "thumbnail_url": _LINK,
}
_VIEW, _DIVIDER, _MARKDOWN = _modal(*_dividers(1)), _dividers(1)[0], {"type": "markdown"}

_TABLE: dict[str, tuple[Json, str, Fill]] = {
    "text.max_length": (_SECTION, "text", _plain),
    "text.min_length": (_SECTION, "text", _plain),
    "action_id.max_length": (_BUTTON, "elements.0.action_id", _text),
    "block_id.max_length": (_DIVIDER, "block_id", _text),
    "button.text.max_length": (_BUTTON, "elements.0.text", _plain),
    "button.url.max_length": (_BUTTON, "elements.0.url", _address),
    "button.value.max_length": (_BUTTON, "elements.0.value", _text),
    "button.accessibility_label.max_length": (_BUTTON, "elements.0.accessibility_label", _text),
    "option.text.max_length": (_SELECT, "elements.0.options.0.text", _plain),
    "option.value.max_length": (_SELECT, "elements.0.options.0.value", _text),
    "option.description.max_length": (_SELECT, "elements.0.options.0.description", _plain),
    "option.url.max_length": (_choice("overflow", options=_options(1)), "elements.0.options.0.url", _address),
    "option_group.label.max_length": (_GROUPED, "elements.0.option_groups.0.label", _plain),
    "option_group.options.min_items": (_GROUPED, "elements.0.option_groups.0.options", _options),
    "option_group.options.max_items": (_GROUPED, "elements.0.option_groups.0.options", _options),
    "select.placeholder.max_length": (_SELECT, "elements.0.placeholder", _plain),
    "select.options.max_items": (_SELECT, "elements.0.options", _options),
    "select.option_groups.max_items": (_GROUPED, "elements.0.option_groups", _groups),
    "file_input.max_files.min": (_input("file_input"), "blocks.0.element.max_files", _itself),
    "file_input.max_files.max": (_input("file_input"), "blocks.0.element.max_files", _itself),
    "plain_text_input.max_length.max": (
        _input("plain_text_input"),
        "blocks.0.element.max_length",
        _itself,
    ),
    "actions.elements.max_items": (_BUTTON, "elements", _buttons),
    "alert.text.max_length": ({"type": "alert"}, "text", _plain),
    "context.elements.max_items": ({"type": "context"}, "elements", _texts),
    "header.text.max_length": ({"type": "header"}, "text", _plain),
    "image.image_url.max_length": (_IMAGE, "image_url", _address),
    "image.alt_text.max_length": (_IMAGE, "alt_text", _text),
    "input.label.max_length": (_input("plain_text_input"), "blocks.0.label", _plain),
    "input.hint.max_length": (_input("plain_text_input"), "blocks.0.hint", _plain),
    "markdown.text.min_length": (_MARKDOWN, "text", _text),
    "markdown.text.max_length": (_MARKDOWN, "text", _text),
    "section.text.max_length": (_SECTION, "text", _plain),
    "section.fields.max_items": (_SECTION, "fields", _texts),
    "section.fields.item_max_length": (_SECTION, "fields", _one_text),
    "video.alt_text.min_length": (_VIDEO, "alt_text", _text),
    "video.alt_text.max_length": (_VIDEO, "alt_text", _text),
    "video.title.max_length": (_VIDEO, "title", _plain),
    "video.author_name.max_length": (_VIDEO, "author_name", _text),
    "video.description.max_length": (_VIDEO, "description", _plain),
    "video.provider_name.max_length": (_VIDEO, "provider_name", _text),
    "view.blocks.min_items": (_VIEW, "blocks", _dividers),
    "view.blocks.max_items": (_VIEW, "blocks", _dividers),
    "view.private_metadata.max_length": (_VIEW, "private_metadata", _text),
    "view.callback_id.max_length": (_VIEW, "callback_id", _text),
    **{f"view.{name}.max_length": (_VIEW, name, _plain) for name in ("title", "close", "submit")},
    **{
        f"confirmation.{name}.max_length": (_CONFIRMED, f"elements.0.confirm.{name}", _plain)
        for name in _CONFIRM
    },
    **{
        f"{kind}.options.{end}": (_choice(kind), "elements.0.options", _options)
        for kind in ("overflow", "checkboxes", "radio_buttons")
        for end in ("min_items", "max_items")
    },
}
"""For each limit, something that is valid but for one field, the path of that field, and what fills it."""


def _is_taken(thing: Json, path: str, fill: Fill, size: int) -> bool:
    """Return whether the sandbox takes the thing at that size."""
    built: Any = deepcopy(thing)
    inner, (*way, last) = built, path.split(".")
    for step in way:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = fill(size)
    return not (view_errors(built, kind="modal") if built["type"] == "modal" else message_errors([built]))


PROBES = {name: partial(_is_taken, *row) for name, row in _TABLE.items()}
