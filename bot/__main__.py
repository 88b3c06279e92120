"""The command line, put together: `threatmodel --help` loads only this, `bot.cli` and click."""

import os
import sys

import click

from bot.cli.click_commands import (
    database_commands,
    draft_command,
    export_import_commands,
    library_command,
    model_commands,
    portfolio_command,
    report_command,
    run_commands,
    setup_commands,
)
from bot.cli.error_handling import CommandGroup

COMMANDS = (
    run_commands.sandbox,
    run_commands.serve,
    run_commands.demo,
    run_commands.mcp,
    model_commands.list_models,
    model_commands.show,
    model_commands.history,
    model_commands.changes,
    model_commands.chart,
    model_commands.diagram,
    report_command.report,
    report_command.compliance,
    portfolio_command.portfolio,
    draft_command.draft,
    library_command.library,
    export_import_commands.export,
    export_import_commands.import_file,
    database_commands.verify,
    database_commands.erase,
    database_commands.forget_person,
    database_commands.backup,
    database_commands.copy_to,
    database_commands.restored,
    database_commands.workspace,
    database_commands.trackers,
    setup_commands.doctor,
    setup_commands.manifest,
)


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="threatmodel-bot", prog_name="threatmodel")
def cli() -> None:
    """Threat modeling with your team in Slack: collect, analyze, remediate.

    Settings come from the environment; `threatmodel doctor` checks them.
    """


_SERVING = {one.name for one in (run_commands.serve, run_commands.sandbox)}

for one in COMMANDS:
    cli.add_command(one)


def main() -> None:
    """The command `threatmodel`."""
    command = sys.argv[1] if len(sys.argv) > 1 else "-"
    if not command.startswith("-"):
        from bot.logs import start_logging

        # Before anything is read or can fail: the first lines of a service belong to its log, too.
        start_logging(os.environ, serving=command in _SERVING)
    cli(prog_name="threatmodel")


if __name__ == "__main__":
    main()
