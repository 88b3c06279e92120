"""Rendering of interactive elements, and the handling of interactions with them."""

import json
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

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
from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.page.block_html import image_html, text_html, unknown_html
from bot.sandbox.page.html_elements import button, element, html, icon
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.slack_json import ApiError, Json, json_items, json_objects, text_of
from bot.sandbox.users.block_text import element_label, rich_text_text
from bot.sandbox.users.mrkdwn import Name, plain_to_html
from bot.sandbox.users.user_actions import LARGEST_IN_FORM, MOST_FILES, NotOnScreen, SandboxPerson
from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.workspace_state import PostedMessage

Act = Callable[[Callable[[], Delivery | None]], Awaitable[None]]
"""Runs an action that waits for the bot in the background, and shows errors."""


class Surface(Protocol):
    """A message, modal or Home tab with interactive elements in it."""

    person: SandboxPerson

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        ...

    def error(self, block_id: str) -> str | None:
        """Return the error message beside a field."""
        ...

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Store an interaction, and send it to the bot if required."""
        ...


class MessageSurface:
    """Interactive elements of a message."""

    def __init__(self, client: SlackClient, person: SandboxPerson, message: PostedMessage, act: Act) -> None:
        self.person = person
        self._client, self._message, self._act = client, message, act

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        held = self._client.held(self.person.account, self._message)
        return held.get((control.block_id, control.action_id)) or initial_state(control.element)

    def error(self, block_id: str) -> str | None:
        """Return nothing: messages have no errors beside fields."""
        del block_id
        return None

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Send a press to the bot."""
        if not control.dispatches:
            self._client.enter_in_message(self.person.account, self._message, control, state)
            return
        current = self._client.workspace.message(self._message.channel, self._message.ts) or self._message
        await self._act(lambda: self._client.click_in_message(self.person.account, current, control, state))


class ViewSurface:
    """Interactive elements of a modal or Home tab."""

    def __init__(self, client: SlackClient, person: SandboxPerson, view: DisplayedView, act: Act) -> None:
        self.person = person
        self._client, self._view, self._act = client, view, act

    def state(self, control: InteractiveElement) -> Json:
        """Return the state of an element."""
        return self._view.held.get((control.block_id, control.action_id)) or initial_state(control.element)

    def error(self, block_id: str) -> str | None:
        """Return the error message beside a field."""
        return self._view.errors.get(block_id)

    async def touch(self, control: InteractiveElement, state: Json) -> None:
        """Keep the entered value; send the bot a press."""
        if control.dispatches:
            await self._act(
                lambda: self._client.click_in_view(self.person.account, self._view, control, state)
            )
            return
        try:
            self._client.parts.views.enter(self._view, control.block_id, control.action_id, state)
        except ApiError:
            # It was closed in another tab while this one was still in use.
            return


@contextmanager
def open_dialog(css: str, *, testid: str) -> Generator[ui.dialog]:
    """Open a dialog whose content is added in the block; it is removed when it is closed."""
    # Added to the page itself, because the element that opened it may be redrawn or removed.
    with ui.context.client.content, ui.dialog(value=True) as dialog:
        frame = element("div", css=css, testid=testid)
    dialog.on("hide", dialog.delete)
    with frame:
        yield dialog


async def ask_for_confirmation(asked: Json, name: Name) -> bool:
    """Show an element's confirm object, and return whether the person agreed."""
    with ui.context.client.content, ui.dialog() as dialog, element("div", css="confirm", testid="confirm"):
        html(text_html(asked.get("title"), name), css="confirm-title")
        html(text_html(asked.get("text"), name), css="confirm-text")
        with element("div", css="confirm-buttons"):
            no = element("button", css="btn btn-default")
            no.on("click", lambda: dialog.submit("no"))
            with no:
                html(text_html(asked.get("deny"), name) or "Cancel", tag="span")
            yes = element(
                "button", css=f"btn btn-{'danger' if asked.get('style') == 'danger' else 'primary'}"
            )
            yes.on("click", lambda: dialog.submit("yes"))
            with yes:
                html(text_html(asked.get("confirm"), name) or text_of(asked.get("title")), tag="span")
    answer: object = await dialog
    dialog.delete()
    return answer == "yes"


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


