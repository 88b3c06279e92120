"""Drafts of the fixtures, each read once."""

from functools import lru_cache
from pathlib import Path

from bot.drafts import SourceFile, read_draft
from domain.drafts.draft import Draft

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = tuple(sorted(path.name for path in FIXTURES.iterdir() if path.is_file()))


def fixture_file(name: str) -> SourceFile:
    """A file of the fixtures."""
    return SourceFile(name=name, content=(FIXTURES / name).read_bytes())


@lru_cache
def fixture_draft(names: str) -> Draft:
    """The draft of one file, or of several with spaces between their names."""
    return read_draft([fixture_file(one) for one in names.split()], terminal=True)


def draft_of(text: str, name: str = "compose.yaml", *, terminal: bool = True) -> Draft:
    """The draft of a text."""
    return read_draft([SourceFile(name=name, content=text.encode())], terminal=terminal)
