"""Blocks and views of a chosen size, one builder for each of Slack's limits that can be probed."""

from collections.abc import Callable

from bot.sandbox.block_kit.validation import message_errors, view_errors
from tests.sandbox.small_bot import Json, button, field, plain

Probe = Callable[[int], bool]
"""Says whether the sandbox takes the thing at that size."""


def _text(size: int) -> str:
    return "x" * size


def _block(build: Callable[[int], Json]) -> Probe:
    return lambda size: not message_errors([build(size)])


def _element(build: Callable[[int], Json]) -> Probe:
    return _block(lambda size: {"type": "actions", "elements": [build(size)]})


def _input(build: Callable[[int], Json]) -> Probe:
    return lambda size: not view_errors(_modal(blocks=[build(size)]), kind="modal")


def _view(build: Callable[[int], Json]) -> Probe:
    return lambda size: not view_errors(_modal(**build(size)), kind="modal")


def _modal(**more: object) -> Json:
    return {
        "type": "modal",
        "title": plain("t"),
        "submit": plain("s"),
        "blocks": [{"type": "divider"}],
        **more,
    }


def _option(text: str = "t", value: str = "v", **more: object) -> Json:
    return {"text": plain(text), "value": value, **more}


def _options(size: int) -> list[Json]:
    return [_option(value=f"v{place}") for place in range(size)]


def _select(**more: object) -> Json:
    return {
        "type": "static_select",
        "action_id": "a",
        **({} if "option_groups" in more else {"options": _options(1)}),
        **more,
    }


def _group(label: str = "g", size: int = 1) -> Json:
    return {"label": plain(label), "options": _options(size)}


def _confirm(**more: str) -> Json:
    words = {"title": "t", "text": "t", "confirm": "c", "deny": "d", **more}
    return {**button("b", "a"), "confirm": {name: plain(word) for name, word in words.items()}}


def _section(**more: object) -> Json:
    return {"type": "section", **more}


def _image(**more: str) -> Json:
    return {"type": "image", "image_url": "https://e.example/i.png", "alt_text": "t", **more}


def _address(size: int) -> str:
    return "https://e.example/".ljust(size, "x")


def _video(**more: object) -> Json:
    link = "https://e.example/v"
    return {
        "type": "video",
        "alt_text": "t",
        "title": plain("t"),
        "video_url": link,
        "thumbnail_url": link,
        **more,
    }


