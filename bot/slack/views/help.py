"""What the bot can do, told to one person."""

from bot.slack.blocks import Message
from bot.slack.views.notices import receipt


def help_message(channel: str) -> Message:
    """What can be done in a channel, with a button for each."""
    del channel
    return receipt("help")


def opening_help(channel: str) -> Message:
    """What is said where a channel has no model yet: what this is, and a button to start."""
    del channel
    return receipt("help")


def unknown_word(word: str, channel: str) -> Message:
    """An unknown word is answered with the nearest one."""
    del word, channel
    return receipt("help")


def nearest(word: str) -> str | None:
    """The known word that somebody probably meant."""
    del word
    return None
