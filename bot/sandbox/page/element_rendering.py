"""Rendering of interactive elements, and the handling of interactions with them."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from msgspec import Struct
from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments, UploadEventArguments

from bot.sandbox.block_kit.element_state import (
    InteractiveElement,
    initial_state,
    options,
    value_key,
    with_value,
)
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.page.block_html import image_html, text_html, unknown_html
from bot.sandbox.page.html_elements import CHECKED, TYPED, button, element, html, icon
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.slack_json import ApiError, Json, json_items, json_objects, text_of
from bot.sandbox.users.block_text import element_label
from bot.sandbox.users.mrkdwn import TEXT, Name, plain_to_html, rich_text
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import LARGEST_IN_FORM, MOST_FILES, NotOnScreen, SandboxPerson
from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.workspace_state import PostedMessage


class UserContext(Struct, frozen=True, kw_only=True):
    """A user at the page, and what they do in the tab as a whole."""

    sandbox: SandboxWorkspace
    person: SandboxPerson
    act: Callable[[Callable[[], Delivery | None]], Awaitable[None]]
    """Runs an action that waits for the bot in the background, and shows errors."""
    go: Callable[[str], None]
    open_thread: Callable[[str], None]


class Surface:
    """A message, modal or Home tab with interactive elements in it."""

    def __init__(self, user: UserContext, shown: PostedMessage | DisplayedView) -> None:
        self.person = user.person
        self._client, self._act, self._shown = user.sandbox.client, user.act, shown

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        shown = self._shown
        held = (
            shown.held if isinstance(shown, DisplayedView) else self._client.held(self.person.account, shown)
        )
        return held.get(control.key) or initial_state(control.element)

    def error(self, block_id: str) -> str | None:
        """Return the error message beside a field; messages have none."""
        return self._shown.errors.get(block_id) if isinstance(self._shown, DisplayedView) else None

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Store an interaction, and send it to the bot if required."""
        client, account, shown = self._client, self.person.account, self._shown
        if isinstance(shown, DisplayedView):
            if control.dispatches:
                await self._act(partial(client.click_in_view, account, shown, control, state))
                return
            try:
                client.parts.views.enter(shown, control, state)
            except ApiError:
                # It was closed in another tab while this one was still in use.
                return
        elif control.dispatches:
            current = client.workspace.message(shown.channel, shown.ts) or shown
            await self._act(partial(client.click_in_message, account, current, control, state))
        else:
            client.enter_in_message(account, shown, control, state)


async def ask_for_confirmation(asked: Json, name: Name) -> bool:
    """Show an element's confirm object, and return whether the person agreed."""
    style = "danger" if asked.get("style") == "danger" else "primary"
    with ui.context.client.content, ui.dialog() as dialog, element("div", css="confirm", testid="confirm"):
        html(text_html(asked.get("title"), name), css="confirm-title")
        html(text_html(asked.get("text"), name), css="confirm-text")
        with element("div", css="confirm-buttons"):
            for answer, css, shown in (
                ("no", "btn btn-default", text_html(asked.get("deny"), name) or "Cancel"),
                ("yes", f"btn btn-{style}", text_html(asked.get("confirm"), name)),
            ):
                button(shown or text_of(asked.get("title")), css=css, press=partial(dialog.submit, answer))
    answered: object = await dialog
    dialog.delete()
    return answered == "yes"


def _draw_button(control: InteractiveElement, surface: Surface) -> None:
    shown = control.element
    only_for = shown.get("visible_to_user_ids")
    if only_for and surface.person.id not in only_for:
        return
    words = plain_to_html(text_of(shown.get("text")))
    drawn = button(
        f"{icon('trash', 14)} {words}" if shown.get("icon") == "trash" else words,
        css=f"btn btn-{shown.get('style', 'default')}",
        testid=f"action-{control.action_id}",
    )
    if shown.get("accessibility_label"):
        drawn.props["aria-label"] = str(shown["accessibility_label"])
    _on_press(drawn, control, surface, {"type": shown["type"]})
    if str(shown.get("url", "")).startswith(("https://", "http://")):
        link = json.dumps(str(shown["url"]))
        drawn.on("click", js_handler=f"() => window.open({link}, '_blank', 'noopener,noreferrer')")


def _draw_overflow(control: InteractiveElement, surface: Surface) -> None:
    opener = button(
        icon("more", 18),
        css="btn btn-default btn-overflow",
        label="More options",
        testid=f"action-{control.action_id}",
    )
    with opener, ui.menu().classes("slack-menu"):
        for option in options(control.element):
            item = ui.menu_item(text_of(option.get("text")))
            _on_press(item, control, surface, {"type": "overflow", "selected_option": option})


