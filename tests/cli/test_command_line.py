"""What a person or a program gets from the terminal."""

import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import Result

from bot.cli.terminal_text import terminal_text
from bot.commands.command_handler import CommandHandler
from bot.demo import STORIES
from bot.slack.directory.member_directory import Directory
from bot.store import CommandKey, open_store
from bot.store.repositories.workspace_directory import Person
from domain.commands import StartThreatModel, WithdrawThreat
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.threat import ThreatId
from tests.cli.conftest import RunCli

ROOT = Path(__file__).resolve().parents[2]

KEYS = [
    "key",
    "name",
    "phase",
    "version",
    "labels",
    "imported",
    "registers",
    "components",
    "trust_boundaries",
    "links",
    "link_proposals",
    "assumptions",
    "screening",
    "questions",
    "suggested_threats",
    "suggested_threat_groups",
    "threats",
    "mitigations",
    "reminders",
    "warnings",
    "conditions",
    "dismissed",
    "prevented",
    "controls_in_place",
    "spot_checks",
    "prompts",
    "coverage",
    "asvs",
    "rounds",
    "retrospective",
    "review_due",
]
REGISTERS = ["external_dependencies", "entry_points", "assets", "trust_levels", "data_flows"]
COMMANDS = [
    "backup",
    "changes",
    "chart",
    "compliance",
    "copy",
    "demo",
    "diagram",
    "doctor",
    "draft",
    "erase",
    "export",
    "forget-person",
    "history",
    "import",
    "library",
    "list",
    "manifest",
    "mcp",
    "portfolio",
    "report",
    "restored",
    "sandbox",
    "serve",
    "show",
    "trackers",
    "verify",
    "workspace",
]


