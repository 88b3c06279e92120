"""PostgreSQL, many workspaces and two replicas; `python -m tests.bench scale [PART …] [--json FILE]`."""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench import scale_appends, scale_idle, scale_load, scale_queries
from tests.bench.measurements import Row, Say
from tests.bench.scale_results import Part, RecordedPart
from tests.bench.scale_server import BenchmarkServer, benchmark_server

PARTS: Final[Mapping[str, Callable[[BenchmarkServer, Say], Part]]] = {
    "appends": scale_appends.measure,
    "queries": scale_queries.measure,
    "idle": scale_idle.measure,
    "load": scale_load.measure,
}


def main(arguments: list[str]) -> int:
    """Run the parts that are asked for, all by default; 0 when every aim is met, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench scale", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--on", type=Path, help="a directory on the disk to be measured (default: here)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the results to a file, too; other parts in it stay"
    )
    parser.add_argument("--rate", type=float, default=scale_load.RATE, help="answers a second under load")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"no part is called {unknown[0]}; there are: {', '.join(PARTS)}")
    scale_load.RATE = asked.rate
    console = Console()
    measured: dict[str, RecordedPart] = {}
    for name in asked.parts or PARTS:
        part = run(name, asked.on or Path.cwd(), _teller(name, console))
        measured[name] = recorded(part)
        console.print(_table(name, part))
        for note in part.notes:
            console.print(f"- {note}", soft_wrap=True)
        if asked.json:
            _write(asked.json, measured)
    return 0 if all(row.met for part in measured.values() for row in part.rows) else 1


def run(name: str, on: Path, say: Say) -> Part:
    """Run one part with a server of its own, whose data is removed again."""
    with (
        tempfile.TemporaryDirectory(prefix=".bench-", dir=on) as directory,
        benchmark_server(Path(directory)) as server,
    ):
        return PARTS[name](server, say)


def recorded(part: Part) -> RecordedPart:
    """The part with the date, and how busy the machine was: the average of its last minutes."""
    busy = os.getloadavg()
    return RecordedPart(
        rows=part.rows,
        notes=part.notes,
        plans=part.plans,
        date=datetime.now(UTC).date(),
        load=round(busy[1], 1),
        met=[row.met for row in part.rows],
    )


def _write(path: Path, measured: Mapping[str, RecordedPart]) -> None:
    there = msgspec.json.decode(path.read_bytes(), type=dict[str, RecordedPart]) if path.exists() else {}
    told = {name: part for name in PARTS if (part := measured.get(name) or there.get(name))}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")


def _teller(name: str, console: Console) -> Say:
    started = time.monotonic()

    def say(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:6.1f} s  {name}:[/dim] {what}", soft_wrap=True)

    return say


def _table(name: str, part: Part) -> Table:
    table = Table(title=f"scale: {name}")
    for heading in ("what", "ratio", "aim", "ours", "baseline"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in part.rows:
        table.add_row(
            row.what, _ratio(row), f"{row.aim:g}", f"{row.ours:,.1f}", f"{row.theirs:,.1f} {row.unit}"
        )
    return table


def _ratio(row: Row) -> str:
    return f"{row.ratio:.2f}" if row.met else f"[bold red]missed: {row.ratio:.2f}[/]"
