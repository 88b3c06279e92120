"""Writes the README's generated parts anew: `python -m tests.readme`."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.__main__ import cli
from bot.formats import FORMATS
from bot.settings import VARIABLES, Variable
from domain.lifecycle import diagram
from domain.reminders.policy import POLICIES, Policy

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def refreshed(text: str) -> str:
    """The README with every generated part as it should be; raises ValueError when a marker is missing."""
    for name, part in PARTS.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"README.md needs {begin} and {end}, once each")
        before, rest = text.split(begin)
        text = f"{before}{begin}\n\n{part()}\n\n{end}{rest.split(end)[1]}"
    return text


def settings_table() -> str:
    """The variables of the environment."""
    rows = [f"| `{one.name}` | {one.meaning} | {_default(one)} |" for one in VARIABLES]
    return "\n".join(["| Variable | Meaning | Default |", "| --- | --- | --- |", *rows])


def commands_table() -> str:
    """The commands of the command line."""
    rows: list[str] = []
    for name, command in sorted(cli.commands.items()):
        arguments = "".join(
            f" {one.human_readable_name.upper()}" for one in command.params if _is_argument(one)
        )
        rows.append(f"| `threatmodel {name}{arguments}` | {command.get_short_help_str(200).rstrip('.')} |")
    return "\n".join(["| Command | Does |", "| --- | --- |", *rows])


def formats_table() -> str:
    """What a model can be written as."""
    rows = [
        f"| `{one.word}` | {one.title} | `TM-7{one.suffix}` | {one.read_by} |" for one in FORMATS.values()
    ]
    return "\n".join(["| Word | Format | File | Read by |", "| --- | --- | --- | --- |", *rows])


def nudges_table() -> str:
    """Who is reminded of what and when, by each choice of a team."""
    told: tuple[tuple[str, str, Callable[[Policy], str]], ...] = (
        ("a mitigation that is due", "its owner", lambda one: f"{_days(one.before)} before, and on the day"),
        ("one that is overdue", "its owner", _again),
        ("a risk that waits for approval", "whoever was asked to approve it", _again),
        (
            "a mitigation that waits to be verified",
            "the facilitator, or another person if it is theirs",
            lambda one: f"when it is in place, then {_again(one)}",
        ),
        ("whatever of these goes on", "the facilitator", lambda one: f"after {one.escalates_after} days"),
        ("whatever still goes on", "the thread of the model", lambda _: "each Monday"),
        (
            "ballots that are owed",
            "whoever owes them",
            lambda one: (
                f"at half-time, and {int(one.last_hours.total_seconds()) // 3600} hours before the end"
            ),
        ),
        (
            "questions that were handed over",
            "whoever was asked",
            lambda one: f"after {one.asked_after} days, then {_again(one)}",
        ),
        (
            "an accepted risk that ends",
            "the facilitator",
            lambda one: f"{_days(one.before)} before, and when it is over",
        ),
        (
            "a model nobody touches, or that was closed",
            "the facilitator",
            lambda one: f"after {one.untouched.days} days",
        ),
    )
    head = " | ".join(f"*{policy}*" for policy in POLICIES)
    rows = [
        f"| {what} | {who} | {' | '.join(when(policy) for policy in POLICIES.values())} |"
        for what, who, when in told
    ]
    return "\n".join([f"| Of | Is reminded | {head} |", f"| --- | --- |{' --- |' * len(POLICIES)}", *rows])


def _days(before: tuple[int, ...]) -> str:
    *early, last = (str(days) for days in before)
    return f"{', '.join(early)} and {last} days" if early else f"{last} day"


def _again(policy: Policy) -> str:
    every = "every day" if policy.every == 1 else f"every {policy.every} days"
    return f"{every}, {policy.most} times"


def lifecycle_chart() -> str:
    """The state machine as a Mermaid diagram."""
    return f"```mermaid\n{diagram()}\n```"


def code_map() -> str:
    """Every room of the two packages with the first line of its docstring."""
    rows = [f"| `{path}` | {title} |" for package in ("domain", "bot") for path, title in _rooms(package)]
    return "\n".join(["| Where | What |", "| --- | --- |", *rows])


def _rooms(package: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / package).iterdir()):
        file = path / "__init__.py" if path.is_dir() else path
        if file.suffix != ".py" or not file.exists() or path.name == "__init__.py":
            continue
        docstring = ast.get_docstring(ast.parse(file.read_text())) or ""
        name = f"{package}/{path.name}/" if path.is_dir() else f"{package}/{path.name}"
        yield name, docstring.partition("\n")[0].rstrip(".")
        if name == "bot/slack/":  # by far the largest: whoever looks for something asks for its rooms, too
            yield from _rooms("bot/slack")


def _default(variable: Variable) -> str:
    return variable.shown_default or (f"`{variable.default}`" if variable.default else "")


def _is_argument(parameter: object) -> bool:
    return getattr(parameter, "param_type_name", "") == "argument"


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "commands": commands_table,
    "formats": formats_table,
    "nudges": nudges_table,
    "lifecycle": lifecycle_chart,
    "map": code_map,
}


def main() -> None:
    """Rewrite the README in place."""
    text = README.read_text()
    new = refreshed(text)
    README.write_text(new)
    sys.stdout.write("README.md is refreshed\n" if new != text else "README.md was right already\n")


def links(text: str) -> list[str]:
    """The files of the project that the README links to."""
    return re.findall(r"\]\((?!https?:)([^)#]+)\)", text)


if __name__ == "__main__":
    main()
