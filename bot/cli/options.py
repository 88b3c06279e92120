"""The options that several commands have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

workspace = click.option(
    "--workspace", metavar="ID", help="Slack's id of the workspace (T…), if several are there."
)
zone = click.option(
    "--zone", metavar="NAME", help="Time zone for days and times, e.g. Europe/Berlin (default: here)."
)
as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of tables.")
as_of = click.option(
    "--as-of", metavar="MOMENT", help="As it was: a date (meaning its end), or 2026-03-31T12:00:00Z."
)
for_paper = click.option("--print", "look", flag_value="print", help="Black on white, for paper.")
for_night = click.option("--dark", "look", flag_value="dark", help="In colours, for a dark page.")
for_screens = click.option("--light", "look", flag_value="light", default=True, help="In colours (default).")


def output(without: str) -> Callable[[_Command], _Command]:
    """Where to write; `without` says what it may be, and what happens without."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help=without,
    )


def since(*, required: bool = False) -> Callable[[_Command], _Command]:
    """Since when what has changed is told."""
    return click.option(
        "--since",
        metavar="MOMENT",
        required=required,
        help="What has changed since: a date (meaning its end), or 2026-03-31T12:00:00Z.",
    )
