"""Changes of a model, as a table or as JSON."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.local_moments import format_moment, format_rfc3339
from bot.cli.model_queries.model_difference import ModelDifference
from bot.cli.output.text_grid import add_row, text_grid
from bot.cli.terminal_text import terminal_text
from domain.changes import Change
from domain.kernel.person_names import with_names


def print_changes(since: ModelDifference, zone: str | None, out: Console) -> None:
    """Print what has changed: a table for each sort of thing."""
    known = since.after.register
    out.print(Text(f"{known.key}  {terminal_text(known.name)}", style="bold"))
    first, last = format_moment(since.before.as_of, zone), format_moment(since.until, zone)
    out.print(Text(f"From {first} to {last}, by today's rules"))
    if not since.changes:
        out.print(Text("Nothing in the model has changed."))
    else:
        out.print(_table(since, zone))


def changes_json(since: ModelDifference) -> dict[str, object]:
    """Return the difference as JSON."""
    return {
        "key": since.after.register.key,
        "since": format_rfc3339(since.before.as_of),
        "until": format_rfc3339(since.until),
        "changes": [_change(one) for one in since.changes],
    }


def _table(since: ModelDifference, zone: str | None) -> Table:
    table, naming = text_grid("About", "What", "How", "From → to", "By", "When last"), since.after.naming
    heading = ""
    for one in since.changes:
        add_row(
            table,
            one.group.label if one.group.label != heading else "",
            with_names(one.called, one.people, naming),
            one.how,
            with_names("; ".join(detail.text for detail in one.details), one.people, naming),
            ", ".join(naming(person) for person in one.by),
            format_moment(one.at, zone) if one.at else "",
        )
        heading = one.group.label
    return table


def _change(one: Change) -> dict[str, object]:
    return {
        "about": one.group.value,
        "turn": one.type.value,
        "id": one.id or None,
        "name": one.name,
        "how": one.how,
        "details": [
            {"name": detail.name, "before": detail.before, "now": detail.now} for detail in one.details
        ],
        "by": list(one.by),
        "at": format_rfc3339(one.at) if one.at else None,
    }
