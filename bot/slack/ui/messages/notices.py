"""What the bot says to one person: refusals, receipts, and a way on."""

import re

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    View,
    actions,
    button,
    link,
    message,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import FormName, Page, Target, Trigger
from domain.elements import ModelKey


def refusal(sentence: str, *, again: Target | None = None, label: str = "Open again") -> Message:
    """Why something was not done, with a button that opens the form `again.what` if there is a way on."""
    said = _said(sentence)
    blocks = [section(said)]
    if again is not None:
        trigger = Trigger.OPEN if again.what in set(FormName) else Trigger.SHOW
        blocks.append(actions(button(label, trigger, again, style="primary")))
    return message(said, blocks)


def offer(title: str, again: Target) -> Message:
    """A form or page for somebody whom it can be shown to only once they press: by its title."""
    return refusal("Slack lets me open this only when you press:", again=again, label=title)


def coming(text: str, said: str, permalink: str) -> Message:
    """Something is made next and comes into the card's thread; `said` is mrkdwn, `text` the same in short."""
    rows = [actions(link("Go to the card", permalink))] if permalink else []
    return message(text, [section(said), *rows])


def being_prepared(what: str, key: ModelKey, permalink: str) -> Message:
    """The same person ordered the same before, and it is not there yet."""
    said = f"Your {what} of {key} is being prepared. It will appear in the card's thread."
    return coming(said, said, permalink)


def receipt(sentence: str, *buttons: Block) -> Message:
    """Return a confirmation, with buttons for possible next steps."""
    said = _said(sentence)
    return message(said, [section(f"✓ {said}"), *([actions(*buttons)] if buttons else [])])


def refusal_modal(sentence: str, target: Target) -> View:
    """The same in place of a form or page."""
    return modal("Not possible", [section(_said(sentence))], callback=Page.NOTICE, target=target)


def in_a_modal(said: Message, title: str) -> View:
    """A message where only a modal can be shown."""
    return modal(title, said.blocks, callback=Page.NOTICE, target=Target())


def _said(sentence: str) -> str:
    said = escape(sentence, _SENTENCE, empty="That did not work.")
    # As code a command can be copied as it is typed; in it no mention comes alive.
    return _COMMAND.sub(lambda typed: f"`{typed[1].replace(_WORD_JOINER, '')}`", said)


_SENTENCE = 1_500
_WORD_JOINER = "\u2060"
_COMMAND = re.compile(r"“(/\w+(?: @?\u2060?[\w.-]+)*)”")
