"""`threatmodel forget-person`: said beforehand, done once, reported in numbers."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store import open_store
from bot.store.repositories.workspace_directory import Person
from domain.kernel.elements import PersonId
from tests.cli.conftest import RunCli
from tests.store.saying import NOON

ANA = "UAMINA"
WORDS = ("Front door", "Valuables", "The House")
"""Texts of hers in the House, of which Ben and Chiyo built on some."""


def files_with(words: str, database: Path) -> list[str]:
    return [path.name for path in database.parent.iterdir() if words.encode() in path.read_bytes()]


def test_it_says_beforehand_what_is_erased_and_what_stays(house: RunCli, database: Path) -> None:
    asked = house("forget-person", ANA)

    assert asked.exit_code == 1  # nobody said yes
    assert "26 entries in 1 model" in asked.output
    assert "6 ballots of closed rounds stay without a name" in asked.output
    assert "The Slack ID in entries of others" in asked.output
    assert "backups" in asked.output
    assert "Erase UAMINA? [y/N]" in asked.output
    assert files_with("Front door", database)


def test_no_word_is_left_in_any_screen_export_or_file(house: RunCli, database: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{database}")
    store.unit("TDEMO").directory.learn_person(Person(id=PersonId(ANA), name="Amina Zabel"), NOON)
    store.close()
    done = house("forget-person", ANA, "--yes")

    assert done.exit_code == 0, done.output
    for words in (*WORDS, "Amina Zabel"):
        assert words not in done.output
        assert files_with(words, database) == []
    seen = [house("show", "TM-1"), house("show", "TM-1", "--json"), house("history", "TM-1"), house("list")]
    seen += [house("export", "TM-1", "--format", one) for one in ("otm", "csv", "drawio", "events")]
    seen += [house("report", "TM-1", "-o", str(tmp_path / "report.md")), house("verify")]
    assert [one.output for one in seen if one.exit_code] == []
    report = (tmp_path / "report.md").read_text()
    for words in (*WORDS, "Amina Zabel"):
        assert words not in report
        assert not any(words in one.output for one in seen)
    assert "@former participant as facilitator" in house("history", "TM-1").output
    assert "The windows are nailed shut" in report, "what others said is still there"


def test_a_second_time_there_is_nothing_to_erase(house: RunCli, database: Path) -> None:
    assert house("forget-person", ANA, "--yes").exit_code == 0
    before = json.loads(house("history", "TM-1", "--json").stdout)
    again = house("forget-person", ANA.lower(), "--yes")

    assert "UAMINA was erased before. Nothing was left to erase." in again.output
    assert json.loads(house("history", "TM-1", "--json").stdout) == before


def test_everyone_can_be_erased_one_after_the_other(house: RunCli, database: Path) -> None:
    scores = risk_scores(house)
    for person in (ANA, "UBENJI", "UCHIYO", "UDARIO"):
        assert house("forget-person", person, "--yes").exit_code == 0

    assert house("verify").exit_code == 0
    assert risk_scores(house) == scores
    with closing(sqlite3.connect(database)) as reader:
        (raw,) = reader.execute("SELECT group_concat(CAST(data AS TEXT)) FROM events").fetchone()
    for words in (*WORDS, "nailed shut", "Resident"):
        assert words not in raw


def risk_scores(house: RunCli) -> list[object]:
    threats = json.loads(house("show", "TM-1", "--json").stdout)["threats"]
    return [(threat["id"], threat["score"] and threat["score"]["mean"]) for threat in threats]


def test_a_person_who_is_not_there_is_refused(house: RunCli) -> None:
    for person, what in (
        ("UNONE", "There is no person UNONE in workspace TDEMO."),
        ("@amina", "choose More > Copy member ID"),
        ("TDEMO", "is not the Slack ID of a person"),
    ):
        result = house("forget-person", person, "--yes")
        assert result.exit_code == 2
        assert what in result.stderr


def test_the_workspace_is_named_if_there_are_several(house: RunCli) -> None:
    assert house("demo", "house", "--workspace", "TOTHER").exit_code == 0
    assert "(TDEMO, TOTHER). Choose one with --workspace" in house("forget-person", ANA, "--yes").stderr
    assert "no workspace TNONE" in house("forget-person", ANA, "--yes", "--workspace", "TNONE").stderr
    assert house("forget-person", ANA, "--yes", "--workspace", "TOTHER").exit_code == 0

    names = {load["workspace"]: load["name"] for load in json.loads(house("list", "--json").stdout)}
    assert names == {"TDEMO": "The House", "TOTHER": "Threat model TM-1"}
