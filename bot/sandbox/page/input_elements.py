"""Text, number, date and time inputs."""

from datetime import UTC, datetime

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from bot.sandbox.block_kit.element_state import InteractiveElement, with_value
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.html_elements import element
from bot.sandbox.slack_json import Json, json_objects, text_of
from bot.sandbox.users.block_text import rich_text_text
from bot.sandbox.workspace import zone_offsets

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