def refused(result: Result) -> str:
    """The one line of a refusal: exit status 2, nothing on standard output, no traceback."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("threatmodel: ")
    return line.removeprefix("threatmodel: ")


def shown(run_cli: RunCli, *words: str) -> dict[str, list[dict[str, object]]]:
    result = run_cli("show", *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_help_names_every_command(run_cli: RunCli) -> None:
    assert re.findall(r"^  ([a-z][a-z-]*)  ", run_cli("--help").stdout, re.MULTILINE) == COMMANDS


def test_help_takes_a_fifth_of_a_second() -> None:
    # The work it takes, not how busy the machine is: its own processor time, the best of several.
    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(5)) < 0.2


def test_help_loads_neither_slack_nor_the_store() -> None:
    slow = {"slack_bolt", "slack_sdk", "sqlite_utils", "statemachine", "domain", "rich", "msgspec"}
    probe = f"import bot.__main__, sys; print(sorted({slow} & {{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_that_of_the_project(run_cli: RunCli) -> None:
    assert re.fullmatch(r"threatmodel, version \d+\.\d+\.\d+\n", run_cli("--version").stdout)


def test_without_a_model_reading_commands_name_the_first_step(run_cli: RunCli, database: Path) -> None:
    for words in (("list",), ("show", "TM-1"), ("history", "TM-1"), ("verify",), ("backup", "copy.db")):
        assert "threatmodel demo house" in refused(run_cli(*words))
    assert not database.exists()


def test_the_house_is_listed(house: RunCli) -> None:
    assert re.search(r"TM-1\s+The House\s+analysis\s+\d+\s", house("list").stdout)
    (listed,) = json.loads(house("list", "--json").stdout)
    assert listed["key"] == "TM-1"
    assert listed["workspace"] == "TDEMO"
    assert house("list", "--workspace", "TOTHER", "--json").stdout.strip() == "[]"


def test_loading_the_house_twice_changes_nothing(house: RunCli) -> None:
    before = house("show", "TM-1", "--json").stdout
    assert "TM-1 was created." in house("demo", "house").stdout
    assert house("show", "TM-1", "--json").stdout == before


def test_loading_the_house_again_after_changes_by_people_changes_nothing(
    house: RunCli, database: Path
) -> None:
    store = open_store(f"sqlite:///{database}")
    with closing(store):
        (there,) = store.streams(None)
        later = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
        gone = WithdrawThreat(by=PersonId("UAMINA"), at=later, threat=ThreatId("TH-6"))
        CommandHandler(store).execute(gone, stream=there.stream, key=CommandKey("gone"))
    before = house("show", "TM-1", "--json").stdout
    assert house("demo", "house").exit_code == 0
    assert house("show", "TM-1", "--json").stdout == before


def test_the_web_shop_has_scores_and_open_suggested_threats(run_cli: RunCli) -> None:
    told = run_cli("demo", "web-shop")
    assert "TM-1 was created." in told.stdout
    document = shown(run_cli, "TM-1")
    scores = [cast(dict[str, Any], one["score"]) for one in document["threats"] if one["score"]]
    assert [(score["band"], score["ballots"]) for score in scores] == [
        ("critical", 4),
        ("critical", 4),
        ("high", 4),
        ("high", 4),
        ("high", 4),
        ("medium", 4),
    ]
    assert {one["rule"] for one in document["suggested_threats"]} >= {"S03", "I07", "E03"}
    assert [one["fact"] for one in document["questions"]] == ["input_bounded", "log_escaped"]
    table = run_cli("show", "TM-1").stdout
    assert all(word in table for word in ("The web shop", "No multi-factor", "Log search"))
    assert run_cli("demo", "web-shop").stdout == told.stdout
    assert shown(run_cli, "TM-1") == document


def test_an_unknown_example_is_answered_with_the_list(run_cli: RunCli) -> None:
    missing = run_cli("demo", "castle")
    assert missing.exit_code == 2
    assert all(story in missing.stderr for story in STORIES)


def test_show_json_has_exactly_the_keys_of_the_interface(house: RunCli) -> None:
    document = shown(house, "TM-1")
    assert list(document) == KEYS
    assert list(document["registers"]) == REGISTERS
    assert document["mitigations"] == document["rounds"] == []
    assert {one["state"] for one in document["reminders"]} <= {"due", "planned"}, "nobody was reminded yet"
    for lists in (document["registers"], document):
        assert isinstance(lists, dict)
        for name in (*REGISTERS, "components", "trust_boundaries"):
            for item in lists.get(name, []):
                assert {"id", "name", "description", "parent", "removed", "facts"} <= item.keys()
    assert {key for one in document["questions"] for key in one} == {
        *("element", "fact", "rules", "suggested"),
        *("answered_unknown", "owner", "due"),
    }
    assert {key for one in document["suggested_threats"] for key in one} == {
        "id",
        "rule",
        "element",
        "stride",
        "cwe",
    }
    assert {key for one in document["suggested_threat_groups"] for key in one} == {
        "id",
        "rule",
        "suggested_threats",
        "threats",
        "remedy",
    }
    grouped = [
        str(id)
        for one in document["suggested_threat_groups"]
        for id in cast("list[str]", one["suggested_threats"])
    ]
    assert sorted(grouped) == sorted(str(one["id"]) for one in document["suggested_threats"])
    assert all(one["places"] for one in document["threats"] if one["state"] == "open")
    assert {key for one in document["conditions"] for key in one} == {"band", "id", "met", "text"}


def test_the_house_is_shown_with_its_missing_boundary(house: RunCli) -> None:
    document = shown(house, "tm-1")
    (found,) = [one for one in document["threats"] if one["suggested_threats"]]
    assert str(found["suggested_threats"]).startswith("['X02@")
    assert found["stride"] == ["E"]
    collected = shown(house, "TM-1", "--as-of", "2026-03-02T09:45:00Z")
    assert "X02" in {one["rule"] for one in collected["suggested_threats"]}


def test_the_house_has_its_six_threats_in_the_order_of_their_scores(house: RunCli) -> None:
    told = [
        (one["title"], score["total"], score["mean"], score["band"], list(score["medians"].values()))
        for one in shown(house, "TM-1")["threats"]
        for score in (cast("dict[str, Any]", one["score"]),)
    ]
    assert told == [
        (
            "Anyone who opens the garage can enter the house",
            43,
            8.6,
            "critical",
            [10, 10, 5, 10, 8],
        ),
        ("A housemate disables the smoke alarm", 38, 7.6, "high", [9, 7, 8, 10, 4]),
        ("Glue in the locks keeps residents out", 38, 7.6, "high", [4, 8, 9, 9, 8]),
        ("An impostor posing as a plumber is let in", 34, 6.8, "high", [8, 6, 6, 8, 6]),
        ("Passers-by can see who is at home", 41, 8.2, "medium", [1, 10, 10, 10, 10]),
        (
            "A football breaks a window and the culprit is unknown",
            28,
            5.6,
            "medium",
            [3, 5, 9, 5, 6],
        ),
    ]


def test_a_score_has_the_keys_of_the_interface_and_no_names(house: RunCli) -> None:
    threats = shown(house, "TM-1")["threats"]
    for score in (threat["score"] for threat in threats):
        assert isinstance(score, dict)
        assert {"total", "mean", "band", "medians", "ballots", "contested"} <= score.keys()
        assert score["ballots"] == 4
        assert score["contested"] == []
    assert not any(name in json.dumps(threats) for name in ("UAMINA", "UBENJI", "UCHIYO", "UDARIO"))


def test_the_house_is_shown_as_it_was(house: RunCli) -> None:
    at_start = shown(house, "TM-1", "--as-of", "2026-03-02T09:00:00Z")
    assert at_start["version"] == 1
    then, now = shown(house, "TM-1", "--as-of", "2026-03-02", "--zone", "UTC"), shown(house, "TM-1")
    assert then == {**now, "reminders": []}, (
        "only time went on since: people are reminded that nobody answers"
    )
    told = house("show", "TM-1", "--as-of", "2026-03-02", "--zone", "UTC").stdout
    assert "(as of 2026-03-02 23:59, by today's rules)" in told


def test_before_its_start_there_was_no_model(house: RunCli) -> None:
    assert "did not exist at" in refused(house("show", "TM-1", "--as-of", "2026-03-01", "--zone", "UTC"))


def test_history_shows_authors_and_contents(house: RunCli) -> None:
    assert re.search(
        r"UBENJI\s+recorded the assumption “The windows are nailed shut”", house("history", "TM-1").stdout
    )
    entries = json.loads(house("history", "TM-1", "--json").stdout)
    assert [entry["version"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["at"] == "2026-03-02T09:00:00Z"


def test_known_people_are_shown_by_name(house: RunCli, database: Path) -> None:
    store = open_store(f"sqlite:///{database}")
    amina = Person(id=PersonId("UAMINA"), name="Amina")
    Directory(store.unit("TDEMO")).records.learn_person(amina, datetime(2026, 1, 1, tzinfo=UTC))
    store.close()
    told = house("history", "TM-1").stdout
    assert re.search(r"Amina\s+started “The House” \(TM-1\)", told)
    assert "UBENJI" in told


def test_times_are_shown_in_the_readers_time_zone(house: RunCli) -> None:
    assert "2026-03-02 18:00" in house("history", "TM-1", "--zone", "Asia/Tokyo").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "TM-9"), "There is no model TM-9. Run `threatmodel list` to list the models."),
        (("show", "TM-1", "--workspace", "TX"), "There is no model TM-1 in workspace TX"),
        (("show", "\x1b[31mTM"), "There is no model �[31mTM"),
        (("show", "TM-1", "--as-of", "soon"), "--as-of: 'soon' is not a valid time"),
        (("show", "TM-1", "--as-of", "2026-03-02", "--zone", "Here"), "--zone: there is no time zone 'Here'"),
        (("history", "TM-9"), "There is no model TM-9"),
        (("manifest", "--http", "http://here"), "--http: Slack reaches only https:// addresses"),
    ],
)
def test_invalid_arguments_are_reported_in_one_line(house: RunCli, words: tuple[str, ...], said: str) -> None:
    assert refused(house(*words)).startswith(said)


def test_a_key_in_several_workspaces_asks_for_the_workspace(house: RunCli) -> None:
    assert house("demo", "house", "--workspace", "TSECOND").exit_code == 0
    assert refused(house("show", "TM-1")) == (
        "TM-1 exists in several workspaces (TDEMO, TSECOND). Choose one with --workspace."
    )
    assert shown(house, "TM-1", "--workspace", "TSECOND")["name"] == "The House"


def test_every_invalid_setting_has_its_line(run_cli: RunCli) -> None:
    result = run_cli("serve", DATABASE_URL="mysql://x", PORT="many")
    assert result.exit_code == 2
    assert [line.split()[1] for line in result.stderr.splitlines()] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "DATABASE_URL",
        "PORT",
    ]


def test_a_file_that_is_not_a_database_is_named(run_cli: RunCli, database: Path) -> None:
    database.write_text("a shopping list, not a database" * 100)
    assert refused(run_cli("list")).startswith(f"DATABASE_URL: {database} is not a SQLite database")


def test_verify_counts_valid_events_and_names_the_first_invalid_one(house: RunCli, database: Path) -> None:
    assert re.match(r"\d+ events verified \(0 of them erased\)\.", house("verify").stdout)
    with sqlite3.connect(database) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE events SET type = 'AssetAdded' WHERE sequence = 3")
    result = house("verify")
    assert result.exit_code == 1
    assert result.stderr.startswith("threatmodel: event 3 of workspace TDEMO (TDEMO/TM-1, version 3): ")


def test_verify_compares_with_recorded_chain_heads(house: RunCli) -> None:
    (end,) = [line for line in house("verify").stdout.splitlines() if " the chain ends at " in line]
    found = re.fullmatch(r"(\w+): the chain ends at (\d+) with (\w{64})", end)
    assert found
    workspace, sequence, hashed = found.groups()
    for noted in (f"{sequence}:{hashed}", f"{workspace}:{sequence}:{hashed}"):
        assert house("verify", "--witness", noted, "--witness", noted).exit_code == 0
    for noted, what in (
        (f"{sequence}:{'0' * 64}", "it differs from the event recorded by the witness"),
        (f"{int(sequence) + 1}:{hashed}", "it was recorded by the witness and is missing"),
        (f"TOTHER:{sequence}:{hashed}", "it was recorded by the witness and is missing"),
    ):
        result = house("verify", "--witness", f"{sequence}:{hashed}", "--witness", noted)
        assert result.exit_code == 1
        assert what in result.stderr
    assert "must be SEQ:HASH or ID:SEQ:HASH" in refused(house("verify", "--witness", "12"))


def test_a_witness_of_a_custom_workspace_name_is_accepted(house: RunCli) -> None:
    assert house("demo", "house", "--workspace", "acme-eu").exit_code == 0
    end = next(line for line in house("verify").stdout.splitlines() if line.startswith("acme-eu"))
    sequence, hashed = end.removeprefix("acme-eu: the chain ends at ").split(" with ")
    assert house("verify", "--witness", f"acme-eu:{sequence}:{hashed}").exit_code == 0
    gone = house("verify", "--witness", f"acme-eu:{sequence}:{'0' * 64}")
    assert (gone.exit_code, "workspace acme-eu" in gone.output) == (1, True)


def test_a_witness_names_its_workspace_if_there_are_several(house: RunCli) -> None:
    assert house("demo", "house", "--workspace", "TOTHER").exit_code == 0
    noted = f"1:{'0' * 64}"
    assert "write ID:SEQ:HASH, or choose one with --workspace" in refused(house("verify", "--witness", noted))
    result = house("verify", "--workspace", "TOTHER", "--witness", noted)
    assert "event 1 of workspace TOTHER" in result.stderr


def test_a_backup_can_be_read_and_overwrites_nothing(house: RunCli, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert house("backup", str(copy)).exit_code == 0
    assert house("show", "TM-1", "--json", DATABASE_URL=f"sqlite:///{copy}").stdout == (
        house("show", "TM-1", "--json").stdout
    )
    assert "a new file." in refused(house("backup", str(copy)))


def test_a_hostile_name_cannot_control_the_terminal(run_cli: RunCli, database: Path) -> None:
    name = "[bold]Bank[/bold]\x1b]0;pwned\x07\u202egnp"
    store = open_store(f"sqlite:///{database}")
    command_handler = CommandHandler(store)
    somebody, channel = PersonId("U1"), ChannelId("C1")
    start = StartThreatModel(by=somebody, at=datetime(2026, 1, 1, tzinfo=UTC), name=name, channel=channel)
    command_handler.start(start, tenant="T1", key=CommandKey("one"))
    store.close()
    for words in (("list",), ("show", "TM-1"), ("history", "TM-1")):
        said = run_cli(*words).stdout
        assert "[bold]Bank[/bold]" in said
        assert not {"\x1b", "\x07", "\u202e"} & set(said)


@pytest.mark.parametrize("character", ["\x1b", "\x9b", "\u202e", "\u2066", "\u2028", "\x00", "\ud800"])
def test_control_characters_are_replaced(character: str) -> None:
    assert terminal_text(f"a{character}b") == "a�b"


def test_a_closed_output_pipe_is_no_error(house: RunCli, database: Path) -> None:
    del house
    done = subprocess.run(
        f"{sys.executable} -m bot history TM-1 --json | head -c 1; exit ${{PIPESTATUS[1]}}",
        shell=True,
        executable="/bin/bash",
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_the_manifest_is_printed_for_both_transports(run_cli: RunCli) -> None:
    assert run_cli("manifest").stdout == (ROOT / "deploy/slack-manifest.yaml").read_text()
    told = json.loads(run_cli("manifest", "--json", "--http", "https://threats.example.org").stdout)
    assert told["settings"]["socket_mode_enabled"] is False


def test_a_model_is_erased(house: RunCli, database: Path) -> None:
    assert "Erase all 70 entries of TM-1 (The House)?" in house("erase", "TM-1").output
    assert house("show", "TM-1").exit_code == 0  # nobody said yes

    done = house("erase", "TM-1", "--yes")

    assert "TM-1 no longer" in done.output
    assert "There is no threat model." in house("list").output
    assert "There is no model TM-1" in house("show", "TM-1").output
    assert "70 of them erased" in house("verify").output
    assert not any(b"valuables" in file.read_bytes() for file in database.parent.iterdir())


def test_erasing_a_model_that_is_being_read_is_completed_by_the_next_command(
    house: RunCli, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.sql.erasing.ERASING_TIMEOUT_SECONDS", 0.1)
    with closing(sqlite3.connect(database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        done = house("erase", "TM-1", "--yes")
        assert done.exit_code == 3
        assert "TM-1 no longer" in done.stdout
        assert done.stderr.startswith("threatmodel: the text is erased but still in the write-ahead log")
        assert any(b"valuables" in file.read_bytes() for file in database.parent.iterdir())
        assert "but still in the write-ahead log" in house("doctor").output
        with closing(sqlite3.connect(database, isolation_level=None)) as forger:
            forger.execute("UPDATE streams SET version = version + 1")
            assert "the end of the stream is missing" in house("verify").output
            forger.execute("UPDATE streams SET version = version - 1")
    assert house("list").exit_code == 0
    assert not any(b"valuables" in file.read_bytes() for file in database.parent.iterdir())
    assert "not yet gone" not in house("doctor").output


def test_single_entries_are_erased(house: RunCli) -> None:
    assert (
        "2 erased" in house("erase", "TM-1", "--entry", "7", "--entry", "8", "--entry", "7", "--yes").output
    )
    told = json.loads(house("history", "TM-1", "--json").output)
    assert [one["version"] for one in told if one["text"] == "(erased)"] == [7, 8]


def test_a_model_is_not_erased_by_its_first_entry(house: RunCli) -> None:
    assert "Erase the whole model instead." in house("erase", "TM-1", "--entry", "1").output
    assert "has 70 entries, and none with number 99" in house("erase", "TM-1", "--entry", "99").output
