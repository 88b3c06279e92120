"""The walk-throughs of the contributor's guide name files that exist, and no more than a change may touch."""

import re
from collections.abc import Iterator

import pytest

from deploy.docs.generator.pages import DOCS, ROOT

MAX_FILES = {
    "Add a slash word": 3,
    "Add a form with a button": 4,
    "Add an export format": 2,
    "Add a field to an event": 3,
}


def walkthroughs() -> Iterator[tuple[str, list[str]]]:
    """Each heading below “Walk-throughs”, with the first cell of each row of its table."""
    text = (DOCS / "contributing.md").read_text(encoding="utf-8").partition("## Walk-throughs")[2]
    for section in text.split("\n### ")[1:]:
        title, _, body = section.partition("\n")
        cells = re.findall(r"^\| (.+?) \|", body, re.MULTILINE)
        yield title, [cell for cell in cells if cell not in ("File", "---")]


def test_every_bounded_walk_through_exists() -> None:
    assert set(MAX_FILES) <= {title for title, _ in walkthroughs()}


@pytest.mark.parametrize(
    ("title", "files"), [*walkthroughs()], ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_walk_through_names_existing_files_within_its_limit(title: str, files: list[str]) -> None:
    assert len(files) <= MAX_FILES.get(title, 7)
    paths = [path for cell in files for path in re.findall(r"`([\w.]+/[\w/.]+)`", cell)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def declared_names(*patterns: str) -> set[str]:
    """The files of the product, and the table of access, that have to name a sample."""
    files = [
        *(ROOT / "bot").rglob("*.py"),
        *(ROOT / "domain").rglob("*.py"),
        ROOT / "tests/slack/test_matrix.py",
    ]
    sample = re.compile("|".join(patterns), re.MULTILINE)
    return {str(file.relative_to(ROOT)) for file in files if sample.search(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(
    ("title", "patterns"),
    [
        ("Add a slash word", (r'name="diagram"', r"\bdiagram_command\b", r"^say +.*\bdiagram\b")),
        ("Add a slash word", (r'name="undo"', r"\bundo_command\b", r"^say +.*\bundo\b")),
        ("Add a form with a button", (r'"decline_closing"', r"^(open|submit) +.*\bdecline_closing\b")),
        ("Add a form with a button", (r'"reschedule"', r"^(open|submit) +.*\breschedule\b")),
        ("Add an export format", (r'"drawio"', r"\bexport_drawio\b")),
    ],
)
def test_an_existing_sample_is_named_in_no_more_files_than_its_walk_through(
    title: str, patterns: tuple[str, ...]
) -> None:
    named = declared_names(*patterns)
    assert 2 <= len(named) <= MAX_FILES[title], named
