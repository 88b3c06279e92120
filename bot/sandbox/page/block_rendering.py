"""Rendering of Block Kit blocks."""

from html import escape

from bot.sandbox.block_kit.element_state import interactive_elements
from bot.sandbox.page.attachments import file_address
from bot.sandbox.page.block_html import context_html, image_html, rich_text_html, table_html, text_html
from bot.sandbox.page.chart_block import chart_html
from bot.sandbox.page.data_table import draw_data_table
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.element_rendering import draw_element
from bot.sandbox.page.html_elements import element, html
from bot.sandbox.page.markdown_html import markdown_html
from bot.sandbox.page.rare_blocks import draw_rare_block
from bot.sandbox.slack_json import Json, json_objects, text_of
from bot.sandbox.users.block_text import element_label
from bot.sandbox.users.mrkdwn import plain_to_html
from bot.sandbox.workspace.uploaded_files import FileNotFound


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
                cells = "".join(f'<div class="field-cell">{text_html(one, name)}</div>' for one in fields)
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
        except FileNotFound:
            return image
    return image