_INPUT_TYPES = {
    "number_input": "number",
    "email_text_input": "email",
    "url_text_input": "url",
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "datetime-local",
}
TYPED = "(event) => emit(event.target.value)"


def draw_typed(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw an input for text, a number, a date or a time."""
    shown, kind = control.element, str(control.element["type"])
    tag = "textarea" if shown.get("multiline") or kind == "rich_text_input" else "input"
    drawn = element(tag, css="field")
    # As a default, because a value would overwrite the typed text whenever the page changes elsewhere.
    drawn.props[".defaultValue"] = _shown(shown, surface.state(control), surface)
    drawn.props["placeholder"] = text_of(shown.get("placeholder"))
    drawn.props["data-testid"] = f"field-{control.block_id}"
    describe(drawn, control, surface, name)
    if tag == "input":
        drawn.props["type"] = _INPUT_TYPES.get(kind, "text")
        drawn.props["autocomplete"] = "off"
        if kind == "number_input":
            drawn.props["step"] = "any" if shown.get("is_decimal_allowed") else "1"
    else:
        drawn.props["rows"] = "4"

    async def entered(event: GenericEventArguments) -> None:
        await surface.touch(control, with_value(shown, _entered(shown, str(event.args), surface)))

    # A field that dispatches notifies the bot when it loses the focus; others store each change.
    config = json_objects([shown.get("dispatch_action_config")])
    at_once = bool(config) and "on_character_entered" in config[0].get("trigger_actions_on", [])
    drawn.on("change" if control.dispatches and not at_once else "input", entered, js_handler=TYPED)


def describe(drawn: Element, control: InteractiveElement, surface: Surface, name: str) -> None:
    """Describe a field and its error to screen readers."""
    drawn.props["aria-label"] = name
    if surface.error(control.block_id):
        drawn.props["aria-invalid"] = "true"
        drawn.props["aria-describedby"] = f"error-{control.block_id}"
        drawn.classes(add="field-wrong")


def _shown(element: Json, state: Json, surface: Surface) -> str:
    held = next((value for key, value in state.items() if key != "type"), None)
    if held is None:
        return ""
    match element["type"]:
        case "rich_text_input":
            return "\n".join(
                rich_text_text(part, surface.person.name_of) for part in json_objects(held.get("elements"))
            )
        case "datetimepicker":
            return f"{zone_offsets.local_time(surface.person.account.tz, float(held)):%Y-%m-%dT%H:%M}"
        case _:
            return str(held)


def _entered(element: Json, text: str, surface: Surface) -> object:
    if not text:
        return None
    match element["type"]:
        case "rich_text_input":
            said: Json = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
            return {"type": "rich_text", "elements": [said]}
        case "datetimepicker":
            there = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return int(there.timestamp()) - surface.person.account.offset_at(there.timestamp())
        case _:
            return text


def draw_file_input(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw the chosen files, each with a button that removes it, and a button to choose more."""
    most = int(control.element.get("max_files", MOST_FILES))
    endings = [str(one) for one in json_items(control.element.get("filetypes"))]
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

    @ui.refreshable
    def draw_chosen() -> None:
        for file in chosen:
            with element("div", css="chosen-file"):
                html(plain_to_html(str(file.get("name"))), tag="span")

                async def removed(file: Json = file) -> None:
                    chosen.remove(file)
                    await keep()

                remove = button(icon("close", 14), css="remove-file", label=f"Remove {file.get('name')}")
                remove.on("click", removed)

    with element("div", css="file-input"):
        draw_chosen()
        # Moved out of sight instead of hidden: a hidden element accepts no files.
        uploader: Any = ui.upload(
            multiple=True, auto_upload=True, max_file_size=LARGEST_IN_FORM, on_upload=arrived
        ).classes("attaching")
        uploader.props["accept"] = ",".join(f".{one}" for one in endings)
        uploader.props["data-testid"] = f"field-{control.block_id}"
        picker = button("Upload files", css="btn btn-default", label=name)
        picker.on("click", js_handler=f"() => getElement({uploader.id}).$refs.qRef.pickFiles()")


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
