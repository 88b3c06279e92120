"""Private words in the product, its documents and its code."""

from pathlib import Path

from tests.sentences.collector import ROOT
from tests.sentences.private_words import LIMIT, PLACES, lines_with_counted_words


def test_private_words_stay_rare() -> None:
    """The limit falls as sentences are rewritten, and never rises."""
    found = list(lines_with_counted_words(ROOT))
    assert len(found) < LIMIT, "\n".join(f"{path}:{line}: {text}" for path, line, text in found)


def test_words_are_counted_by_line_and_whole(tmp_path: Path) -> None:
    """Upper and lower case, in every kind of text file but drawings."""
    for place in PLACES[:-1]:
        (tmp_path / place).mkdir()
    (tmp_path / "README.md").write_text("Anybody may read\nwhatever anybodyelse\nonce more or anew\n")
    (tmp_path / "bot" / "one.py").write_text("# NOBODY\nnobody_there = 1\nnot\nonce  more\n")
    (tmp_path / "deploy" / "drawn.svg").write_text("<text>Everybody</text>")
    (tmp_path / "deploy" / "photo.png").write_bytes(b"\x89PNG\xff\xfe nobody")
    assert list(lines_with_counted_words(tmp_path)) == [
        ("bot/one.py", 1, "# NOBODY"),
        ("README.md", 1, "Anybody may read"),
        ("README.md", 3, "once more or anew"),
    ]
