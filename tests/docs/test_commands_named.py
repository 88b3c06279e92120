"""Every command, slash word, module and setting that a page names exists."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from bot.__main__ import cli
from bot.settings import VARIABLES
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from deploy.docs.generator.pages import README, ROOT, pages
from tests.for_each import for_each

PAGES = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()]


def code(text: str) -> list[str]:
    """Return the inline code of a page and the lines of its code blocks."""
    blocks = re.findall(r"(?ms)^ *```(?:sh)?\n(.*?)^ *```", text)
    spans = re.findall(r"`([^`]+)`", re.sub(r"(?ms)^ *```.*?^ *```", "", text))
    return [
        *(" ".join(span.split()) for span in spans),
        *(line.strip() for block in blocks for line in block.splitlines()),
    ]


def faults(text: str) -> Iterator[str]:
    for line in code(text):
        if found := re.match(r"(?:\.venv/bin/)?threatmodel (\S+)(.*)", line):
            yield from _faults_of_command(line, found[1], found[2])
        if found := re.match(r"/threatmodel ([a-z-]+)", line):
            yield from () if found[1] in SLASH_WORDS else (line,)
        for module in re.findall(r"python3? -m ([\w.]+)", line):
            yield from () if _is_there(module) else (line,)
        for name in re.findall(r"^((?:SLACK|METRICS)_\w+|DATABASE_URL|THREATMODEL_KEY)\b", line):
            yield from () if name in {variable.name for variable in VARIABLES} else (line,)


def _faults_of_command(line: str, word: str, rest: str) -> Iterator[str]:
    command = cli.commands.get(word)
    if isinstance(command, click.Group) and rest.strip():
        part, _, rest = rest.strip().partition(" ")
        command = command.commands.get(part)
    if word.isupper() or word in ("--help", "--version"):  # capitals stand for any command
        return
    if command is None:
        yield line
        return
    known = {option for param in command.params for option in param.opts} | {"--help"}
    yield from (line for option in re.findall(r"(?<=\s)(--?[a-z][\w-]*)", rest) if option not in known)


def _is_there(module: str) -> bool:
    return find_spec(module) is not None


@for_each("page", PAGES)
def test_pages_name_only_existing_commands_and_settings(page: Path) -> None:
    assert list(faults(page.read_text())) == []


@pytest.mark.parametrize(
    "text",
    [
        "`threatmodel reports`",
        "`threatmodel report TM-7 --until today`",
        "```sh\n.venv/bin/threatmodel report --until today\n```",
        "`/threatmodel votes`",
        "`python -m tests.readme`",
        "`SLACK_TOKEN`",
    ],
)
def test_unknown_names_are_reported(text: str) -> None:
    assert len(list(faults(text))) == 1


def test_commands_are_found_in_text_and_in_blocks() -> None:
    assert {"threatmodel sandbox", ".venv/bin/threatmodel serve"} <= set(code(README.read_text()))
