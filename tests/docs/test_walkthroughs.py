"""The walk-throughs of the contributor's guide name files that exist, and no more than a change may touch."""

import re
from collections.abc import Iterator

import pytest

from deploy.docs.generator.pages import DOCS, ROOT

MOST_FILES = {
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


def test_every_walk_through_that_is_bounded_is_there() -> None:
    assert set(MOST_FILES) <= {title for title, _ in walkthroughs()}


@pytest.mark.parametrize(
    ("title", "files"), [*walkthroughs()], ids=lambda one: one if isinstance(one, str) else ""
)
def test_a_walk_through_names_places_that_exist_and_no_more_than_it_may(title: str, files: list[str]) -> None:
    assert len(files) <= MOST_FILES.get(title, 7)
    paths = [path for cell in files for path in re.findall(r"`([\w.]+/[\w/.]+)`", cell)]
    assert [path for path in paths if not (ROOT / path).exists()] == []
