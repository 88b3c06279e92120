"""Reference of settings, commands, and words of the slash command."""

import click

from bot.__main__ import cli
from bot.settings import VARIABLES, Variable
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.handlers.slash_commands.slash_word import SlashWord
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.ui.messages.help_messages import HelpGroup
from deploy.docs.generator.tables import listed


def settings() -> str:
    """Return the variables of the environment."""
    return listed(f"`{one.name}`: {one.meaning}. Default: {_default(one)}." for one in VARIABLES)


def _default(variable: Variable) -> str:
    return variable.shown_default or (f"`{variable.default}`" if variable.default else "none")


def commands() -> str:
    """Return the commands of the command line, one row each."""
    return listed(
        f"`{_usage(name, command)}`: {command.get_short_help_str(200).rstrip('.')}"
        for name, command in every_command()
    )


def every_command() -> list[tuple[str, click.Command]]:
    """Return the commands by name, those of a group by both names: `workspace list`."""
    found: list[tuple[str, click.Command]] = []
    for name, command in sorted(cli.commands.items()):
        if isinstance(command, click.Group):
            found += [(f"{name} {part}", one) for part, one in sorted(command.commands.items())]
        else:
            found.append((name, command))
    return found


def _usage(name: str, command: click.Command) -> str:
    arguments = (one.human_readable_name.upper() for one in command.params if isinstance(one, click.Argument))
    return " ".join(("threatmodel", name, *arguments))


def slash_words() -> str:
    """Return the words of the slash command, grouped as in the help message."""
    groups = [
        (str(group), [word for word in SLASH_WORDS.values() if word.group is group]) for group in HelpGroup
    ]
    groups.append(("More", [word for word in SLASH_WORDS.values() if word.group is None]))
    return "\n\n".join(f"### {title}\n\n{_words(words)}" for title, words in groups)


def _words(words: list[SlashWord]) -> str:
    return listed(f"`{COMMAND} {word.typed or word.name}`: {word.does}" for word in words)
