"""Table of a model's reminders."""

from collections.abc import Sequence

from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.model_queries.reminder_lines import ReminderLine
from bot.cli.output.text_grid import add_row, text_grid
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.reminder_deliveries import THREAD
from domain.reminders import Occasion


def reminders_table(lines: Sequence[ReminderLine], naming: Naming) -> Table:
    """Return the last and the next reminders of every person."""
    table = text_grid("When", "To", "About", "Why", "State")
    for one in lines:
        state = one.state + (f": {one.why_not}" if one.why_not else "")
        to = "the thread" if one.to == THREAD else naming(one.to)
        about = naming(PersonId(one.subject)) if one.occasion is Occasion.NOT_REACHED else one.subject
        add_row(table, format_moment(one.due), to, about, one.occasion.reason, state)
    return table
