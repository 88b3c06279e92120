"""Compiled Graphviz, kept in a file: each process of a test run would compile it again for two seconds."""

import fcntl
import os
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.picture.diagram import graphviz

if TYPE_CHECKING:
    from wasmtime import Engine, Module

DIRECTORY = Path(__file__).parent.parent / ".pytest_cache" / "graphviz"

_compile = graphviz._compiled  # pyright: ignore[reportPrivateUsage]  what is replaced


def keep(patch: pytest.MonkeyPatch) -> None:
    """Let this process read the compiled Graphviz from a file, or write it there."""
    patch.setattr(graphviz, "_compiled", read_or_compile)


def read_or_compile(code: bytes, target: str = "", directory: Path = DIRECTORY) -> "tuple[Engine, Module]":
    """Return Graphviz compiled from its code; of several processes at the same time, one compiles it."""
    from wasmtime import Config, Engine, Module, WasmtimeError

    if target:
        return _compile(code, target)
    directory.mkdir(parents=True, exist_ok=True)
    # Code that was compiled by another version or for other settings is refused when it is read.
    path = directory / f"{version('wasmtime')}-{sha256(code).hexdigest()[:16]}.cwasm"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            config = Config()
            config.consume_fuel = True
            engine = Engine(config)
            try:
                return engine, Module.deserialize_file(engine, str(path))
            except WasmtimeError:
                path.unlink()
        engine, module = _compile(code)
        written = path.with_suffix(f".{os.getpid()}")
        written.write_bytes(module.serialize())
        written.rename(path)
    return engine, module
