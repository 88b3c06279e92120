"""What a person reads and can press in blocks."""

from msgspec import Struct

from bot.sandbox.block_kit.element_state import Control, controls, options
from bot.sandbox.clients.mrkdwn import Name, plain_to_words, to_words
from bot.sandbox.slack_json import Json, items, objects, words


class Button(Struct, frozen=True, kw_only=True):
    """One interactive element of a message or view, by what stands on it."""

    label: str
    type: str
    action_id: str
    block_id: str
    value: str | None = None
    options: tuple[str, ...] = ()


def plain(blocks: object, name: Name) -> str:
    """Return all the text of blocks as a person reads it, a line for each piece; buttons in [brackets]."""
    lines = (line for block in objects(blocks) for line in _lines(block, name) if line)
    # A space that does not break reads like any other.
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def text_words(text_object: object, name: Name) -> str:
    """Return a text object as the words a person reads."""
    for one in objects([text_object]):
        return to_words(words(one), name) if one.get("type") == "mrkdwn" else plain_to_words(words(one))
    return words(text_object)


def label(control: Control) -> str:
    """Return what a person would call an interactive element."""
    if control.is_input:
        return words(control.block.get("label"))
    element = control.element
    if element.get("type") == "overflow":
        return "⋯"
    return words(element.get("text") or element.get("placeholder")) or control.action_id


def buttons(blocks: object) -> tuple[Button, ...]:
    """Return the interactive elements of blocks, in reading order."""
    return tuple(
        Button(
            label=label(control),
            type=str(control.element.get("type")),
            action_id=control.action_id,
            block_id=control.block_id,
            value=control.element.get("value"),
            options=tuple(words(option.get("text")) for option in options(control.element)),
        )
        for control in controls(blocks)
    )


def _lines(block: Json, name: Name) -> list[str]:
    kind = block.get("type")
    match kind:
        case "section":
            lines = [text_words(block.get("text"), name)] if block.get("text") else []
            lines += [text_words(field, name) for field in objects(block.get("fields"))]
            return lines + [_control_words(control) for control in controls([block])]
        case "header":
            return [text_words(block.get("text"), name)]
        case "context":
            return [
                str(one.get("alt_text")) if one.get("type") == "image" else text_words(one, name)
                for one in objects(block.get("elements"))
            ]
        case "actions" | "context_actions":
            return [" ".join(_control_words(control) for control in controls([block]))]
        case "image":
            return [words(block.get("title")), str(block.get("alt_text", ""))]
        case "markdown":
            return [str(block.get("text", ""))]
        case "rich_text":
            return [rich_words(part, name) for part in objects(block.get("elements"))]
        case "input":
            hint = words(block.get("hint"))
            return [words(block.get("label")), *([hint] if hint else []), *_option_lines(block)]
        case "table" | "data_table":
            return table_lines(block, name)
        case "divider":
            return []
        case _:
            return [
                text_words(block.get(key), name) for key in ("title", "subtitle", "text", "body", "caption")
            ]


def _control_words(control: Control) -> str:
    element = control.element
    if element.get("type") == "overflow":
        return f"[⋯ {' · '.join(words(option.get('text')) for option in options(element))}]"
    chosen = (
        words(objects([element.get("initial_option")])[0].get("text"))
        if element.get("initial_option")
        else ""
    )
    return f"[{chosen or label(control)}]"


def _option_lines(block: Json) -> list[str]:
    element = objects([block.get("element")])[0]
    if element.get("type") not in ("checkboxes", "radio_buttons"):
        return []
    lines: list[str] = []
    for option in options(element):
        lines += [words(option.get("text")), words(option.get("description"))]
    return lines


def table_lines(block: Json, name: Name) -> list[str]:
    """Return a table's rows as lines of cells."""
    return [" | ".join(cell_words(cell, name) for cell in objects(row)) for row in items(block.get("rows"))]


def cell_words(cell: Json, name: Name) -> str:
    """Return one table cell's words."""
    if cell.get("type") == "rich_text":
        return " ".join(rich_words(part, name) for part in objects(cell.get("elements")))
    return str(cell.get("text", cell.get("value", "")))


def rich_words(part: Json, name: Name) -> str:
    """Return the words of one piece of rich text."""
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
            return plain_to_words(f":{part.get('name')}:")
        case "broadcast":
            return f"@{part.get('range')}"
        case "rich_text_list":
            return "\n".join(f"• {rich_words(one, name)}" for one in objects(part.get("elements")))
        case _:
            return "".join(rich_words(one, name) for one in objects(part.get("elements")))
