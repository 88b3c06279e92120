"""Errors that an operator can resolve, printed without a traceback."""

import sys
from typing import IO, Any

import click


class CommandRefused(click.ClickException):
    """Error that the operator can resolve: one line for each fault, exit status 2, no traceback."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the faults to standard error."""
        for line in self.message.splitlines():
            click.echo(f"threatmodel: {line}", file=file or sys.stderr)


class CommandGroup(click.Group):
    """Command group that prints refusals as lines."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a refusal ends the process with status 2."""
        try:
            return super().invoke(ctx)
        except _mendable() as fault:  # computed only when something was raised
            raise CommandRefused(str(fault)) from None


def _mendable() -> tuple[type[Exception], ...]:
    from bot.operator_error import OperatorError
    from bot.settings import WrongSettings
    from bot.store.errors import HistoryUnreadable, StoreUnavailable
    from domain.rejections import Rejected

    return (WrongSettings, StoreUnavailable, HistoryUnreadable, OperatorError, Rejected)
