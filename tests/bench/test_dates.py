"""What is measured runs by the real clock, so nothing that it keeps for some days may have a fixed date."""

import ast
from collections.abc import Iterator
from pathlib import Path


def fixed_moments(path: Path) -> Iterator[str]:
    """Yield the moments of fixed days in a module; a day alone, as in a drawing, ages nothing."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="datetime"), args=[ast.Constant(value=int()), *_]):
                yield f"{path.name}:{node.lineno}"
            case _:
                pass


def test_benchmarks_are_dated_by_the_day_of_the_run() -> None:
    found = [moment for path in sorted(Path(__file__).parent.glob("*.py")) for moment in fixed_moments(path)]
    assert found == []
