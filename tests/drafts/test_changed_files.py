"""Files in which anything holds something else are read or refused, and their drafts stay consistent."""

import copy
import json
import random
from functools import lru_cache
from typing import Any

import pytest
import yaml

from bot.drafts import SourceFile, read_draft
from bot.drafts.draft_drift import drift_of, known_of
from bot.formats.importers.untrusted_document import UnreadableFile
from tests.depth import DEEP, SEED, count
from tests.drafts.fixture_drafts import FIXTURES, NAMES, draft_of
from tests.drafts.test_fixtures import faults
from tests.formats.fuzz import RandomChoices, mutated

TRIES = count(15, deep=600)
"""How many files are tried for each fixture."""

TEXTS = [name for name in NAMES if name.endswith((".yaml", ".json")) and name != "review.tc.json"]
CHARTS = [name for name in NAMES if ".mermaid." in name]


@lru_cache
def documents(name: str) -> Any:
    """The document of a fixture, or a list of several."""
    text = (FIXTURES / name).read_text()
    several = [json.loads(text)] if name.endswith(".json") else list(yaml.safe_load_all(text))
    return several[0] if len(several) == 1 else {"kind": "List", "apiVersion": "v1", "items": several}


def read(name: str, content: bytes) -> None:
    try:
        draft = read_draft([SourceFile(name=name, content=content)], terminal=True)
    except UnreadableFile:
        return
    assert faults(draft) == []
    assert drift_of(draft, known_of(draft)).drifts == ()


@pytest.mark.parametrize("name", TEXTS)
def test_a_changed_file_is_read_or_refused(name: str) -> None:
    for number in range(TRIES):
        choices = RandomChoices(f"{SEED if DEEP else 1}/{name}/{number}")
        content = json.dumps(mutated(copy.deepcopy(documents(name)), choices)).encode()
        try:
            read(name, content)
        except Exception as fault:
            raise AssertionError(f"{number}: {content[:3_000]!r}") from fault


@pytest.mark.parametrize("name", CHARTS)
def test_a_changed_flowchart_is_read_or_refused(name: str) -> None:
    text = (FIXTURES / name).read_text()
    for number in range(TRIES):
        chance = random.Random(f"{SEED if DEEP else 1}/{name}/{number}")
        letters = list(text)
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(letters))
            letters[at] = chance.choice(
                ["", " ", "-", "[", "]", '"', "|", "&", "{", "}", "(", ">", "\n", ";", "@", "é"]
            )
        try:
            read(name, "".join(letters).encode())
        except Exception as fault:
            raise AssertionError(f"{number}: {''.join(letters)!r}") from fault


def test_two_files_of_one_project_may_differ_in_everything() -> None:
    one, other = (FIXTURES / name for name in ("minimal.compose.yaml", "shop.compose.yaml"))
    draft = read_draft([SourceFile(name=file.name, content=file.read_bytes()) for file in (one, other)])
    assert faults(draft) == []
    assert {item.key.partition("/")[0] for item in draft.items if item.key.startswith("compose")} == {
        "compose:shop"
    }


def test_an_empty_project_is_an_empty_draft() -> None:
    assert draft_of("services: {}").items == ()
