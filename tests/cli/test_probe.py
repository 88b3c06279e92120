"""`doctor --probe` and `sandbox --as` at the command line: what is refused, each in one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.probe.probe_answers import answers_json
from bot.sandbox import api as sandbox
from bot.sandbox.api import Behavior
from tests.cli.conftest import RunCli
from tests.cli.test_command_line import refused

HEAD = {"format": "threatmodel-slack-probe", "version": 1}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "slack-probe.json"


def held_to(run_cli: RunCli, answers: Path, content: object) -> str:
    """What is said where the sandbox is to behave as a file says."""
    answers.write_text(content if isinstance(content, str) else json.dumps(content))
    data = answers.parent / "kept"
    said = refused(run_cli("sandbox", "--as", str(answers), "--data", str(data)))
    assert not data.exists()
    return said.removeprefix(f"--as: {answers} ")


def test_the_options_of_the_probe_are_refused_without_it(run_cli: RunCli) -> None:
    line = refused(run_cli("doctor", "--alone"))
    assert line == "--with, --shared, --alone and --output require --probe CHANNEL."


def test_without_a_token_the_probe_says_which_is_missing(run_cli: RunCli) -> None:
    assert refused(run_cli("doctor", "--probe", "#house")).startswith("SLACK_BOT_TOKEN is missing")
    assert refused(run_cli("doctor", "--clean-up")).startswith("SLACK_BOT_TOKEN is missing")


def test_a_missing_file_is_named(run_cli: RunCli, answers: Path) -> None:
    assert refused(run_cli("sandbox", "--as", str(answers))) == (
        f"--as: {answers} cannot be read (No such file or directory)."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a shopping list", "is not JSON."),
        ([], "was not written by `doctor --probe`: Expected `object`, got `array`."),
        ({"format": "sarif", "version": 1}, "is 'sarif' version 1, not 'threatmodel-slack-probe' version 1."),
        (
            {**HEAD, "version": 2, "points": {}},
            "is 'threatmodel-slack-probe' version 2, not 'threatmodel-slack-probe' version 1.",
        ),
        (HEAD, "was not written by `doctor --probe`: Object missing required field `points`."),
        (
            {**HEAD, "points": {"form": {"status": "answered", "answer": {"same_block_id": "green"}}}},
            "was not written by `doctor --probe`: Invalid enum value 'green' - at `$.same_block_id`.",
        ),
        (
            {**HEAD, "points": {"form": {"status": "perhaps"}}},
            "was not written by `doctor --probe`: Invalid enum value 'perhaps' - at `$.points[...].status`.",
        ),
    ],
)
def test_an_unsuitable_probe_file_is_refused_in_one_line(
    run_cli: RunCli, answers: Path, content: object, said: str
) -> None:
    assert held_to(run_cli, answers, content) == said


def test_the_sandbox_is_started_with_the_behavior_of_the_file(
    run_cli: RunCli, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: dict[str, Any] = {}

    def serve(*_: object, **given: object) -> None:
        started.update(given)

    monkeypatch.setattr(sandbox, "serve", serve)
    form = {"status": "answered", "answer": {"same_block_id": "new", "new_block_id": "new"}}
    point: dict[str, Any] = {**HEAD, "points": {"form": form, "later": {"status": "answered", "answer": {}}}}
    answers.write_text(json.dumps(point))
    data = str(answers.parent / "kept")
    assert run_cli("sandbox", "--as", str(answers), "--data", data, "--port", "0").exit_code == 0
    assert started["behavior"] == Behavior(update_hands_in_initial_values=True)
    assert run_cli("sandbox", "--data", data, "--port", "0").exit_code == 0
    assert started["behavior"] is None


def test_a_file_without_answers_leaves_every_default(answers: Path) -> None:
    answers.write_bytes(answers_json({}))
    assert sandbox.read_answers(answers) == Behavior()
