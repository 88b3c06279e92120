"""Reference read from the code: events, metrics, state machine."""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from deploy.docs.generator.syntax import nodes
from deploy.docs.generator.tables import code, listed
from domain.events import Event
from domain.lifecycle import diagram

ROOT = Path(__file__).resolve().parents[3]


def status() -> str:
    """Return the version and the status that the metadata of the package states."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    statuses = (one.rpartition(" - ")[2] for one in project["classifiers"] if one.startswith(_STATUS))
    version, stage = str(project["version"]), next(statuses).lower()
    return f"**Version {version}, {stage}.**"


_STATUS = "Development Status :: "


def lifecycle() -> str:
    """Return the state machine as a Mermaid diagram."""
    return f"```mermaid\n{diagram()}\n```"


def events() -> str:
    """Return the types of events by the module that describes them."""
    found = defaultdict[str, list[str]](list)
    for kind in get_args(Event):
        found[kind.__module__.rpartition(".")[2]].append(kind.__name__)
    return listed(f"**{module}**: {code(names)}" for module, names in found.items())


def metrics() -> str:
    """Return the metrics in Prometheus format, in alphabetical order."""
    return listed(
        f"{name} ({kind}{f'; {labels}' if labels else ''}): {meaning}"
        for name, kind, meaning, labels in sorted(set(_declared_metrics()))
    )


def _declared_metrics() -> Iterator[tuple[str, str, str, str]]:
    """Return the calls that declare a metric: `Counter(name, meaning, labels)`, `watch(name, meaning, …)`.

    The source is read, not a registry, because the gauges are bound only while the bot starts.
    """
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if f'"{_PREFIX}' not in (text := path.read_text()):
            continue
        for node in nodes(text):
            match node:
                case ast.Call(
                    func=ast.Name(id=called) | ast.Attribute(attr=called),
                    args=[ast.Constant(value=str(name)), ast.Constant(value=str(meaning)), *more],
                ) if called in _TYPES and name.startswith(_PREFIX):
                    kind = _TYPES[called]
                    shown = f"{name}_total" if kind == "counter" else name
                    yield f"`{shown}`", kind, meaning, code(_labels(more))
                case _:
                    pass


def _labels(arguments: list[ast.expr]) -> list[str]:
    lists = [one for one in arguments if isinstance(one, ast.List | ast.Tuple)]
    return [str(ast.literal_eval(label)) for one in lists for label in one.elts]


_PREFIX = "threatmodel_"
_TYPES = {
    "Counter": "counter",
    "Gauge": "gauge",
    "Histogram": "histogram",
    "watch": "gauge",
    "from_database": "gauge",
}
