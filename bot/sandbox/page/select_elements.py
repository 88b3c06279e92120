"""Select menus, checkboxes and radio buttons."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.sandbox.block_kit.element_state import InteractiveElement, options, value_key, with_value
from bot.sandbox.page.block_html import text_html
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.html_elements import element, html
from bot.sandbox.page.input_elements import TYPED, describe
from bot.sandbox.slack_json import Json, json_items, json_objects, text_of
from bot.sandbox.users.mrkdwn import plain_to_html

_CHECKED = "(event) => emit(event.target.checked)"

Offer = tuple[str, object, str]
"""An option's text, its value, and the name of its group."""


def draw_select(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw a single-choice list."""
    offered = _offered(control.element, surface)
    held = next((value for key, value in surface.state(control).items() if key != "type"), None)
    drawn = element("select", css="field select")
    drawn.props["data-testid"] = f"field-{control.block_id}"
    describe(drawn, control, surface, name)
    with drawn:
        nothing = html(plain_to_html(text_of(control.element.get("placeholder")) or "Choose…"), tag="option")
        nothing.props["value"] = ""
        group = ""
        holder = drawn
        for number, (shown, value, of) in enumerate(offered):
            if of != group:
                group = of
                holder = element("optgroup")
                holder.props["label"] = of
            with holder:
                option = html(plain_to_html(shown), tag="option")
                option.props["value"] = str(number)
                if value == held:
                    option.props["selected"] = True

    async def chosen(event: GenericEventArguments) -> None:
        picked = str(event.args)
        value = offered[int(picked)][1] if picked.isdigit() and int(picked) < len(offered) else None
        await surface.touch(control, with_value(control.element, value))

    drawn.on("change", chosen, js_handler=TYPED)
    if "external" in str(control.element["type"]) and not offered:
        html("The sandbox does not ask the bot for this list's options.", css="input-hint")


def draw_multi_select(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw a multiple-choice list."""
    offered = _offered(control.element, surface)
    held = json_items(surface.state(control).get(value_key(control.element) or ""))
    chosen = [number for number, (_, value, _) in enumerate(offered) if value in held]

    async def changed(numbers: list[int]) -> None:
        await surface.touch(control, with_value(control.element, [offered[number][1] for number in numbers]))

    drawn = ui.select(
        {number: shown for number, (shown, _, _) in enumerate(offered)},
        value=chosen,
        multiple=True,
        on_change=lambda event: changed(event.value),
    ).props("outlined dense use-chips options-dense popup-content-class=slack-menu")
    drawn.classes("multi")
    drawn.props["aria-label"] = name
    drawn.props["data-testid"] = f"field-{control.block_id}"
    if not chosen and control.element.get("placeholder"):
        drawn.props["label"] = text_of(control.element["placeholder"])
    if control.element.get("max_selected_items"):
        drawn.props["max-values"] = int(control.element["max_selected_items"])


def draw_boxes(control: InteractiveElement, surface: Surface) -> None:
    """Draw checkboxes or radio buttons."""
    many = control.element["type"] == "checkboxes"
    held = surface.state(control)
    marked = json_objects(held.get("selected_options")) or json_objects([held.get("selected_option")])
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


def _offered(shown: Json, surface: Surface) -> list[Offer]:
    kind = str(shown["type"])
    person, workspace = surface.person, surface.person.workspace
    if "users" in kind:
        return [(one.name, one.id, "") for one in workspace.people if not one.is_bot and not one.deleted]
    if "channels" in kind or "conversations" in kind:
        return [
            (f"#{one.name}", one.id, "")
            for one in workspace.channels
            if not one.is_private or ("conversations" in kind and person.id in one.members)
        ]
    grouped: list[Offer] = [
        (text_of(option.get("text")), option, text_of(group.get("label")))
        for group in json_objects(shown.get("option_groups"))
        for option in json_objects(group.get("options"))
    ]
    return grouped or [(text_of(option.get("text")), option, "") for option in options(shown)]
