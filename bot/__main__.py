"""The command line, put together: `threatmodel --help` loads only this, `bot.cli` and click."""

import click

from bot.cli import drawing, files, installing, keeping, reading, reporting, running
from bot.cli.refusing import Commands

COMMANDS = (
    running.sandbox,
    running.serve,
    running.demo,
    reading.list_models,
    reading.show,
    reading.history,
    reading.changes,
    drawing.chart,
    drawing.diagram,
    reporting.report,
    files.export,
    files.import_file,
    keeping.verify,
    keeping.erase,
    keeping.backup,
    keeping.remove,
    installing.doctor,
    installing.manifest,
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="threatmodel-bot", prog_name="threatmodel")
def cli() -> None:
    """Threat modelling with your team in Slack: collect, analyse, remediate.

    Settings come from the environment; `threatmodel doctor` checks them.
    """


for one in COMMANDS:
    cli.add_command(one)


def main() -> None:
    """The command `threatmodel`."""
    cli(prog_name="threatmodel")


if __name__ == "__main__":
    main()
