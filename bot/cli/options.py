"""Options shared by several commands."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    _WordType = click.ParamType[str]
else:
    _WordType = click.ParamType  # generic only in later versions of Click

_Command = TypeVar("_Command", bound=Callable[..., Any])

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
for_paper = click.option("--print", "theme", flag_value="print", help="Black and white, for print.")
for_night = click.option("--dark", "theme", flag_value="dark", help="In color, for a dark background.")
for_screens = click.option("--light", "theme", flag_value="light", default=True, help="In color (default).")


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
