"""Buttons, overflow menus and feedback buttons."""

import json

from nicegui import ui
from nicegui.element import Element

from bot.sandbox.block_kit.element_state import InteractiveElement, options
from bot.sandbox.page.dialogs import ask_for_confirmation
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.html_elements import button
from bot.sandbox.page.icons import icon
from bot.sandbox.slack_json import Json, json_objects, text_of
from bot.sandbox.users.mrkdwn import plain_to_html

_ICONS = {"trash": "trash"}


def draw_button(control: InteractiveElement, surface: Surface) -> None:
    """Draw a button."""
    shown = control.element
    only_for = shown.get("visible_to_user_ids")
    if only_for and surface.person.id not in only_for:
        return
    words_on_it = plain_to_html(text_of(shown.get("text")))
    drawing = icon(_ICONS[str(shown["icon"])], 14) if str(shown.get("icon")) in _ICONS else ""
    style = str(shown.get("style", "default"))
    drawn = button(
        f"{drawing} {words_on_it}".strip(), css=f"btn btn-{style}", testid=f"action-{control.action_id}"
    )
    if shown.get("accessibility_label"):
        drawn.props["aria-label"] = str(shown["accessibility_label"])
    _on_press(drawn, control, surface, {"type": shown["type"]})
    if str(shown.get("url", "")).startswith(("https://", "http://")):
        link = json.dumps(str(shown["url"]))
        drawn.on("click", js_handler=f"() => window.open({link}, '_blank', 'noopener,noreferrer')")


def draw_overflow(control: InteractiveElement, surface: Surface) -> None:
    """Draw a menu of options behind three dots."""
    opener = button(
        icon("more", 18),
        css="btn btn-default btn-overflow",
        label="More options",
        testid=f"action-{control.action_id}",
    )
    with opener, ui.menu().classes("slack-menu"):
        for option in options(control.element):
            chosen: Json = {"type": "overflow", "selected_option": option}
            item = ui.menu_item(text_of(option.get("text")))
            _on_press(item, control, surface, chosen)


def draw_feedback(control: InteractiveElement, surface: Surface) -> None:
    """Draw the two buttons of a feedback element."""
    for key in ("positive_button", "negative_button"):
        for one in json_objects([control.element.get(key)]):
            drawn = button(plain_to_html(text_of(one.get("text"))), css="btn btn-default")
            _on_press(drawn, control, surface, {"type": "feedback_buttons", "value": one.get("value")})


def _on_press(drawn: Element, control: InteractiveElement, surface: Surface, state: Json) -> None:
    async def press() -> None:
        asked = json_objects([control.element.get("confirm")])
        if asked and not await ask_for_confirmation(asked[0], surface.person.name_of):
            return
        drawn.classes(add="busy")
        await surface.touch(control, state)
        if not drawn.is_deleted:
            drawn.classes(remove="busy")

    drawn.on("click", press)
