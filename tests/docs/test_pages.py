"""The README says what is true."""

import re

import pytest

from tests.readme import PARTS, README, ROOT, links, refreshed


def test_the_generated_parts_are_as_they_would_be_generated() -> None:
    assert README.read_text() == refreshed(README.read_text()), "refresh it: python -m tests.readme"


def test_a_part_without_its_markers_is_named() -> None:
    with pytest.raises(ValueError, match="begin settings"):
        refreshed(README.read_text().replace("<!-- begin settings -->", ""))


def test_what_it_links_to_exists() -> None:
    assert [link for link in links(README.read_text()) if not (ROOT / link).exists()] == []


def test_the_scripts_it_names_can_be_run() -> None:
    named = set(re.findall(r"\b(?:deploy/try|tests/check|deploy/lock/refresh)\b", README.read_text()))
    assert len(named) == 3
    assert [name for name in named if not (ROOT / name).stat().st_mode & 0o100] == []


def test_every_module_has_a_line_in_the_map() -> None:
    assert "|  |" not in PARTS["map"](), "a module without a docstring"
