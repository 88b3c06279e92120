"""State of interactive elements."""

from collections.abc import Callable, Collection, Iterator

from bot.sandbox.slack_json import Json, json_objects

_VALUE_KEY = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}

_MANY = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}


def value_key(element: Json) -> str | None:
    """Return the field in which Slack reports this element's value; None if it has no value."""
    return _VALUE_KEY.get(str(element.get("type")))


def initial_state(element: Json) -> Json:
    """Return the initial state of an element."""
    what = (value_key(element) or "value").removeprefix("selected_").removeprefix("rich_text_")
    return with_value(element, element.get(f"initial_{what}"))


def with_value(element: Json, value: object) -> Json:
    """Return the state of an element with a value."""
    key = value_key(element) or "value"
    if key in _MANY and value is None:
        value = []
    return {"type": element["type"], key: value}


def is_empty(state: Json) -> bool:
    """Return whether an element's state is empty."""
    return all(value in (None, "", []) for key, value in state.items() if key != "type")


def options(element: Json) -> list[Json]:
    """Return an element's options, including those in groups."""
    grouped = [
        option
        for group in json_objects(element.get("option_groups"))
        for option in json_objects(group["options"])
    ]
    return json_objects(element.get("options")) + grouped


class InteractiveElement:
    """One interactive element and its position in the blocks."""

    def __init__(self, *, block: Json, element: Json) -> None:
        self.block = block
        self.element = element
        self.is_input = block.get("type") == "input"

    @property
    def block_id(self) -> str:
        """The ID of the block that contains it."""
        return str(self.block.get("block_id", ""))

    @property
    def action_id(self) -> str:
        """The action ID of its interactions."""
        return str(self.element.get("action_id", ""))

    @property
    def key(self) -> str:
        """What tells it from the others of a message or view."""
        return f"{self.block_id}\n{self.action_id}"

    @property
    def dispatches(self) -> bool:
        """Whether an interaction is sent to the bot immediately."""
        return not self.is_input or bool(self.block.get("dispatch_action"))


def interactive_elements(blocks: object) -> Iterator[InteractiveElement]:
    """Yield every interactive element of a list of blocks, in reading order."""
    for block in json_objects(blocks):
        kind = block.get("type")
        found: list[Json] = []
        if kind in ("input", "section"):
            inner = block.get("element" if kind == "input" else "accessory")
            found = json_objects([inner])
        elif kind in ("actions", "context_actions"):
            found = json_objects(block.get("elements"))
        elif kind in ("card", "alert"):
            found = json_objects(block.get("actions"))
        elif kind in ("carousel", "container"):
            yield from interactive_elements(block.get("elements") or block.get("child_blocks"))
        for element in found:
            if element.get("type") != "image":
                yield InteractiveElement(block=block, element=element)


def state_values(blocks: object, held: dict[str, Json], emptied: Collection[str] = ()) -> Json:
    """Return Slack's `state.values` of blocks, given the entered values by the keys of the elements.

    Fields that are `emptied` report nothing until a person enters something.
    """
    values: Json = {}
    for control in interactive_elements(blocks):
        if value_key(control.element) is None:
            continue
        is_emptied = control.key in emptied
        untouched = with_value(control.element, None) if is_emptied else initial_state(control.element)
        values.setdefault(control.block_id, {})[control.action_id] = held.get(control.key) or untouched
    return values


def fill_in_ids(blocks: object, new_id: Callable[[], str]) -> list[Json]:
    """Return blocks with all missing IDs filled in, as Slack does."""
    named = [dict(block) for block in json_objects(blocks)]
    for block in named:
        block.setdefault("block_id", new_id())
        for key in ("element", "accessory"):
            if isinstance(block.get(key), dict):
                block[key] = _named(block[key], new_id)
        if block.get("type") in ("actions", "context_actions"):
            block["elements"] = [_named(element, new_id) for element in json_objects(block.get("elements"))]
    return named


def _named(element: Json, new_id: Callable[[], str]) -> Json:
    return element if element.get("type") == "image" else {"action_id": new_id(), **element}
