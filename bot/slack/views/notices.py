"""What the bot says to one person: refusals, receipts, and a way on."""

from bot.slack.blocks import Message, View, message, modal, section
from bot.slack.text import escape
from bot.slack.triggers import Page, Target


def refusal(sentence: str, *, again: Target | None = None, label: str = "Open again") -> Message:
    """Why something was not done, with a button that opens the form `again.what` if there is a way on."""
    del again, label
    return message(escape(sentence), [section(escape(sentence))])


def receipt(sentence: str) -> Message:
    """What was done."""
    return message(escape(sentence), [section(escape(sentence))])


def refusal_modal(sentence: str, target: Target) -> View:
    """The same in place of a form or page."""
    return modal("Not possible", [section(escape(sentence))], callback=Page.NOTICE, target=target)