PROBES: dict[str, Probe] = {
    "text.max_length": _block(lambda n: _section(text=plain(_text(n)))),
    "text.min_length": _block(lambda n: _section(text=plain(_text(n)))),
    "action_id.max_length": _element(lambda n: button("b", _text(n))),
    "block_id.max_length": _block(lambda n: {"type": "divider", "block_id": _text(n)}),
    "button.text.max_length": _element(lambda n: button(_text(n), "a")),
    "button.url.max_length": _element(lambda n: button("b", "a", url=_address(n))),
    "button.value.max_length": _element(lambda n: button("b", "a", value=_text(n))),
    "button.accessibility_label.max_length": _element(
        lambda n: button("b", "a", accessibility_label=_text(n))
    ),
    "confirmation.title.max_length": _element(lambda n: _confirm(title=_text(n))),
    "confirmation.text.max_length": _element(lambda n: _confirm(text=_text(n))),
    "confirmation.confirm.max_length": _element(lambda n: _confirm(confirm=_text(n))),
    "confirmation.deny.max_length": _element(lambda n: _confirm(deny=_text(n))),
    "option.text.max_length": _element(lambda n: _select(options=[_option(_text(n))])),
    "option.value.max_length": _element(lambda n: _select(options=[_option(value=_text(n))])),
    "option.description.max_length": _element(
        lambda n: _select(options=[_option(description=plain(_text(n)))])
    ),
    "option.url.max_length": _element(
        lambda n: {"type": "overflow", "action_id": "a", "options": [_option(url=_address(n))]}
    ),
    "option_group.label.max_length": _element(lambda n: _select(option_groups=[_group(_text(n))])),
    "option_group.options.min_items": _element(lambda n: _select(option_groups=[_group(size=n)])),
    "option_group.options.max_items": _element(lambda n: _select(option_groups=[_group(size=n)])),
    "select.placeholder.max_length": _element(lambda n: _select(placeholder=plain(_text(n)))),
    "select.options.max_items": _element(lambda n: _select(options=_options(n))),
    "select.option_groups.max_items": _element(
        lambda n: _select(option_groups=[_group(f"g{place}") for place in range(n)])
    ),
    **{
        f"{name}.options.{end}": _element(
            lambda n, kind=name: {"type": kind, "action_id": "a", "options": _options(n)}
        )
        for name in ("overflow", "checkboxes", "radio_buttons")
        for end in ("min_items", "max_items")
    },
    "file_input.max_files.min": _input(
        lambda n: field("f", "b", {"type": "file_input", "action_id": "a", "max_files": n})
    ),
    "file_input.max_files.max": _input(
        lambda n: field("f", "b", {"type": "file_input", "action_id": "a", "max_files": n})
    ),
    "plain_text_input.max_length.max": _input(
        lambda n: field("f", "b", {"type": "plain_text_input", "action_id": "a", "max_length": n})
    ),
    "actions.elements.max_items": _block(
        lambda n: {"type": "actions", "elements": [button("b", f"a{place}") for place in range(n)]}
    ),
    "alert.text.max_length": _block(lambda n: {"type": "alert", "text": plain(_text(n))}),
    "context.elements.max_items": _block(lambda n: {"type": "context", "elements": [plain("t")] * n}),
    "header.text.max_length": _block(lambda n: {"type": "header", "text": plain(_text(n))}),
    "image.image_url.max_length": _block(lambda n: _image(image_url=_address(n))),
    "image.alt_text.max_length": _block(lambda n: _image(alt_text=_text(n))),
    "input.label.max_length": _input(
        lambda n: field(_text(n), "b", {"type": "plain_text_input", "action_id": "a"})
    ),
    "input.hint.max_length": _input(
        lambda n: field("f", "b", {"type": "plain_text_input", "action_id": "a"}, hint=plain(_text(n)))
    ),
    "markdown.text.min_length": _block(lambda n: {"type": "markdown", "text": _text(n)}),
    "markdown.text.max_length": _block(lambda n: {"type": "markdown", "text": _text(n)}),
    "section.text.max_length": _block(lambda n: _section(text=plain(_text(n)))),
    "section.fields.max_items": _block(lambda n: _section(fields=[plain("t")] * n)),
    "section.fields.item_max_length": _block(lambda n: _section(fields=[plain(_text(n))])),
    "video.alt_text.min_length": _block(lambda n: _video(alt_text=_text(n))),
    "video.alt_text.max_length": _block(lambda n: _video(alt_text=_text(n))),
    "video.title.max_length": _block(lambda n: _video(title=plain(_text(n)))),
    "video.author_name.max_length": _block(lambda n: _video(author_name=_text(n))),
    "video.description.max_length": _block(lambda n: _video(description=plain(_text(n)))),
    "video.provider_name.max_length": _block(lambda n: _video(provider_name=_text(n))),
    "view.blocks.min_items": _view(lambda n: {"blocks": [{"type": "divider"}] * n}),
    "view.blocks.max_items": _view(lambda n: {"blocks": [{"type": "divider"}] * n}),
    "view.private_metadata.max_length": _view(lambda n: {"private_metadata": _text(n)}),
    "view.callback_id.max_length": _view(lambda n: {"callback_id": _text(n)}),
    **{
        f"view.{name}.max_length": _view(lambda n, part=name: {part: plain(_text(n))})
        for name in ("title", "close", "submit")
    },
}