def _draw_feedback(control: InteractiveElement, surface: Surface) -> None:
    for key in ("positive_button", "negative_button"):
        for choice in json_objects([control.element.get(key)]):
            drawn = button(plain_to_html(text_of(choice.get("text"))), css="btn btn-default")
            _on_press(drawn, control, surface, {"type": "feedback_buttons", "value": choice.get("value")})


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


_INPUT_TYPES = {
    "plain_text_input": "text",
    "rich_text_input": "text",
    "number_input": "number",
    "email_text_input": "email",
    "url_text_input": "url",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
}


def _field(tag: str, control: InteractiveElement, surface: Surface, name: str, **props: object) -> Element:
    """Return a form field, described with its error to screen readers."""
    drawn = element(tag, css="field", testid=f"field-{control.block_id}", aria_label=name, **props)
    if surface.error(control.block_id):
        drawn.props["aria-invalid"] = "true"
        drawn.props["aria-describedby"] = f"error-{control.block_id}"
        drawn.classes(add="field-wrong")
    return drawn


def _draw_typed(control: InteractiveElement, surface: Surface, name: str) -> None:
    shown, kind = control.element, str(control.element["type"])
    if shown.get("multiline") or kind == "rich_text_input":
        drawn = _field("textarea", control, surface, name, rows="4")
    else:
        drawn = _field("input", control, surface, name, type=_INPUT_TYPES[kind], autocomplete="off")
    # As a default, because a value would overwrite the typed text whenever the page changes elsewhere.
    drawn.props[".defaultValue"] = _shown(shown, surface.state(control), surface)
    drawn.props["placeholder"] = text_of(shown.get("placeholder"))
    if kind == "number_input":
        drawn.props["step"] = "any" if shown.get("is_decimal_allowed") else "1"

    async def entered(event: GenericEventArguments) -> None:
        await surface.touch(control, with_value(shown, _entered(shown, str(event.args), surface)))

    # A field that dispatches notifies the bot when it loses the focus; others store each change.
    config = json_objects([shown.get("dispatch_action_config")])
    at_once = bool(config) and "on_character_entered" in config[0].get("trigger_actions_on", [])
    drawn.on("change" if control.dispatches and not at_once else "input", entered, js_handler=TYPED)


def _held(state: Json) -> Any:
    return next((value for key, value in state.items() if key != "type"), None)


def _shown(element: Json, state: Json, surface: Surface) -> str:
    held = _held(state)
    if held is None:
        return ""
    match element["type"]:
        case "rich_text_input":
            parts = json_objects(held.get("elements"))
            return "\n".join(rich_text(part, surface.person.name_of, TEXT) for part in parts)
        case "datetimepicker":
            return f"{zone_offsets.local_time(surface.person.account.tz, float(held)):%Y-%m-%dT%H:%M}"
        case _:
            return str(held)


def _entered(element: Json, text: str, surface: Surface) -> object:
    if not text:
        return None
    match element["type"]:
        case "rich_text_input":
            section: Json = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
            return {"type": "rich_text", "elements": [section]}
        case "datetimepicker":
            there = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return int(there.timestamp()) - surface.person.account.offset_at(there.timestamp())
        case _:
            return text


