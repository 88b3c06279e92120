"""Rendering of Block Kit blocks."""

from collections.abc import Callable
from html import escape

from bot.sandbox.block_kit.element_state import interactive_elements
from bot.sandbox.page.attachments import file_address
from bot.sandbox.page.block_html import (
    chart_html,
    context_html,
    image_html,
    markdown_html,
    rich_text_html,
    table_html,
    text_html,
    unknown_html,
)
from bot.sandbox.page.element_rendering import Surface, draw_element
from bot.sandbox.page.html_elements import button, element, html, icon
from bot.sandbox.slack_json import ApiError, Json, json_items, json_objects, text_of
from bot.sandbox.users.block_text import element_label
from bot.sandbox.users.mrkdwn import HTML, Name, plain_to_html

PAGE_ROWS = 5
"""Slack's default page size."""


def draw_data_table(block: Json, name: Name) -> None:
    """Draw a table with buttons to page through its rows."""
    rows = len(json_items(block.get("rows"))) - 1
    size = int(block.get("page_size") or PAGE_ROWS)
    at = [1]

    def draw() -> None:
        frame.clear()
        end = min(at[0] + size, rows + 1)
        with frame:
            html(table_html(block, name, only=range(at[0], end)))
            if rows > size:
                with element("div", css="table-foot"):
                    html(f"{at[0]} to {end - 1} of {rows}", tag="span")
                    _turn("Previous", -size, off=at[0] == 1)
                    _turn("Next", size, off=end > rows)

    def _turn(shown: str, by: int, *, off: bool) -> None:
        def turn() -> None:
            at[0] += by
            draw()

        turner = button(shown, css="chip", press=turn)
        turner.props["disabled"] = off

    frame = element("div", css="data-table")
    draw()


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
            title = HTML.link(str(block.get("title_url", "")), text_of(block.get("title")))
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


def draw_blocks(blocks: list[Json], surface: Surface) -> None:
    """Draw blocks one below the other."""
    for block in blocks:
        _draw_block(block, surface)


def _draw_block(block: Json, surface: Surface) -> None:
    name = surface.person.name_of
    match block.get("type"):
        case "section":
            _section(block, surface)
        case "header":
            css = f"header-block level-{block.get('level', 2)}"
            html(plain_to_html(text_of(block.get("text"))), css=css, tag="h3")
        case "divider":
            element("hr", css="divider")
        case "context":
            html(context_html(block, name))
        case "actions" | "context_actions":
            with element("div", css="actions"):
                for control in interactive_elements([block]):
                    draw_element(control, surface)
        case "image":
            title = text_of(block.get("title"))
            heading = f'<div class="image-title">{escape(title)}</div>' if title else ""
            html(heading + image_html(_with_address(block, surface), "image-block"))
        case "rich_text":
            html(rich_text_html(block, name), css="rich-text")
        case "markdown":
            html(markdown_html(str(block.get("text", ""))), css="section-text markdown")
        case "table":
            html(table_html(block, name))
        case "data_table":
            draw_data_table(block, name)
        case "data_visualization":
            html(chart_html(block))
        case "input":
            _input(block, surface)
        case _:
            draw_rare_block(block, surface, draw_blocks)


def _section(block: Json, surface: Surface) -> None:
    name = surface.person.name_of
    with element("div", css="section"):
        with element("div", css="section-words"):
            if block.get("text"):
                html(text_html(block["text"], name), css="section-text")
            fields = json_objects(block.get("fields"))
            if fields:
                cells = "".join(f'<div class="field-cell">{text_html(field, name)}</div>' for field in fields)
                html(cells, css="section-fields")
        for control in interactive_elements([block]):
            with element("div", css="accessory"):
                draw_element(control, surface)
        if json_objects([block.get("accessory")]) and block["accessory"].get("type") == "image":
            html(image_html(_with_address(block["accessory"], surface), "accessory-image"))


def _input(block: Json, surface: Surface) -> None:
    error = surface.error(str(block.get("block_id", "")))
    with element("div", css=f"input-block {'wrong' if error else ''}"):
        for control in interactive_elements([block]):
            optional = ' <span class="optional">(optional)</span>' if block.get("optional") else ""
            html(plain_to_html(element_label(control)) + optional, css="input-label")
            draw_element(control, surface, name=element_label(control))
        if error:
            shown = html(plain_to_html(error), css="input-error", testid=f"error-{block['block_id']}")
            shown.props["id"] = f"error-{block['block_id']}"
            shown.props["role"] = "alert"
        if block.get("hint"):
            html(plain_to_html(text_of(block["hint"])), css="input-hint")


def _with_address(image: Json, surface: Surface) -> Json:
    """Return an image with the address of its uploaded file, if it has one."""
    workspace = surface.person.workspace
    for named in json_objects([image.get("slack_file")]):
        # In an address, the workspace's ID precedes the file's.
        in_address = str(named.get("url", "")).rpartition("/files-pri/")[2].split("/")[0].rpartition("-")[2]
        file_id = str(named.get("id") or in_address)
        try:
            return {**image, "image_url": file_address(workspace, workspace.files.file(file_id))}
        except ApiError:
            return image
    return image
