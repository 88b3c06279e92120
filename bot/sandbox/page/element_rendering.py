"""Rendering of interactive elements by type."""

from bot.sandbox.block_kit.element_state import InteractiveElement
from bot.sandbox.page.block_html import image_html, unknown_html
from bot.sandbox.page.button_elements import draw_button, draw_feedback, draw_overflow
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.file_inputs import draw_file_input
from bot.sandbox.page.html_elements import html
from bot.sandbox.page.input_elements import draw_typed
from bot.sandbox.page.select_elements import draw_boxes, draw_multi_select, draw_select
from bot.sandbox.users.block_text import element_label


def draw_element(control: InteractiveElement, surface: Surface, *, name: str = "") -> None:
    """Draw one interactive element; `name` is its accessible name."""
    name = name or element_label(control)
    match str(control.element.get("type")):
        case "button" | "workflow_button" | "icon_button":
            draw_button(control, surface)
        case "overflow":
            draw_overflow(control, surface)
        case "feedback_buttons":
            draw_feedback(control, surface)
        case (
            "plain_text_input" | "number_input" | "email_text_input" | "url_text_input" | "rich_text_input"
            | "datepicker" | "timepicker" | "datetimepicker"
        ):  # fmt: skip
            draw_typed(control, surface, name)
        case (
            "static_select" | "external_select" | "users_select" | "conversations_select" | "channels_select"
        ):
            draw_select(control, surface, name)
        case "checkboxes" | "radio_buttons":
            draw_boxes(control, surface)
        case kind if kind.startswith("multi_"):
            draw_multi_select(control, surface, name)
        case "file_input":
            draw_file_input(control, surface, name)
        case "image":
            html(image_html(control.element, "accessory-image"))
        case kind:
            html(unknown_html(kind, control.element))
