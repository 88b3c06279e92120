"""Block Kit builders that keep to Slack's limits."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip, plain_line
from bot.slack.protocol.targets import ButtonKind, Target, action_id, encode_target

Block: TypeAlias = dict[str, Any]
"""Block, element or composition object in Slack's JSON."""
View: TypeAlias = dict[str, Any]
"""Modal in Slack's JSON."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Message content: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: list[Block]


def message(text: str, blocks: Sequence[Block]) -> Message:
    """Return a message; raises ValueError if it exceeds Slack's limits."""
    if len(blocks) > slack_limits.MESSAGE_BLOCKS or json_size(blocks) > slack_limits.MESSAGE_CHARACTERS:
        raise ValueError(f"{len(blocks)} blocks of {json_size(blocks)} characters are too much for a message")
    return Message(text=clip_mrkdwn(text, slack_limits.MESSAGE_TEXT), blocks=list(blocks))


def text_message(text: str, *buttons: Block | None, short: str = "") -> Message:
    """Return a message of one text with a row of buttons; `short` is its text for notifications."""
    return message(short or text, [section(text), *button_row(*buttons)])


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    target: Target,
    callback: str = "",
    submit: str | None = None,
    close: str = "Close",
) -> View:
    """Return a modal about a target; raises ValueError if it exceeds Slack's limits.

    Its callback ID is the name in the target unless `callback` is given.
    """
    if not 0 < len(blocks) <= slack_limits.VIEW_BLOCKS or json_size(blocks) > slack_limits.VIEW_CHARACTERS:
        raise ValueError(f"{len(blocks)} blocks of {json_size(blocks)} characters are too much for a modal")
    view: View = {
        "type": "modal",
        "callback_id": callback or target.name,
        "title": plain_text(title, slack_limits.MODAL_TITLE),
        "close": plain_text(close, slack_limits.MODAL_TITLE),
        "private_metadata": encode_target(target),
        "blocks": list(blocks),
    }
    if submit is not None:
        view["submit"] = plain_text(submit, slack_limits.MODAL_TITLE)
    return view


def json_size(blocks: object) -> int:
    """Return the number of characters of blocks as JSON text."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def plain_text(text: str, limit: int) -> Block:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": plain_line(text, limit), "emoji": True}


def mrkdwn(text: str, limit: int = slack_limits.SECTION) -> Block:
    """Return a mrkdwn object; text of users in it must have been escaped."""
    return {"type": "mrkdwn", "text": clip_mrkdwn(text, limit) or "-", "verbatim": True}


def clip_mrkdwn(text: str, limit: int) -> str:
    """Return mrkdwn of at most `limit` characters, not cut within an entity, link, bold or italic text.

    Marks of a user at the edge of a word are escaped, so those found there are the bot's own.
    """
    if len(text) <= limit:
        return text
    kept = _HALF.sub("", text[: limit - 1]).rstrip()  # the cut may follow the end of a line
    for edge in _EDGES:
        marks = list(edge.finditer(kept, kept.rfind("\n") + 1))
        kept = kept[: marks[-1].start()] if len(marks) % 2 else kept
    return clip(kept + " " * limit, limit)


def header(text: str) -> Block:
    """Return a header."""
    return {"type": "header", "text": plain_text(text, slack_limits.HEADER)}


def section(text: str, *, accessory: Block | None = None) -> Block:
    """Return a section with mrkdwn, and an accessory beside it if one is given."""
    block: Block = {"type": "section", "text": mrkdwn(text, slack_limits.SECTION)}
    return {**block, "accessory": accessory} if accessory else block


def paragraphs(head: str, lines: Iterable[str]) -> Iterator[Block]:
    """Yield sections with mrkdwn lines, as many as the limits need."""
    text = head
    for line in lines:
        if len(text) + 1 + len(line) > slack_limits.SECTION:
            yield section(text)
            text = line
        else:
            text += f"\n{line}"
    yield section(text)


def context(*texts: str, limit: int = slack_limits.FIELD) -> Block:
    """Return a context block: small print."""
    return {
        "type": "context",
        "elements": [mrkdwn(text, limit) for text in texts[: slack_limits.CONTEXT_ELEMENTS]],
    }


def divider() -> Block:
    """Return a divider."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """Return a row of buttons; raises ValueError for none or more than Slack accepts."""
    if not 0 < len(elements) <= slack_limits.ACTIONS_ELEMENTS:
        raise ValueError(f"{len(elements)} buttons in one row")
    return {"type": "actions", "elements": list(elements)}


def button_row(*buttons: Block | None) -> list[Block]:
    """Return a row of the buttons that there are; nothing without any."""
    shown = [one for one in buttons if one]
    return [actions(*shown)] if shown else []


def button(
    text: str,
    trigger: ButtonKind,
    target: Target,
    *,
    suffix: str = "",
    style: Literal["primary", "danger"] | None = None,
    primary: bool = False,
    spoken: str = "",
    confirm: Block | None = None,
) -> Block:
    """Return a button; `spoken` is its label for screen readers where many buttons share a text."""
    element: Block = {
        "type": "button",
        "action_id": action_id(trigger, suffix or target.name),
        "text": plain_text(text, slack_limits.BUTTON),
        "value": encode_target(target),
    }
    if style or primary:
        element["style"] = style or "primary"
    if spoken:
        element["accessibility_label"] = plain_line(spoken, slack_limits.ACCESSIBILITY_LABEL)
    if confirm:
        element["confirm"] = confirm
    return element


def link_button(text: str, url: str) -> Block:
    """Return a button that opens one of our own addresses; raises ValueError if it is too long."""
    if len(url) > slack_limits.BUTTON_URL:
        raise ValueError("the address is too long for a button")
    return {
        "type": "button",
        "action_id": action_id(ButtonKind.LINK),
        "text": plain_text(text, slack_limits.BUTTON),
        "url": url,
    }


def confirm(title: str, text: str, *, yes: str, danger: bool = False) -> Block:
    """Return a confirmation dialog."""
    asked: Block = {
        "title": plain_text(title, slack_limits.CONFIRM_TITLE),
        "text": plain_text(text, slack_limits.CONFIRM_TEXT),
        "confirm": plain_text(yes, slack_limits.CONFIRM_BUTTON),
        "deny": plain_text("Cancel", slack_limits.CONFIRM_BUTTON),
    }
    return {**asked, "style": "danger"} if danger else asked


# An entity or a link that a cut left without its end.
_HALF = re.compile(r"(&[a-z]{0,3}|<[^<>]*)$")
_EDGES = [re.compile(rf"(?<![^\W_]){mark}|{mark}(?![^\W_])") for mark in (r"\*", "_", "~")]