def _draw_file_input(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw the chosen files, each with a button that removes it, and a button to choose more."""
    most = int(control.element.get("max_files", MOST_FILES))
    endings = [str(ending) for ending in json_items(control.element.get("filetypes"))]
    chosen: list[Json] = json_objects(surface.state(control).get("files"))

    async def keep() -> None:
        await surface.touch(control, with_value(control.element, list(chosen)))
        draw_chosen.refresh()

    async def arrived(event: UploadEventArguments) -> None:
        if len(chosen) >= most:
            ui.notify(f"You can upload at most {most} files.", type="negative")
            return
        try:
            files = [(event.file.name, await event.file.read())]
            chosen.extend(surface.person.uploaded_state(control, files)["files"])
        except NotOnScreen as refused:
            ui.notify(f"This file cannot be uploaded: {refused}", type="negative")
            return
        await keep()

    async def remove(file: Json) -> None:
        chosen.remove(file)
        await keep()

    @ui.refreshable
    def draw_chosen() -> None:
        for file in chosen:
            with element("div", css="chosen-file"):
                html(plain_to_html(str(file.get("name"))), tag="span")
                label = f"Remove {file.get('name')}"
                button(icon("close", 14), css="remove-file", label=label, press=partial(remove, file))

    with element("div", css="file-input"):
        draw_chosen()
        uploader = hidden_uploader(LARGEST_IN_FORM, arrived)
        uploader.props["accept"] = ",".join(f".{ending}" for ending in endings)
        uploader.props["data-testid"] = f"field-{control.block_id}"
        picker = button("Upload files", css="btn btn-default", label=name)
        picker.on("click", js_handler=pick_files(uploader))


def hidden_uploader(largest: int, arrived: Callable[[UploadEventArguments], Awaitable[None]]) -> Any:
    """Return an uploader out of sight; a hidden element would accept no files."""
    return ui.upload(multiple=True, auto_upload=True, max_file_size=largest, on_upload=arrived).classes(
        "attaching"
    )


def pick_files(uploader: Element) -> str:
    """Return the script that opens the choice of files of an uploader."""
    return f"() => getElement({uploader.id}).$refs.qRef.pickFiles()"


Offer = tuple[str, object, str]
"""An option's text, its value, and the name of its group."""


def _draw_select(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw a single-choice list."""
    offered = _offered(control.element, surface)
    held = _held(surface.state(control))
    drawn = _field("select", control, surface, name).classes("select")
    with drawn:
        nothing = text_of(control.element.get("placeholder")) or "Choose…"
        html(plain_to_html(nothing), tag="option", value="")
        group, holder = "", drawn
        for number, (shown, value, of) in enumerate(offered):
            if of != group:
                group, holder = of, element("optgroup", label=of)
            with holder:
                option = html(plain_to_html(shown), tag="option", value=str(number))
                if value == held:
                    option.props["selected"] = True

    async def chosen(event: GenericEventArguments) -> None:
        picked = str(event.args)
        value = offered[int(picked)][1] if picked.isdigit() and int(picked) < len(offered) else None
        await surface.touch(control, with_value(control.element, value))

    drawn.on("change", chosen, js_handler=TYPED)
    if "external" in str(control.element["type"]) and not offered:
        html("The sandbox does not ask the bot for this list's options.", css="input-hint")


def _draw_multi_select(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw a multiple-choice list."""
    shown, offered = control.element, _offered(control.element, surface)
    held = json_items(surface.state(control).get(value_key(shown) or ""))
    chosen = [number for number, (_, value, _) in enumerate(offered) if value in held]

    async def changed(numbers: list[int]) -> None:
        await surface.touch(control, with_value(shown, [offered[number][1] for number in numbers]))

    drawn = ui.select(
        {number: text for number, (text, _, _) in enumerate(offered)},
        value=chosen,
        multiple=True,
        on_change=lambda event: changed(event.value),
    ).props("outlined dense use-chips options-dense popup-content-class=slack-menu")
    drawn.classes("multi")
    drawn.props.update({"aria-label": name, "data-testid": f"field-{control.block_id}"})
    if not chosen and shown.get("placeholder"):
        drawn.props["label"] = text_of(shown["placeholder"])
    if shown.get("max_selected_items"):
        drawn.props["max-values"] = int(shown["max_selected_items"])


def _draw_boxes(control: InteractiveElement, surface: Surface) -> None:
    """Draw checkboxes or radio buttons."""
    kind = "checkbox" if control.element["type"] == "checkboxes" else "radio"
    state, known = surface.state(control), options(control.element)
    marked = json_objects(state.get("selected_options")) or json_objects([state.get("selected_option")])
    current = {str(option.get("value")) for option in marked}

    async def change(value: str, event: GenericEventArguments) -> None:
        if kind == "radio":
            current.clear()
        (current.add if event.args or kind == "radio" else current.discard)(value)
        picked = [option for option in known if option.get("value") in current]
        await surface.touch(control, with_value(control.element, picked if kind == "checkbox" else picked[0]))

    with element("div", css="boxes"):
        for option in known:
            value = str(option.get("value"))
            with element("label", css="box"):
                box = element("input", type=kind, name=f"{control.block_id}-{id(control)}")
                box.props["checked"] = value in current
                box.on("change", partial(change, value), js_handler=CHECKED)
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
            (f"#{channel.name}", channel.id, "")
            for channel in workspace.channels
            if not channel.is_private or ("conversations" in kind and person.id in channel.members)
        ]
    grouped: list[Offer] = [
        (text_of(option.get("text")), option, text_of(group.get("label")))
        for group in json_objects(shown.get("option_groups"))
        for option in json_objects(group.get("options"))
    ]
    return grouped or [(text_of(option.get("text")), option, "") for option in options(shown)]


def draw_element(control: InteractiveElement, surface: Surface, *, name: str = "") -> None:
    """Draw one interactive element; `name` is its accessible name."""
    name = name or element_label(control)
    match str(control.element.get("type")):
        case "button" | "workflow_button" | "icon_button":
            _draw_button(control, surface)
        case "overflow":
            _draw_overflow(control, surface)
        case "feedback_buttons":
            _draw_feedback(control, surface)
        case kind if kind in _INPUT_TYPES:
            _draw_typed(control, surface, name)
        case "checkboxes" | "radio_buttons":
            _draw_boxes(control, surface)
        case kind if kind.startswith("multi_"):
            _draw_multi_select(control, surface, name)
        case kind if kind.endswith("_select"):
            _draw_select(control, surface, name)
        case "file_input":
            _draw_file_input(control, surface, name)
        case "image":
            html(image_html(control.element, "accessory-image"))
        case kind:
            html(unknown_html(kind, control.element))
