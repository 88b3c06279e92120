"""Rendering of rarely used blocks: alerts, cards, containers, videos, files."""

from collections.abc import Callable
from html import escape

from bot.sandbox.block_kit.element_state import interactive_elements
from bot.sandbox.page.block_html import image_html, link_html, text_html, unknown_html
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.element_rendering import draw_element
from bot.sandbox.page.html_elements import element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.slack_json import Json, json_objects, text_of

DrawBlocks = Callable[[list[Json], Surface], None]
_LEVELS = {"info", "success", "warning", "error"}


def draw_rare_block(block: Json, surface: Surface, draw_blocks: DrawBlocks) -> None:
    """Draw a block of a rare type, and any other as a plain box with its text."""
    name = surface.person.name_of
    match block.get("type"):
        case "alert":
            level = str(block.get("level", "default"))
            with element("div", css=f"alert {level if level in _LEVELS else ''}"):
                html(icon("warning", 18))
                with element("div"):
                    html(text_html(block.get("text"), name))
                    _buttons(block, surface)
        case "card":
            _card(block, surface)
        case "carousel":
            with element("div", css="carousel"):
                for card in json_objects(block.get("elements")):
                    _card(card, surface)
        case "container":
            _container(block, surface, draw_blocks)
        case "video":
            title = link_html(str(block.get("title_url", "")), text_of(block.get("title")))
            said = escape(text_of(block.get("description")))
            html(f'<div class="rare-title">▶ {title}</div><div class="soft">{said}</div>', css="rare")
        case "file":
            html(f"{icon('file')} {escape(str(block.get('external_id', '')))}", css="rare")
        case kind:
            html(unknown_html(str(kind), block))


def _card(block: Json, surface: Surface) -> None:
    name = surface.person.name_of
    with element("div", css="rare card-block"):
        for image in json_objects([block.get("hero_image")]):
            html(image_html(image, "card-hero"))
        for key, css in (
            ("title", "rare-title"),
            ("subtitle", "soft"),
            ("body", ""),
            ("subtext", "soft small"),
        ):
            if block.get(key):
                html(text_html(block[key], name), css=css)
        _buttons(block, surface)


def _container(block: Json, surface: Surface, draw_blocks: DrawBlocks) -> None:
    name = surface.person.name_of
    folds = bool(block.get("is_collapsible"))
    with element("details" if folds else "div", css="rare container-block") as box:
        if folds:
            box.props["open"] = not block.get("default_collapsed")
        title = f"<b>{text_html(block.get('title'), name)}</b>"
        if block.get("subtitle"):
            title += f' <span class="soft">{text_html(block["subtitle"], name)}</span>'
        html(title, tag="summary" if folds else "div", css="rare-title")
        draw_blocks(json_objects(block.get("child_blocks")), surface)


def _buttons(block: Json, surface: Surface) -> None:
    found = list(interactive_elements([block]))
    if found:
        with element("div", css="actions"):
            for control in found:
                draw_element(control, surface)
