"""No page, message or file has anyone install a package or an image by a name that nobody has claimed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.docs.generator.pages import ROOT

COMMAND = re.compile(
    r"(?:pipx?|uv tool|uv pip|pip3) (?:install|run)((?:[ \t]+[^\s`|;&)]+)+)|(?:uvx|npx)[ \t]+(\S+)"
)
OWN = re.compile(r"\bthreatmodel[-_]bot\s*\[|(?i:install|need|require)\w*[ \t'\"]+threatmodel[-_]bot\b")
WITH_VALUE = ("--requirement", "-r", "--target", "--index-url", "--find-links")


def published() -> set[str]:
    """The packages of the locks: each has a hash there, so it was in an index."""
    locks = [path.read_text() for path in (ROOT / "deploy/lock").glob("*.txt")]
    return {
        name.replace("_", "-").casefold() for lock in locks for name in re.findall(r"(?m)^([\w.-]+)==", lock)
    }


def files() -> Iterator[Path]:
    """What people read or run, and what prints messages."""
    yield ROOT / "README.md"
    yield from (path for path in (ROOT / "bot").rglob("*") if path.suffix in (".py", ".html", ".md", ".js"))
    for one in (ROOT / "deploy").rglob("*"):
        if one.is_file() and "lock" not in one.parts and one.suffix not in (".svg", ".png", ".json", ".pyc"):
            yield one


def names_in(text: str) -> Iterator[str]:
    """The names of the packages that the commands of a text take from an index."""
    for found in COMMAND.finditer(text):
        words = (found[1] or found[2]).split()
        for before, word in zip(["", *words], words, strict=False):
            name = word.strip("'\"`.,")
            local = word.strip("'\"").startswith((".", "/", "$", "{")) or ".whl" in name
            if name and not name.startswith("-") and before not in WITH_VALUE and not local:
                yield re.split(r"[\[<>=~!@]", name)[0].replace("_", "-").casefold()


def unclaimed(text: str) -> list[str]:
    found = [
        name for name in names_in(text) if re.fullmatch(r"[a-z0-9.-]+", name) and name not in published()
    ]
    return found + [one[0] for one in OWN.finditer(text)]


def test_only_packages_of_an_index_are_installed_by_name() -> None:
    wrong = {str(file.relative_to(ROOT)): unclaimed(file.read_text(errors="replace")) for file in files()}
    assert {name: names for name, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        'pip install "threatmodel-bot[yaml]"',
        "pip install threatmodel-bot",
        "pipx install threatmodel",
        "uvx threatmodel",
        "Install threatmodel-bot[mcp].",
        "pip install --upgrade --requirement a.txt threatmodel_bot",
    ],
)
def test_a_name_that_nobody_has_claimed_is_found(text: str) -> None:
    assert unclaimed(text)
    assert not unclaimed(
        "pip install --requirement a.txt './.threatmodel[yaml]' x/threatmodel_bot-1.whl[yaml] msgspec"
    )


def services(file: Path) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(file.read_text())["services"]


def test_an_image_that_is_built_here_is_never_pulled() -> None:
    built = {
        f"{file.name}: {name}": one.get("pull_policy")
        for file in (ROOT / "deploy").glob("compose*.yaml")
        for name, one in services(file).items()
        if "build" in one
    }
    assert len(built) >= 4
    assert {*built.values()} == {"build"}


def test_other_images_are_named_with_their_owner_or_are_official() -> None:
    named = [
        service["image"].partition(":")[0]
        for file in (ROOT / "deploy").glob("compose*.yaml")
        for service in services(file).values()
        if "build" not in service and "image" in service
    ]
    assert [one for one in named if "/" not in one and one != "postgres"] == []
