"""Notices to one person: refusals, confirmations, and a next step."""

import re

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    View,
    actions,
    button,
    link_button,
    message,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import NOTICE, ButtonKind, Target
from bot.slack.ui.modals.modal_registry import FORMS
from domain.kernel.elements import ModelKey


def refusal(sentence: str, *, again: Target | None = None, label: str = "Open again") -> Message:
    """Return a refusal with its reason, and a button for the form `again.name` if given."""
    said = _said(sentence)
    blocks = [section(said)]
    if again is not None:
        trigger = ButtonKind.OPEN if again.name in FORMS else ButtonKind.SHOW
        blocks.append(actions(button(label, trigger, again, style="primary")))
    return message(said, blocks)


def invite_first(invite: str) -> str:
    """Return how to post a card in a channel that the bot is not in, once its form is open."""
    return (
        f"The bot is not in this channel yet, so it cannot post the card. Type “{invite}” in the channel, "
        "then submit the form; your input stays in it."
    )


def open_button_message(title: str, again: Target) -> Message:
    """Return a message with a button that opens a form or page, by its title."""
    return refusal("Press the button to open the form:", again=again, label=title)


def in_preparation(text: str, sentence: str, permalink: str) -> Message:
    """Return the message that a file is being made; `sentence` is mrkdwn, `text` the notification."""
    rows = [actions(link_button("Go to the card", permalink))] if permalink else []
    return message(text, [section(sentence), *rows])


def already_in_preparation(what: str, key: ModelKey, permalink: str) -> Message:
    """Return the message that the same order is already being prepared."""
    said = f"Your {what} of {key} is being prepared. It will appear in the card's thread."
    return in_preparation(said, said, permalink)


def confirmation(sentence: str, *buttons: Block) -> Message:
    """Return a confirmation, with buttons for possible next steps."""
    said = _said(sentence)
    return message(said, [section(f"✓ {said}"), *([actions(*buttons)] if buttons else [])])


def refusal_modal(sentence: str, target: Target) -> View:
    """Return a refusal in place of a form or page."""
    return modal("Not possible", [section(_said(sentence))], callback=NOTICE, target=target)


def message_modal(message: Message, title: str) -> View:
    """Return a message as a modal."""
    return modal(title, message.blocks, callback=NOTICE, target=Target())


def _said(sentence: str) -> str:
    said = escape(sentence, _SENTENCE, empty="The request failed.")
    # Formatted as code, a command can be copied as typed, and mentions notify no one.
    return _COMMAND.sub(lambda typed: f"`{typed[1].replace(_WORD_JOINER, '')}`", said)


_SENTENCE = 1_500
_WORD_JOINER = "\u2060"
_COMMAND = re.compile(r"“(/\w+(?: @?\u2060?[\w.-]+)*)”")
