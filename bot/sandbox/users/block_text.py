"""Blocks as plain text, and their interactive elements."""

from msgspec import Struct

from bot.sandbox.block_kit.element_state import InteractiveElement, interactive_elements, options
from bot.sandbox.slack_json import Json, json_items, json_objects, text_of
from bot.sandbox.users.mrkdwn import Name, mrkdwn_to_text, plain_to_text


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


def text_object_text(text_object: object, name: Name) -> str:
    """Return the visible text of a text object."""
    for one in json_objects([text_object]):
        return (
            mrkdwn_to_text(text_of(one), name) if one.get("type") == "mrkdwn" else plain_to_text(text_of(one))
        )
    return text_of(text_object)


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
            lines = [text_object_text(block.get("text"), name)] if block.get("text") else []
            lines += [text_object_text(field, name) for field in json_objects(block.get("fields"))]
            return lines + [_control_words(control) for control in interactive_elements([block])]
        case "header":
            return [text_object_text(block.get("text"), name)]
        case "context":
            return [
                str(one.get("alt_text")) if one.get("type") == "image" else text_object_text(one, name)
                for one in json_objects(block.get("elements"))
            ]
        case "actions" | "context_actions":
            return [" ".join(_control_words(control) for control in interactive_elements([block]))]
        case "image":
            return [text_of(block.get("title")), str(block.get("alt_text", ""))]
        case "markdown":
            return [str(block.get("text", ""))]
        case "rich_text":
            return [rich_text_text(part, name) for part in json_objects(block.get("elements"))]
        case "input":
            hint = text_of(block.get("hint"))
            return [text_of(block.get("label")), *([hint] if hint else []), *_option_lines(block)]
        case "table" | "data_table":
            return table_lines(block, name)
        case "divider":
            return []
        case _:
            return [
                text_object_text(block.get(key), name)
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


def table_lines(block: Json, name: Name) -> list[str]:
    """Return a table's rows as lines of cells."""
    return [
        " | ".join(cell_text(cell, name) for cell in json_objects(row))
        for row in json_items(block.get("rows"))
    ]


def cell_text(cell: Json, name: Name) -> str:
    """Return the text of one table cell."""
    if cell.get("type") == "rich_text":
        return " ".join(rich_text_text(part, name) for part in json_objects(cell.get("elements")))
    return str(cell.get("text", cell.get("value", "")))


def rich_text_text(part: Json, name: Name) -> str:
    """Return the text of one rich text element."""
    match part.get("type"):
        case "text":
            return str(part.get("text", ""))
        case "link":
            return str(part.get("text") or part.get("url", ""))
        case "user":
            return f"@{name(str(part.get('user_id')))}"
        case "channel":
            return f"#{name(str(part.get('channel_id')))}"
        case "emoji":
            return plain_to_text(f":{part.get('name')}:")
        case "broadcast":
            return f"@{part.get('range')}"
        case "rich_text_list":
            return "\n".join(f"• {rich_text_text(one, name)}" for one in json_objects(part.get("elements")))
        case _:
            return "".join(rich_text_text(one, name) for one in json_objects(part.get("elements")))
