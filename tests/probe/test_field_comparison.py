"""Fields are compared with recorded ones by name and type, and nothing of their values is kept."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from bot.probe.probe_channel import Redactor, code_word
from bot.probe.unattended_questions import RECORDED_FIELDS, compare_fields

RECORDINGS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "slack" / "recorded-shapes.json"


def test_a_missing_branch_is_listed_by_its_root_alone() -> None:
    told = compare_fields("conversations.info", {"ok": True, "channel": {"id": "C1", "topic": {"value": ""}}})
    assert "channel.purpose" in told["missing"]
    assert "channel.purpose.value" not in told["missing"]
    assert "channel.topic.creator" in told["missing"]


def test_an_empty_list_or_null_is_not_compared_further() -> None:
    told = compare_fields("conversations.info", {"channel": {"previous_names": [], "properties": None}})
    assert not [path for path in told["missing"] if path.startswith("channel.properties.")]
    assert "channel.previous_names[]" not in told["missing"]


def test_new_fields_are_listed_with_their_type_only() -> None:
    told = compare_fields(
        "users.info", {"user": {"mood": "sunny", "cards": [{"number": 4}], "tz_offset": "3600"}}
    )
    assert told["unknown"] == {"user.mood": "string", "user.cards": "list"}
    assert told["other_type"] == {"user.tz_offset": "string"}


def test_keys_that_are_ids_are_not_recorded() -> None:
    fields: Any = {"Xf06054BBB": {"value": "x"}, "XF0ABCDEFG": {"value": "x"}}
    told = compare_fields("users.info", {"user": {"profile": {"title": "", "U0ANA0001": "x"}, **fields}})
    assert "user.profile.*" in told["unknown"]
    assert "U0ANA0001" not in str(told)
    assert "Xf06054BBB" not in str(told)


def test_the_recorded_fields_are_those_of_the_recordings() -> None:
    if not RECORDINGS.exists():
        pytest.skip("the recordings are not here")
    recorded: Any = json.loads(RECORDINGS.read_text())["methods"]
    beside = {"ok", "error", "needed", "provided", "warning", "response_metadata"}

    def paths(value: object, path: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        if isinstance(value, dict):
            found |= {path: "object"}
            for key, inner in cast("dict[str, object]", value).items():
                found |= paths(inner, f"{path}.{key}" if path else key)
        elif isinstance(value, list):
            found |= {path: "list"}
            for inner in cast("list[object]", value)[:1]:
                found |= paths(inner, f"{path}[]")
        else:
            found |= {path: str(value)}
        return found

    for method, known in RECORDED_FIELDS.items():
        answer = {key: value for key, value in recorded[method].items() if key not in beside}
        expected = {path: kind for path, kind in paths(answer).items() if path}
        assert known == expected


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("'content' error: line 3: Unsupported block type (List)", None),
        ("`trigger_id` expired", None),
        ("[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]", None),
        ("no such channel C0HOUSE01, field Xf06054BBB", "no such channel …, field …"),
        ("Ana may not see general", "… may not see …"),
        ("token xoxb-123-abc at 1790000000.123456", "token … at …"),
        ("see https://the-house.slack.com/x or ask ana@example.org", "see … or ask …"),
    ],
)
def test_a_message_of_slack_is_recorded_without_workspace_data(sentence: str, written: str | None) -> None:
    scrubber = Redactor()
    scrubber.learn(["Ana", "general", "ok", None, 3])
    assert scrubber.redact(sentence) == (sentence if written is None else written)


def test_an_invalid_code_is_not_recorded() -> None:
    assert code_word("channel_not_found") == "channel_not_found"
    assert code_word("<html>Ana</html>") == "unreadable"
