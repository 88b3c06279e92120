"""The commands about libraries: a company's own rules, facts, technologies and controls."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options

if TYPE_CHECKING:
    from bot.store import Store


@click.group()
def library() -> None:
    """Check a company's own rules, facts, technologies and controls, declared in TOML.

    A rule `applies` and is `controlled` by conditions:

    \b
    condition   = conjunction { "or" conjunction }
    conjunction = term { "and" term }
    term        = "not" term | "(" condition ")" | "always" | "never"
                | "any of" group "(" condition ")"
                | predicate
                | [ "fact" ] fact [ "of" element ] [ "else" ( "yes" | "no" ) ]

    A fact without an answer is unknown, and asked. `else` says what *not applicable* counts as. Names:
    threatmodel library show component
    """


@library.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--annotations", is_flag=True, help="Write problems as workflow commands of GitHub Actions.")
@options.as_json
def check(file: Path, *, annotations: bool, as_json: bool) -> None:
    """Check FILE and run its examples; 1 means problems, 2 a file that cannot be read."""
    from bot.cli.operations.library_check import check_annotations, check_file, check_json, check_text

    result = check_file(file)
    render = check_json if as_json else check_annotations if annotations else check_text
    _show(render(result))
    sys.exit(result.exit_status)


@library.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.workspace
@options.as_json
@options.with_store
def diff(store: "Store", file: Path, workspace: str | None, *, as_json: bool) -> None:
    """Show the questions and suggested threats that FILE would add to models, or remove."""
    from bot.cli.operations.library_check import check_file, check_text
    from bot.cli.operations.library_diff import effects, effects_json, effects_text

    result = check_file(file)
    if result.library is None or result.problems:
        _show(check_text(result), err=True)
        sys.exit(result.exit_status)
    found = effects(store, result.library, workspace=workspace)
    _show(effects_json(found) if as_json else effects_text(found))


@library.command()
@click.argument("name")
def show(name: str) -> None:
    """Show a built-in entry, such as T01, as TOML, or the names for conditions about a kind of element."""
    from bot.cli.operations.library_check import built_in_text

    click.echo(built_in_text(name), nl=False)


def _show(text: str, *, err: bool = False) -> None:
    """Print lines in which nothing of a file or a model steers the terminal."""
    from bot.cli.terminal_text import terminal_text

    for line in text.split("\n") if text else ():
        click.echo(terminal_text(line), err=err)
