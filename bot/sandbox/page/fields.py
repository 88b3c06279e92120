"""Interactive elements on the page, each by its type."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from bot.sandbox.elements import Control, options, value_key, with_value
from bot.sandbox.kit import Json, items, objects, words
from bot.sandbox.mrkdwn import plain_to_html
from bot.sandbox.page.dialogs import confirmed
from bot.sandbox.page.html import element, html
from bot.sandbox.page.markup import image_html, text_html
from bot.sandbox.page.surface import Surface
from bot.sandbox.reading import label

_INPUT_TYPES = {
    "number_input": "number",
    "email_text_input": "email",
    "url_text_input": "url",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
}
_TYPED = "(event) => emit(event.target.value)"
_CHECKED = "(event) => emit(event.target.checked)"


def draw_element(control: Control, surface: Surface, *, name: str = "") -> None:
    """Draw one interactive element; `name` is what a screen reader calls it."""
    name = name or label(control)
    match str(control.element.get("type")):
        case "button" | "workflow_button" | "icon_button":
            _button(control, surface)
        case "overflow":
            _overflow(control, surface)
        case "plain_text_input" | "rich_text_input" if control.element.get("multiline"):
            _typed(control, surface, name, tag="textarea")
        case (
            "plain_text_input" | "number_input" | "email_text_input" | "url_text_input"
            | "datepicker" | "timepicker" | "datetimepicker"
        ):  # fmt: skip
            _typed(control, surface, name, tag="input")
        case (
            "static_select" | "external_select" | "users_select" | "conversations_select" | "channels_select"
        ):
            _select(control, surface, name)
        case "checkboxes" | "radio_buttons":
            _boxes(control, surface)
        case kind if kind.startswith("multi_"):
            _multi_select(control, surface, name)
        case "image":
            html(image_html(control.element, "accessory-image"))
        case kind:
            html(f"{plain_to_html(kind)} is not shown here", css="unknown-block")


def _button(control: Control, surface: Surface) -> None:
    shown = control.element
    style = str(shown.get("style", "default"))
    with element("button", css=f"btn btn-{style}") as drawn:
        html(plain_to_html(words(shown.get("text"))), tag="span")
    drawn.props["type"] = "button"
    drawn.props["data-testid"] = f"action-{control.action_id}"
    if shown.get("accessibility_label"):
        drawn.props["aria-label"] = str(shown["accessibility_label"])
    _on_press(drawn, control, surface, {"type": "button"})
    if str(shown.get("url", "")).startswith(("https://", "http://")):
        ui_link = str(shown["url"])
        drawn.on("click", lambda: ui.navigate.to(ui_link, new_tab=True))


def _overflow(control: Control, surface: Surface) -> None:
    with element("button", css="btn btn-default btn-overflow") as drawn:
        html("⋯", tag="span")
        with ui.menu().classes("slack-menu"):
            for option in options(control.element):
                chosen: Json = {"type": "overflow", "selected_option": option}
                item = ui.menu_item(words(option.get("text")))
                _on_press(item, control, surface, chosen)
    drawn.props["type"] = "button"
    drawn.props["aria-label"] = "More options"
    drawn.props["data-testid"] = f"action-{control.action_id}"


def _on_press(drawn: Element, control: Control, surface: Surface, state: Json) -> None:
    async def press() -> None:
        asked = objects([control.element.get("confirm")])
        if asked and not await confirmed(asked[0], surface.person.name_of):
            return
        drawn.classes(add="busy")
        await surface.touch(control, state)
        if not drawn.is_deleted:
            drawn.classes(remove="busy")

    drawn.on("click", press)


def _typed(control: Control, surface: Surface, name: str, *, tag: str) -> None:
    shown = control.element
    held = next((value for key, value in surface.state(control).items() if key != "type"), None)
    drawn = element(tag, css="field")
    drawn.props["value"] = "" if held is None else str(held)
    drawn.props["placeholder"] = words(shown.get("placeholder"))
    drawn.props["data-testid"] = f"field-{control.block_id}"
    _describe(drawn, control, surface, name)
    if tag == "input":
        drawn.props["type"] = _INPUT_TYPES.get(str(shown["type"]), "text")
        drawn.props["autocomplete"] = "off"
        if shown.get("type") == "number_input":
            drawn.props["step"] = "any" if shown.get("is_decimal_allowed") else "1"
    else:
        drawn.props["rows"] = "4"

    async def entered(event: GenericEventArguments) -> None:
        await surface.touch(control, with_value(shown, str(event.args) or None))

    # A field that dispatches tells the bot when it is left; the others are kept as they are typed.
    drawn.on("change" if control.dispatches else "input", entered, js_handler=_TYPED)


def _select(control: Control, surface: Surface, name: str) -> None:
    choices = _choices(control.element, surface)
    held = next((value for key, value in surface.state(control).items() if key != "type"), None)
    drawn = element("select", css="field select")
    drawn.props["data-testid"] = f"field-{control.block_id}"
    _describe(drawn, control, surface, name)
    with drawn:
        nothing = html(plain_to_html(words(control.element.get("placeholder")) or "Choose…"), tag="option")
        nothing.props["value"] = ""
        for number, (shown, value) in enumerate(choices):
            option = html(plain_to_html(shown), tag="option")
            option.props["value"] = str(number)
            if value == held:
                option.props["selected"] = True

    async def chosen(event: GenericEventArguments) -> None:
        picked = str(event.args)
        value = choices[int(picked)][1] if picked.isdigit() and int(picked) < len(choices) else None
        await surface.touch(control, with_value(control.element, value))

    drawn.on("change", chosen, js_handler=_TYPED)


def _multi_select(control: Control, surface: Surface, name: str) -> None:
    choices = _choices(control.element, surface)
    key = value_key(control.element) or ""
    held = items(surface.state(control).get(key))
    chosen = [number for number, (_, value) in enumerate(choices) if value in held]

    async def changed(numbers: list[int]) -> None:
        await surface.touch(control, with_value(control.element, [choices[number][1] for number in numbers]))

    drawn = ui.select(
        {number: shown for number, (shown, _) in enumerate(choices)},
        value=chosen,
        multiple=True,
        on_change=lambda event: changed(event.value),
    ).props("outlined dense use-chips options-dense")
    drawn.classes("multi")
    drawn.props["aria-label"] = name
    drawn.props["data-testid"] = f"field-{control.block_id}"


def _boxes(control: Control, surface: Surface) -> None:
    many = control.element["type"] == "checkboxes"
    held = surface.state(control)
    marked = objects(held.get("selected_options")) or objects([held.get("selected_option")])
    current = [str(option.get("value")) for option in marked]
    known = options(control.element)

    def ticked(value: str) -> Callable[[GenericEventArguments], Awaitable[None]]:
        async def change(event: GenericEventArguments) -> None:
            if many:
                if event.args and value not in current:
                    current.append(value)
                elif not event.args and value in current:
                    current.remove(value)
            else:
                current[:] = [value]
            picked = [option for option in known if option.get("value") in current]
            await surface.touch(control, with_value(control.element, picked if many else picked[0]))

        return change

    with element("div", css="boxes"):
        for option in known:
            value = str(option.get("value"))
            with element("label", css="box"):
                box = element("input")
                box.props["type"] = "checkbox" if many else "radio"
                box.props["name"] = f"{control.block_id}-{id(control)}"
                box.props["checked"] = value in current
                box.on("change", ticked(value), js_handler=_CHECKED)
                with element("span", css="box-words"):
                    html(text_html(option.get("text"), surface.person.name_of), css="box-text")
                    if option.get("description"):
                        html(text_html(option["description"], surface.person.name_of), css="box-more")


def _choices(shown: Json, surface: Surface) -> list[tuple[str, object]]:
    kind = str(shown["type"])
    workspace = surface.person.workspace
    if "users" in kind:
        return [(one.name, one.id) for one in workspace.people if not one.is_bot and not one.deleted]
    if "channels" in kind or "conversations" in kind:
        return [(f"#{one.name}", one.id) for one in workspace.channels]
    return [(words(option.get("text")), option) for option in options(shown)]


def _describe(drawn: Element, control: Control, surface: Surface, name: str) -> None:
    drawn.props["aria-label"] = name
    if surface.error(control.block_id):
        drawn.props["aria-invalid"] = "true"
        drawn.props["aria-describedby"] = f"error-{control.block_id}"
        drawn.classes(add="field-wrong")
