"""Options shared by several commands, and the output of --json."""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from rich.table import Table

    from bot.store import Store

    _WordType = click.ParamType[str]
else:
    _WordType = click.ParamType  # generic only in later versions of Click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Listed = TypeVar("_Listed")
_Given = ParamSpec("_Given")


def with_store(command: "Callable[Concatenate[Store, _Given], None]") -> Callable[_Given, None]:
    """Give a command the configured store as its first argument, for as long as it runs."""

    @wraps(command)
    def run(*given: _Given.args, **named: _Given.kwargs) -> None:
        from bot.wiring import open_configured_store

        with open_configured_store(os.environ) as store:
            command(store, *given, **named)

    return run


def _together(*options: Callable[[Any], Any]) -> Callable[[_Command], _Command]:
    """Return one decorator for several options, in this order in the help."""

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _asking(*options: Callable[[Any], Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds options and gives a command of the argument `model` an AskedModel."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(store: "Store", **named: Any) -> None:
            from bot.cli.model_queries.model_lookup import AskedModel

            asked = {name: named.pop(name) for name in AskedModel.__struct_fields__ if name in named}
            command(AskedModel(store=store, **asked), **named)

        return _together(*options)(with_store(run))

    return decorate


workspace = click.option(
    "--workspace", metavar="ID", help="Slack ID of the workspace (T…), if there are several."
)
zone = click.option(
    "--zone", metavar="NAME", help="Time zone for dates and times, such as Europe/Berlin (default: local)."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
as_of = click.option(
    "--as-of", metavar="MOMENT", help="State at the end of a date, or at a time such as 2026-03-31T12:00:00Z."
)
asked_model = _asking(zone, workspace)
asked_model_then = _asking(as_of, zone, workspace)
theme = _together(
    click.option("--print", "theme", flag_value="print", help="Black and white, for print."),
    click.option("--dark", "theme", flag_value="dark", help="In color, for a dark background."),
    click.option("--light", "theme", flag_value="light", default=True, help="In color (default)."),
)
yes = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


class LateChoice(_WordType):
    """One of several words that are loaded when the option is used or its help is read, not before."""

    name = "choice"

    def __init__(self, load: Callable[[], Iterable[str]]) -> None:
        self._load = load

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word; fails naming all of them."""
        return self._choice().convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return the words as the help shows them."""
        return self._choice().get_metavar(param, ctx)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str | None:
        """Return the words to choose from where none was given."""
        return self._choice().get_missing_message(param, ctx)

    def _choice(self) -> click.Choice[str]:
        return click.Choice([*self._load()])


def output(without: str) -> Callable[[_Command], _Command]:
    """Return the option for the output file; `without` is its help text: values and default."""
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
        help="Start of the comparison: the end of a date, or a time such as 2026-03-31T12:00:00Z.",
    )


def print_json(value: object) -> None:
    """Print a value for programs."""
    from bot.cli.output.json_document import json_text

    click.echo(json_text(value))


def print_list(
    found: Sequence[_Listed],
    table: "Callable[[Sequence[_Listed]], Table]",
    empty: str,
    *,
    as_json: bool,
    value: Callable[[Sequence[_Listed]], object] = list,
) -> None:
    """Print a table of what was found, its value as JSON, or the sentence that there is nothing."""
    from bot.cli.output.text_grid import console

    if as_json:
        print_json(value(found))
    elif found:
        console().print(table(found))
    else:
        click.echo(empty)
