"""Completions of the typed line."""

import re

from msgspec import Struct

from bot.sandbox.users.mrkdwn import EMOJI
from bot.sandbox.workspace.installed_app import AppCommand
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel

MAX_SUGGESTIONS = 20


class Suggestion(Struct, frozen=True, kw_only=True):
    """One completion."""

    text: str
    """The whole line after it is applied."""
    shown: str
    hint: str = ""
    description: str = ""


def suggestions(commands: tuple[AppCommand, ...], typed: str) -> list[Suggestion]:
    """Return the completions of a slash command, from the manifest's usage hints."""
    if not typed.startswith("/") or "\n" in typed:
        return []
    found: list[Suggestion] = []
    for command in commands:
        if command.command.startswith(typed):
            found.append(
                Suggestion(
                    text=command.command,
                    shown=command.command,
                    hint=command.usage_hint,
                    description=command.description,
                )
            )
        elif typed.startswith(f"{command.command} "):
            begun = typed.removeprefix(f"{command.command} ")
            found += [
                Suggestion(text=f"{command.command} {word}", shown=f"{command.command} {word}")
                for word in hinted_subcommands(command.usage_hint)
                if word.startswith(begun) and word != begun
            ]
    return found[:MAX_SUGGESTIONS]


def hinted_subcommands(usage_hint: str) -> list[str]:
    """Return the subcommands in a hint such as `[start | status]`."""
    if "|" not in usage_hint:
        return []
    return [word for word in re.split(r"[\s|\[\]]+", usage_hint) if re.fullmatch(r"[a-z][a-z\-]*", word)]


def name_suggestions(
    people: tuple[SlackAccount, ...], channels: tuple[SlackChannel, ...], typed: str
) -> list[Suggestion]:
    """Return people after an @, channels after a # and emoji after a : at the end of a line."""
    match = re.search(r"(?:^|\s)([@#:])([\w.+\-]*)$", typed)
    if match is None:
        return []
    before, begun = typed[: match.start(2)], match[2].casefold()
    match match[1]:
        case "@":
            found = [
                Suggestion(text=before + one.handle, shown=f"@{one.handle}", description=one.name)
                for one in people
                if not one.deleted and begun in (one.handle + one.name).casefold()
            ]
        case "#":
            found = [
                Suggestion(text=before + one.name, shown=f"#{one.name}", description=one.topic)
                for one in channels
                if begun in one.name
            ]
        case _:
            found = [
                Suggestion(text=f"{before}{name}:", shown=f"{drawn} :{name}:")
                for name, drawn in EMOJI.items()
                if len(begun) > 1 and begun in name
            ]
    return found[:MAX_SUGGESTIONS]
