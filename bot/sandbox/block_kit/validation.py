"""Validation of message blocks and views against Slack's limits."""

from bot.sandbox.block_kit.element_state import interactive_elements
from bot.sandbox.block_kit.schemas import ErrorText, errors
from bot.sandbox.slack_json import Json, json_objects, nested_objects

LONGEST_MESSAGE = 13_000
"""Maximum characters of all blocks, counting extra per text and block.

An estimate: Slack refuses messages of about that size, and does not publish the formula.
"""
LONGEST_WHERE_LARGE_ONES_ARE_REFUSED = 6_000
WEIGHT_OF_AN_OBJECT = 20
MAX_CHARTS = 2
LONGEST_MARKDOWN = 12_000
_MESSAGE = "list 50 kind everywhere in_messages"


def message_errors(blocks: object) -> list[ErrorText]:
    """Return the errors of a message's blocks, each with its path."""
    if blocks is None:
        return []
    faults = list(errors(_MESSAGE, blocks, "/blocks"))
    if sum(block.get("type") == "data_visualization" for block in json_objects(blocks)) > MAX_CHARTS:
        faults.append(f"no more than {MAX_CHARTS} data_visualization blocks allowed [json-pointer:/blocks]")
    markdown = sum(len(str(one.get("text"))) for one in json_objects(blocks) if one.get("type") == "markdown")
    if markdown > LONGEST_MARKDOWN:
        faults.append(f"must be less than {LONGEST_MARKDOWN + 1} characters [json-pointer:/blocks]")
    return faults + _repeated_ids(blocks, "/blocks")


def message_is_too_long(blocks: object, longest: int = LONGEST_MESSAGE) -> bool:
    """Return whether a message's blocks exceed Slack's total size."""
    weight = 0
    for nested_object in nested_objects(blocks):
        text = nested_object.get("text")
        weight += WEIGHT_OF_AN_OBJECT + (len(text) if isinstance(text, str) else 0)
    return weight > longest


def view_errors(view: object, *, kind: str | None) -> list[ErrorText]:
    """Return the errors of a view; with a kind, views of another kind are refused, too."""
    faults = list(errors(f"kind {kind or 'modal home'}", view, "/view"))
    bodies = json_objects([view])
    if faults or not bodies:
        return faults
    body = bodies[0]
    has_input = any(block.get("type") == "input" for block in json_objects(body.get("blocks")))
    if body.get("type") == "modal" and has_input and not body.get("submit"):
        faults.append(
            "missing required field: submit, which a view with input blocks needs [json-pointer:/view]"
        )
    return faults + _repeated_ids(body.get("blocks"), "/view/blocks")


def _repeated_ids(blocks: object, path: str) -> list[ErrorText]:
    faults: list[ErrorText] = []
    seen: set[str] = set()
    for place, block in enumerate(json_objects(blocks)):
        name = block.get("block_id")
        if isinstance(name, str) and name in seen:
            faults.append(f"`block_id` {name} already exists [json-pointer:{path}/{place}/block_id]")
        seen.add(str(name))
        actions: list[Json] = [control.element for control in interactive_elements([block])]
        names = [str(action["action_id"]) for action in actions if action.get("action_id")]
        faults.extend(
            f"`action_id` {repeated} already exists [json-pointer:{path}/{place}]"
            for repeated in sorted({one for one in names if names.count(one) > 1})
        )
    return faults
