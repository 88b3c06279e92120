"""Lookup of elements by their label, and their state after a choice."""

from collections.abc import Callable, Sequence

from bot.sandbox.block_kit.element_state import (
    InteractiveElement,
    initial_state,
    interactive_elements,
    options,
    value_key,
    with_value,
)
from bot.sandbox.slack_json import Json, text_of
from bot.sandbox.users.block_text import element_label

Pick = str | Sequence[str] | None
"""An option by label or value, a person by name, a date; several if the element allows it."""
LookUp = Callable[[str, str], str]
"""Returns the ID of a `person` or a `channel` (the first argument) by name (the second)."""


class NotOnScreen(AssertionError):
    """Error: the person's screen does not show this."""


def find_element(blocks: object, wanted: str | None, action_id: str | None) -> InteractiveElement:
    """Return an element by its label, block ID or action ID; raises NotOnScreen."""
    found = list(interactive_elements(blocks))
    for control in found:
        if action_id is not None and control.action_id == action_id:
            return control
        if wanted is not None and wanted in (element_label(control), control.block_id):
            return control
    if action_id is None and wanted is not None:
        for control in found:
            if control.action_id == wanted:
                return control
    there = ", ".join(f"{element_label(control)} ({control.action_id})" for control in found) or "nothing"
    raise NotOnScreen(f"no element {wanted or action_id!r}; available: {there}")


def is_multi_choice(control: InteractiveElement) -> bool:
    """Return whether an element allows several choices."""
    return str(control.element["type"]).startswith("multi_") or control.element["type"] == "checkboxes"


def picked_state(look_up: LookUp, control: InteractiveElement, pick: Pick) -> Json:
    """Return the state of an element after a choice; raises NotOnScreen."""
    element = control.element
    key = value_key(element)
    if key is None and element["type"] != "overflow":
        return {"type": element["type"]}
    if pick is None:
        return initial_state(element) if not control.is_input else with_value(element, None)
    picks = [pick] if isinstance(pick, str) else list(pick)
    values = [_value(look_up, element, one) for one in picks]
    if element["type"] == "overflow":
        return {"type": "overflow", "selected_option": values[0]}
    return with_value(element, values if is_multi_choice(control) else values[0])


def _value(look_up: LookUp, element: Json, pick: str) -> object:
    kind = str(element["type"])
    if "users" in kind:
        return look_up("person", pick)
    if "channels" in kind or "conversations" in kind:
        return look_up("channel", pick)
    if kind == "datetimepicker":
        return int(pick)
    known = options(element)
    if not known:
        return pick
    for option in known:
        if pick in (text_of(option.get("text")), option.get("value")):
            return option
    there = ", ".join(text_of(option.get("text")) for option in known)
    raise NotOnScreen(f"no option {pick!r}; there is {there}")
