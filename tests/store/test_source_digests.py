"""Digests of source code: what is kept stays valid unless its own computation changes."""

import sys
from pathlib import Path

import pytest

import domain.portfolio.portfolio_entry
from bot.store.portfolio_rows import entry_version
from bot.store.source_digests import digest_of, modules_behind

ENTRY = domain.portfolio.portfolio_entry.__name__


def test_everything_that_a_module_uses_is_behind_it() -> None:
    behind = modules_behind(ENTRY)
    used = {
        str(getattr(value, "__module__", ""))
        for module in behind
        for value in vars(sys.modules[module]).values()
    }
    assert {one for one in used if one.split(".")[0] == "domain"} <= behind
    assert {"domain", "domain.model.evolution", "domain.rules", "domain.analysis.coverage"} <= behind


def test_how_the_portfolio_is_filtered_or_events_are_worded_does_not_matter_to_its_entries() -> None:
    others = {"domain.portfolio.portfolio_filter", "domain.wording", "domain.decide", "domain.changes"}
    assert not others & modules_behind(ENTRY)
    assert all(other in sys.modules or Path(*other.split(".")) for other in others)


def test_only_a_change_of_the_computation_changes_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = entry_version(), Path.read_bytes
    changed: dict[str, bool] = {}
    for file in ("domain/gates.py", "domain/history.py"):

        def edited(path: Path, file: str = file) -> bytes:
            return read(path) + (b"# edited" if path.as_posix().endswith(file) else b"")

        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", edited)
            digest_of.cache_clear()
            changed[file] = entry_version() != before
    digest_of.cache_clear()
    assert entry_version() == before
    assert [*changed.values()] == [True, False]
