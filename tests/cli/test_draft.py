"""Drafts in the terminal: shown, kept as known, compared, with the exit codes that CI needs."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import RunCli
from tests.drafts.fixture_drafts import FIXTURES


@pytest.fixture
def compose(tmp_path: Path) -> Path:
    """A Compose file in a directory of its own."""
    return Path(shutil.copy(FIXTURES / "minimal.compose.yaml", tmp_path / "compose.yaml"))


def test_a_draft_is_shown_by_kind_with_certainty_place_and_answers(
    run_cli: RunCli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(FIXTURES / "shop.compose.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    told = run_cli("draft", "shop.compose.yaml")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "Draft from shop.compose.yaml (Compose)"
    assert {"12 components", "5 entry points", "25 data flows", "8 assets"} <= {*lines}
    proxy = " ".join(next(line for line in lines if line.startswith(" proxy ")).split())
    assert proxy.startswith("proxy certain shop.compose.yaml:42 process; nginx, HAProxy or Envoy")
    assert "Does it run with least privilege? No (line 53)" in proxy
    assert "  - env_file of a service: its variables were not read" in lines


def test_several_files_are_one_draft_in_json(run_cli: RunCli, compose: Path) -> None:
    told = run_cli("draft", str(compose), str(FIXTURES / "override.compose.yaml"), "--json")
    found = json.loads(told.stdout)
    assert [one["format"] for one in found["sources"]] == ["Compose", "Compose"]
    (app,) = [one for one in found["items"] if one["key"] == "compose:app"]
    assert app["place"] == {"file": compose.as_posix(), "line": 2}
    assert "marked" not in told.stdout


def test_standard_input_is_read_as_a_file(run_cli: RunCli, monkeypatch: pytest.MonkeyPatch) -> None:
    with (FIXTURES / "silent.openapi.json").open() as opened:
        monkeypatch.setattr("sys.stdin", opened)
        from bot.cli.operations.draft_operation import read_files

        assert read_files([Path("-")]).items[0].place.file == "standard input"


def test_threats_and_assumptions_are_shown(run_cli: RunCli) -> None:
    told = run_cli("draft", str(FIXTURES / "review.tc.json")).stdout
    assert "Forge payment notifications" in told
    assert "Spoofing, Tampering" in told
    assert "1 assumption\n" in told


def test_what_is_known_is_written_and_compared(run_cli: RunCli, compose: Path) -> None:
    known = compose.with_name("known.json")
    told = run_cli("draft", str(compose), "--known", str(known))
    assert told.stdout == f"6 elements with 4 answers were written to {known}.\n"
    same = run_cli("draft", str(compose), "--known", str(known), "--check")
    assert (same.exit_code, same.stdout) == (0, f"Everything is known: 6 elements compared with {known}.\n")
    compose.write_text(compose.read_text().replace('["3000:3000"]', '["3000:3000", "9229:9229"]'))
    new = run_cli("draft", str(compose), "--known", str(known), "--check")
    assert new.exit_code == 1
    assert new.stdout.splitlines() == [
        f"{compose}:4: New entry point “app port 9229”",
        f"1 change not in {known}. To make them known: threatmodel draft FILE --known {known}",
    ]
    assert run_cli("draft", str(compose), "--known", str(known)).exit_code == 0
    assert run_cli("draft", str(compose), "--known", str(known), "--check").exit_code == 0


def test_reports_are_written_for_other_tools(run_cli: RunCli, compose: Path) -> None:
    known, sarif, junit = (compose.with_name(name) for name in ("known.json", "a.sarif", "a.xml"))
    run_cli("draft", str(compose), "--known", str(known))
    compose.write_text(compose.read_text().replace("store:\n", "cache: {image: redis}\n  store:\n", 1))
    options = ("--known", str(known), "--check", "--sarif", str(sarif), "--junit", str(junit), "--json")
    told = run_cli("draft", str(compose), *options)
    assert told.exit_code == 1
    rules = [one["rule"] for one in json.loads(told.stdout)["drifts"]]
    assert rules == ["new-component", "worse-answer", "worse-answer"]
    assert json.loads(sarif.read_text())["runs"][0]["results"][0]["ruleId"] == "drift/new-component"
    assert 'failures="3"' in junit.read_text()


def test_what_is_gone_is_listed_and_no_drift(run_cli: RunCli, compose: Path) -> None:
    known = compose.with_name("known.json")
    run_cli("draft", str(compose), "--known", str(known))
    compose.write_text("services: {app: {build: .}}\n")
    told = run_cli("draft", str(compose), "--known", str(known), "--check")
    assert told.exit_code == 0
    assert "  - entry point “app port 3000” (compose:app:3000)" in told.stdout.splitlines()


def test_files_are_compared_with_a_model_of_the_database(house: RunCli, compose: Path) -> None:
    shown = house("draft", str(compose), "--model", "TM-1").stdout
    assert "In the model" in shown
    assert " app " in shown
    states = json.loads(house("draft", str(compose), "--model", "TM-1", "--json").stdout)["states"]
    assert {*states.values()} == {"new"}
    checked = house("draft", str(compose), "--model", "TM-1", "--check")
    assert checked.exit_code == 1
    lines = checked.stdout.splitlines()
    assert f"{compose}:2: New component “app”" in lines
    assert lines[-1] == "7 changes not in TM-1. To make them known: draft the file in Slack"
    absent = house("draft", str(compose), "--model", "TM-9", "--check")
    assert absent.exit_code == 2
    assert "There is no model TM-9" in absent.stderr


HIDDEN = '["3000:3000", "${ADMIN_PORT}:${ADMIN_PORT}"]\n    volumes: ["${DOCKER_SOCK}:/var/run/docker.sock"]'
BEHIND = "and the files do not have the value"


@pytest.fixture
def hidden(run_cli: RunCli, compose: Path) -> Path:
    """What is known of a file, to which a port and a mount behind variables were added since."""
    known = compose.with_name("known.json")
    run_cli("draft", str(compose), "--known", str(known))
    compose.write_text(compose.read_text().replace('["3000:3000"]', HIDDEN))
    return known


def test_exposure_behind_a_variable_is_drift(run_cli: RunCli, compose: Path, hidden: Path) -> None:
    told = run_cli("draft", str(compose), "--known", str(hidden), "--check")
    assert told.exit_code == 1
    assert told.stdout.splitlines()[:-1] == [
        f"{compose}:5: “app”: it runs with more privileges than it needs",
        f"{compose}:4: New entry point “app published on ${{ADMIN_PORT}}”",
        f"{compose}:5: app mounts ${{DOCKER_SOCK}} as /var/run/docker.sock, {BEHIND}",
    ]
    run_cli("draft", str(compose), "--known", str(hidden))
    assert run_cli("draft", str(compose), "--known", str(hidden), "--check").exit_code == 0


def test_values_come_from_env_beside_a_file_or_from_the_files_that_are_named(
    run_cli: RunCli, compose: Path, hidden: Path
) -> None:
    values = "ADMIN_PORT=9000\nDOCKER_SOCK=/var/run/docker.sock\nDB_PASSWORD=marked-secret\n"
    other = compose.with_name("ci.env")
    other.write_text(values.replace("9000", "9001"))
    beside = compose.with_name(".env")
    check = ("draft", str(compose), "--known", str(hidden), "--check")
    beside.write_text(values)
    assert "New entry point “app port 9000”" in run_cli(*check).stdout
    named = run_cli(*check, "--env-file", str(other)).stdout
    assert "New entry point “app port 9001”" in named
    assert BEHIND not in named
    assert BEHIND in run_cli(*check, "--env-file", "/dev/null").stdout
    assert "marked" not in run_cli("draft", str(compose), "--json").stdout
    beside.write_bytes(b"\xff")
    refused = run_cli(*check)
    assert (refused.exit_code, ".env: The file is not UTF-8 text" in refused.stderr) == (2, True)


def test_what_was_not_read_is_counted_and_fails_if_strict(run_cli: RunCli, compose: Path) -> None:
    known, sarif = compose.with_name("known.json"), compose.with_name("a.sarif")
    compose.write_text("include: [other.yaml]\n" + compose.read_text())
    run_cli("draft", str(compose), "--known", str(known))
    check = ("draft", str(compose), "--known", str(known), "--check")
    plain = run_cli(*check)
    assert plain.exit_code == 0
    assert plain.stdout.splitlines()[:2] == [
        "Not read:",
        "  - include: the files that it names were not read",
    ]
    counted = json.loads(run_cli(*check, "--json").stdout)
    assert (counted["not_read"], len(counted["notes"]), counted["drifts"]) == (1, 1, [])
    assert json.loads(run_cli("draft", str(compose), "--json").stdout)["not_read"] == 1
    strict = run_cli(*check, "--strict", "--sarif", str(sarif))
    assert strict.exit_code == 1
    assert "Not read: include: the files that it names were not read" in strict.stdout
    assert [one["ruleId"] for one in json.loads(sarif.read_text())["runs"][0]["results"]] == [
        "drift/not-read"
    ]
    assert run_cli("draft", str(compose), "--strict").exit_code == 1
    compose.write_text(compose.read_text().partition("\n")[2])
    assert run_cli(*check, "--strict").exit_code == 0


def test_places_are_paths_from_the_root_of_the_repository(
    run_cli: RunCli, compose: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = compose.parent
    (root / ".git").mkdir()
    (root / "deploy/prod").mkdir(parents=True)
    moved = compose.rename(root / "deploy/prod/compose.yaml")
    known = root / "known.json"
    known.write_text('{"format": "threatmodel-known", "version": 1, "items": {}}')
    told: set[str] = set()
    for directory, name in (
        (root, moved),
        (root, "deploy/prod/compose.yaml"),
        (root / "deploy", "prod/compose.yaml"),
    ):
        monkeypatch.chdir(directory)
        options = (
            "--known",
            str(known),
            "--check",
            "--sarif",
            str(root / "a.sarif"),
            "--junit",
            str(root / "a.xml"),
        )
        lines = run_cli("draft", str(name), *options).stdout
        (where,) = {
            one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for one in json.loads((root / "a.sarif").read_text())["runs"][0]["results"]
        }
        told |= {where, lines.partition(":")[0]}
        assert 'file="deploy/prod/compose.yaml"' in (root / "a.xml").read_text()
    assert told == {"deploy/prod/compose.yaml"}


def test_a_file_on_one_line_names_its_resource(run_cli: RunCli, compose: Path) -> None:
    found = json.loads((FIXTURES / "cloud.plan.json").read_text())
    minified = compose.with_name("plan.json")
    minified.write_text(json.dumps(found))
    known, sarif = compose.with_name("known.json"), compose.with_name("a.sarif")
    known.write_text('{"format": "threatmodel-known", "version": 1, "items": {}}')
    options = ("--known", str(known), "--check", "--sarif", str(sarif))
    lines = run_cli("draft", str(minified), *options).stdout.splitlines()
    assert any(line.startswith(f"{minified} (aws_instance.bastion): ") for line in lines)
    places = [one["locations"][0] for one in json.loads(sarif.read_text())["runs"][0]["results"]]
    assert {"fullyQualifiedName": "terraform:aws_instance.bastion"} in [
        place["logicalLocations"][0] for place in places
    ]
    assert {one["physicalLocation"]["artifactLocation"]["uri"] for one in places} == {f"file://{minified}"}
    assert "(aws_instance.bastion)" in run_cli("draft", str(minified)).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("nowhere.yaml",),
            "threatmodel: nowhere.yaml cannot be read (No such file or directory). Choose another",
        ),
        (("{bad}",), "bad.yaml: The file format is not supported. Draft from one of: Compose"),
        (
            ("{file}", "--known", "{bad}", "--check"),
            "bad.yaml: The file does not hold what is known of a system",
        ),
        (("{file}", "--known", "{file}/x"), "cannot be written (Not a directory). Choose another file."),
        (("{file}", "--check"), "--check needs either --known FILE or --model KEY to"),
        (("{file}", "--check", "--known", "a", "--model", "TM-1"), "--check needs either"),
        (
            ("{file}", "--known", "a", "--model", "TM-1"),
            "--known and --model are two comparisons. Choose one.",
        ),
        (("{file}", "--sarif", "a.sarif"), "--sarif and --junit write the result of --check."),
        ((), "Missing argument 'FILE...'"),
    ],
)
def test_what_cannot_be_read_is_exit_code_two(
    run_cli: RunCli, compose: Path, words: tuple[str, ...], told: str
) -> None:
    bad = compose.with_name("bad.yaml")
    bad.write_text("a: marked-secret\n")
    done = run_cli("draft", *(word.format(file=compose, bad=bad) for word in words))
    assert done.exit_code == 2
    assert told in done.stderr
    assert "marked" not in done.stderr


def test_a_hostile_name_does_not_steer_the_terminal(run_cli: RunCli, compose: Path) -> None:
    compose.write_text('services: {"a\\e[31m\\u202eb": {image: x, ports: ["1:1"]}}\n')
    known = compose.with_name("known.json")
    known.write_text('{"format": "threatmodel-known", "version": 1, "items": {}}')
    for words in ((), ("--known", str(known), "--check")):
        told = run_cli("draft", str(compose), *words).stdout
        assert "\x1b" not in told
        assert "\u202e" not in told
