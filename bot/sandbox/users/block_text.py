"""Blocks as plain text, and their interactive elements."""

from msgspec import Struct

from bot.sandbox.block_kit.element_state import InteractiveElement, interactive_elements, options
from bot.sandbox.slack_json import Json, json_items, json_objects, text_of
from bot.sandbox.users.mrkdwn import TEXT, Name, Output, rich_text, text_object


class Button(Struct, frozen=True, kw_only=True):
    """One interactive element of a message or view, with its visible label."""

    label: str
    type: str
    action_id: str
    block_id: str
    value: str | None = None
    options: tuple[str, ...] = ()


def blocks_text(blocks: object, name: Name) -> str:
    """Return all visible text of blocks, one line for each piece; buttons in [brackets]."""
    lines = (line for block in json_objects(blocks) for line in _lines(block, name) if line)
    # A no-break space reads like any other.
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def element_label(control: InteractiveElement) -> str:
    """Return the visible label of an interactive element."""
    if control.is_input:
        return text_of(control.block.get("label"))
    element = control.element
    if element.get("type") == "overflow":
        return "⋯"
    return text_of(element.get("text") or element.get("placeholder")) or control.action_id


def visible_buttons(blocks: object) -> tuple[Button, ...]:
    """Return the interactive elements of blocks, in reading order."""
    return tuple(
        Button(
            label=element_label(control),
            type=str(control.element.get("type")),
            action_id=control.action_id,
            block_id=control.block_id,
            value=control.element.get("value"),
            options=tuple(text_of(option.get("text")) for option in options(control.element)),
        )
        for control in interactive_elements(blocks)
    )


def _lines(block: Json, name: Name) -> list[str]:
    kind = block.get("type")
    match kind:
        case "section":
            lines = [text_object(block.get("text"), name, TEXT)] if block.get("text") else []
            lines += [text_object(field, name, TEXT) for field in json_objects(block.get("fields"))]
            return lines + [_control_words(control) for control in interactive_elements([block])]
        case "header":
            return [text_object(block.get("text"), name, TEXT)]
        case "context":
            return [
                str(one.get("alt_text")) if one.get("type") == "image" else text_object(one, name, TEXT)
                for one in json_objects(block.get("elements"))
            ]
        case "actions" | "context_actions":
            return [" ".join(_control_words(control) for control in interactive_elements([block]))]
        case "image":
            return [text_of(block.get("title")), str(block.get("alt_text", ""))]
        case "markdown":
            return [str(block.get("text", ""))]
        case "rich_text":
            return [rich_text(part, name, TEXT) for part in json_objects(block.get("elements"))]
        case "input":
            hint = text_of(block.get("hint"))
            return [text_of(block.get("label")), *([hint] if hint else []), *_option_lines(block)]
        case "table" | "data_table":
            rows = [json_objects(row) for row in json_items(block.get("rows"))]
            return [" | ".join(cell(shown, name, TEXT) for shown in row) for row in rows]
        case "divider":
            return []
        case _:
            return [
                text_object(block.get(key), name, TEXT)
                for key in ("title", "subtitle", "text", "body", "caption")
            ]


def _control_words(control: InteractiveElement) -> str:
    element = control.element
    if element.get("type") == "overflow":
        return f"[⋯ {' · '.join(text_of(option.get('text')) for option in options(element))}]"
    chosen = (
        text_of(json_objects([element.get("initial_option")])[0].get("text"))
        if element.get("initial_option")
        else ""
    )
    return f"[{chosen or element_label(control)}]"


def _option_lines(block: Json) -> list[str]:
    element = json_objects([block.get("element")])[0]
    if element.get("type") not in ("checkboxes", "radio_buttons"):
        return []
    lines: list[str] = []
    for option in options(element):
        lines += [text_of(option.get("text")), text_of(option.get("description"))]
    return lines


def cell(shown: Json, name: Name, out: Output) -> str:
    """Return one table cell."""
    if shown.get("type") == "rich_text":
        separator = " " if out is TEXT else ""
        return separator.join(rich_text(part, name, out) for part in json_objects(shown.get("elements")))
    return text_object(str(shown.get("text", shown.get("value", ""))), name, out)
