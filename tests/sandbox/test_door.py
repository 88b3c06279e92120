"""Only the public interface of the sandbox is used."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.sandbox import api
from deploy.docs.generator.syntax import nodes

ROOT = Path(__file__).resolve().parents[2]
OWN_TESTS = ROOT / "tests" / "sandbox"
"""These look at the inside, which is their subject."""

OUTSIDE = [
    file
    for folder in ("tests", "deploy", "bot")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if not file.is_relative_to(OWN_TESTS) and not file.is_relative_to(ROOT / "bot" / "sandbox")
]


def modules_imported(file: Path) -> Iterator[str]:
    """The modules and names that a file imports, or none where it does not import the sandbox."""
    text = file.read_text(encoding="utf-8")
    for node in nodes(text) if "bot.sandbox" in text else ():
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_the_public_interface_of_the_sandbox_is_imported() -> None:
    offenders = {
        f"{file.relative_to(ROOT)}: {module}"
        for file in OUTSIDE
        for module in modules_imported(file)
        if module.startswith("bot.sandbox.") and not module.startswith("bot.sandbox.api")
    }
    assert not offenders, "import these from bot.sandbox.api"


def test_the_public_interface_has_only_names_that_are_used() -> None:
    used = {
        module.removeprefix("bot.sandbox.api.")
        for file in [*OUTSIDE, *OWN_TESTS.rglob("*.py")]
        for module in modules_imported(file)
        if module.startswith("bot.sandbox.api.")
    }
    wiring = (ROOT / "bot" / "wiring.py").read_text(encoding="utf-8")  # it says `sandbox.serve`
    assert {name for name in api.__all__ if name not in used and f"sandbox.{name}" not in wiring} == set()
