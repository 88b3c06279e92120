"""Validation of a modal's fields by Slack's client, before it is submitted."""

from bot.sandbox.block_kit.element_state import is_empty
from bot.sandbox.open_views.displayed_view import DisplayedView
from bot.sandbox.slack_json import Json

REQUIRED = "Please complete this required field."


def field_errors(view: DisplayedView) -> dict[str, str]:
    """Return an error message for each invalid field, by block ID."""
    values = view.seen_values
    errors: dict[str, str] = {}
    for block in view.body.get("blocks", []):
        if block.get("type") != "input":
            continue
        state = next(iter(values.get(block["block_id"], {}).values()), {"value": None})
        if is_empty(state):
            if not block.get("optional"):
                errors[block["block_id"]] = REQUIRED
            continue
        sentence = _length_fault(block["element"], state)
        if sentence:
            errors[block["block_id"]] = sentence
    return errors


def _length_fault(element: Json, state: Json) -> str | None:
    text = state.get("value")
    if not isinstance(text, str):
        return None
    if element["type"] == "number_input":
        return _number_fault(element, text)
    shortest, longest = int(element.get("min_length", 0)), int(element.get("max_length", 3000))
    if len(text) < shortest:
        return f"Please enter at least {shortest} characters."
    if len(text) > longest:
        return f"Please enter at most {longest} characters."
    return None


def _number_fault(element: Json, text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and number != int(number):
        return "Please enter a whole number."
    if element.get("min_value") and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if element.get("max_value") and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
