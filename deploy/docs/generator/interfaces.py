"""What operators and participants type: settings, commands, and the words of the slash command."""

import click

from bot.__main__ import cli
from bot.manifest import COMMAND
from bot.settings import VARIABLES, Variable
from bot.slack.listeners.words import WORDS
from bot.slack.reading.vocabulary import ALSO_CALLED, DOES, GROUPS, TYPED
from deploy.docs.generator.tables import code, table


def settings() -> str:
    """Return the variables of the environment."""
    rows = [(f"`{one.name}`", one.meaning, _default(one)) for one in VARIABLES]
    return table(("Variable", "Meaning", "Default"), rows)


def _default(variable: Variable) -> str:
    return variable.shown_default or (f"`{variable.default}`" if variable.default else "")


def commands() -> str:
    """Return the commands of the command line, one row each."""
    rows = [
        (f"`{_usage(name, command)}`", command.get_short_help_str(200).rstrip("."))
        for name, command in sorted(cli.commands.items())
    ]
    return table(("Command", "Description"), rows)


def command_options() -> str:
    """Return every command with its arguments and options, as `--help` prints them."""
    return "\n\n".join(_help(name, command) for name, command in sorted(cli.commands.items()))


def _usage(name: str, command: click.Command) -> str:
    arguments = (one.human_readable_name.upper() for one in command.params if isinstance(one, click.Argument))
    return " ".join(("threatmodel", name, *arguments))


def _help(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"threatmodel {name}")
    records = (one.get_help_record(context) for one in command.params if isinstance(one, click.Option))
    rows = [(f"`{option}`", meaning) for option, meaning in filter(None, records)]
    told = table(("Option", "Meaning"), rows) if rows else "It has no options."
    return f"### {name}\n\n`{_usage(name, command)}`\n\n{' '.join((command.help or '').split())}\n\n{told}"


def slash_words() -> str:
    """Return the words of the slash command, in the groups that the help message has, the rest below."""
    grouped = {word for words in GROUPS.values() for word in words}
    groups = {**GROUPS, "More": tuple(word for word in WORDS if word not in grouped)}
    return "\n\n".join(f"### {group}\n\n{_words(words)}" for group, words in groups.items() if words)


def _words(words: tuple[str, ...]) -> str:
    rows = [(f"`{COMMAND} {TYPED.get(word, word)}`", DOES[word], code(_synonyms(word))) for word in words]
    return table(("Command", "Description", "Also understood"), rows)


def _synonyms(word: str) -> list[str]:
    return [other for other, meant in ALSO_CALLED.items() if meant == word]
