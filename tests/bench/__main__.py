"""Runs the comparisons and studies that are asked for, all by default, and prints their tables.

`scale` is run only if it is asked for, alone: it needs a PostgreSQL server's programs, and ten minutes. So
are `growth`, which fills a disk, and `path`, which counts instead of comparing.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench import growth, path, scale
from tests.bench.measurements import Row, Say

COMPARISONS = ("store", "replay", "rules", "diagram", "idle", "http", "delivery", "agents", "portfolio")
"""Each is a module of this package with `run(directory, say) -> list[Row]`; add yours here."""

STUDIES = ("panels", "secrecy", "effort", "drafts")
"""Each is a module of this package with `study(say)`, `table_of(study)` and perhaps `as_json(study)`."""

NAMES = (*COMPARISONS, *STUDIES)


def main(arguments: list[str]) -> int:
    """Run what is asked for; 0 when every aim is met, 1 otherwise."""
    if arguments[:1] == ["scale"]:
        return scale.main(arguments[1:])
    if arguments[:1] == ["growth"]:
        return growth.main(arguments[1:])
    if arguments[:1] == ["path"]:
        return path.main(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}, scale, growth or path"
    )
    parser.add_argument("--on", type=Path, help="a directory on the disk to be measured (default: here)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the rows, or the one study, to a file, too"
    )
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in NAMES]
    if unknown:
        parser.error(f"no comparison is called {unknown[0]}; there are: {', '.join(NAMES)}")
    console = Console()
    rows = [
        row
        for name in COMPARISONS
        if not asked.names or name in asked.names
        for row in run(name, asked.on, console)
    ]
    if rows:
        console.print(table_of(rows))
    for name in STUDIES:
        if not asked.names or name in asked.names:
            study = import_module(f"tests.bench.{name}")
            done = study.study(teller(name, console))
            console.print(study.table_of(done))
            if asked.json and asked.names == [name] and hasattr(study, "as_json"):
                asked.json.write_bytes(study.as_json(done))
    if asked.json and rows:
        told = [{**msgspec.structs.asdict(row), "met": row.met} for row in rows]
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    return 0 if all(row.met for row in rows) else 1


def run(name: str, on: Path | None, console: Console) -> list[Row]:
    """Run one comparison in a directory of its own, which is removed again."""
    compare: Callable[[Path, Say], list[Row]] = import_module(f"tests.bench.{name}").run
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=on or Path.cwd()) as directory:
        return compare(Path(directory), teller(name, console))


def teller(name: str, console: Console) -> Say:
    """Tell what is being done, and since when."""
    started = time.monotonic()

    def say(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:6.1f} s  {name}:[/dim] {what}", soft_wrap=True)

    return say


def table_of(rows: list[Row]) -> Table:
    """The rows as people read them."""
    table = Table(title="Contenders in turns, durable, on one disk; medians")
    for heading in ("what", "ratio", "aim", "ours", "baseline"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        table.add_row(
            row.what,
            f"{row.ratio:.2f}" if row.met else f"[bold red]missed: {row.ratio:.2f}[/]",
            f"{'≥' if row.at_least else '≤'} {row.aim:g}",
            f"{row.ours:,.0f} {row.unit}",
            f"{row.theirs:,.0f} {row.unit}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
