"""The documentation is complete, matches the code, and has no broken links."""

import re
from collections import Counter
from pathlib import Path

import pytest

from deploy.docs.generator.drawings import DRAWINGS
from deploy.docs.generator.pages import (
    DOCS,
    README,
    ROOT,
    anchors,
    broken_links,
    links,
    pages,
    refreshed,
    regions,
    stale,
)
from deploy.docs.generator.parts import PARTS
from tests.for_each import for_each

TEXTS = {page: page.read_text() for page in pages()}
ANCHORS = {page: anchors(text) for page, text in TEXTS.items()}


def test_the_generated_parts_and_drawings_are_up_to_date() -> None:
    assert [str(path.relative_to(ROOT)) for path in stale()] == [], "write them again: python -m deploy.docs"


def test_every_generated_part_is_on_exactly_one_page() -> None:
    assert Counter(name for text in TEXTS.values() for name in regions(text)) == Counter(list(PARTS))


def test_a_region_that_no_part_fills_is_reported() -> None:
    with pytest.raises(ValueError, match="'wishes'"):
        refreshed("<!-- begin wishes -->\n<!-- end wishes -->\n")


def test_a_marker_without_its_other_half_is_reported() -> None:
    with pytest.raises(ValueError, match="'settings'"):
        refreshed("<!-- begin settings -->\n")


@for_each("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading(page: Path) -> None:
    assert broken_links(page, TEXTS[page], ANCHORS) == []


@pytest.mark.parametrize(
    "text",
    [
        "[gone](gone.md)",
        "[gone](#gone)",
        "[gone](deploy/docs/architecture.md#gone)",
        '<img src="deploy/pictures/gone.png">',
        "![gone](deploy/pictures/gone.png)",
        "[outside](../../outside.md)",
    ],
)
def test_a_broken_link_is_reported(text: str) -> None:
    assert len(broken_links(README, text, ANCHORS)) == 1


def test_anchors_match_those_of_the_repository_page() -> None:
    text = "# `show`: what is *there*?\n## Twice\n## Twice\n```\n# no heading\n```\n"
    assert anchors(text) == {"show-what-is-there", "twice", "twice-1"}


@for_each("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`((?:bot|domain|tests|deploy|\.github)/[\w./-]*\w)/?`", TEXTS[page])
    assert [path for path in named if path not in NOT_COMMITTED and not (ROOT / path).exists()] == []


NOT_COMMITTED = {"deploy/.env"}


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [README]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            targets = ((page.parent / link.partition("#")[0]).resolve() for link in links(TEXTS[page]))
            ahead += [target for target in targets if target in TEXTS]
    assert set(TEXTS) - reached == set()


def test_every_picture_is_shown_on_a_page() -> None:
    shown = {(page.parent / link).resolve() for page, text in TEXTS.items() for link in links(text)}
    files = [*(ROOT / "deploy/pictures").iterdir(), *(DOCS / "drawings").iterdir()]
    assert [file.name for file in files if file not in shown] == []


def test_every_drawing_is_generated() -> None:
    assert {file.name for file in (DOCS / "drawings").iterdir()} == set(DRAWINGS)


def test_the_readme_is_an_introduction() -> None:
    assert len(TEXTS[README].splitlines()) <= 200


def test_the_scripts_that_pages_name_can_be_run() -> None:
    scripts = {"deploy/try", "deploy/release", "deploy/lock/refresh", "tests/check"}
    named = {script for script in scripts for text in TEXTS.values() if script in text}
    assert named == scripts
    assert [name for name in named if not (ROOT / name).stat().st_mode & 0o100] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [
        int(number) for number in re.findall(r"^## (\d+)\. ", TEXTS[DOCS / "decisions.md"], re.MULTILINE)
    ]
    assert numbers == list(range(1, len(numbers) + 1))


MOST_WORDS = 40_000
"""Words of all pages, the generated ones included: what a reader can be asked to find their way in."""


def test_the_pages_have_few_enough_words() -> None:
    words = {str(page.relative_to(ROOT)): len(text.split()) for page, text in TEXTS.items()}
    longest = sorted(words.items(), key=lambda one: one[1], reverse=True)[:10]
    assert sum(words.values()) <= MOST_WORDS, longest
