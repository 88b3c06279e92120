"""The probe without a person answers its questions and leaves nothing behind."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.manifest import build_manifest
from bot.operator_error import OperatorError
from bot.probe.probe_answers import OF_A_PERSON, STEP_LABELS, answers_json
from bot.probe.sample_content import build_sample_content
from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import json_size
from tests.depth import deep_only
from tests.probe.probe_workspace import ProbeWorkspace, open_probe_workspace

ALONE = set(STEP_LABELS) - set(OF_A_PERSON)


def test_without_a_person_all_other_questions_are_answered_and_nothing_remains(
    place: ProbeWorkspace,
) -> None:
    points = place.probe(alone=True, person="@ana")
    assert {name for name, point in points.items() if point["status"] == "answered"} == ALONE
    assert all(points[name] == {"status": "skipped", "reason": "alone"} for name in OF_A_PERSON)
    assert place.remains() == []
    assert not place.notes.exists()
    assert place.left_nothing


def test_without_a_name_no_one_receives_a_direct_message(place: ProbeWorkspace) -> None:
    points = place.probe(alone=True)
    assert points["direct_message"] == {"status": "skipped", "reason": "no_person"}
    assert place.sandbox.calls_of("conversations.open") == []


def test_progress_is_printed_line_by_line(place: ProbeWorkspace) -> None:
    place.probe(alone=True)
    assert "answered Files in a thread" in place.said
    assert "skipped (alone)  Where answers appear" in place.said


@deep_only
def test_the_same_workspace_gives_the_same_bytes(place: ProbeWorkspace) -> None:
    place.probe(alone=True, person="@ana")
    first = place.file.read_bytes()
    place.probe(alone=True, person="@ben")
    assert place.file.read_bytes() == first


def test_no_name_id_token_or_text_is_written_or_printed(place: ProbeWorkspace) -> None:
    place.probe(alone=True, person="@ana")
    shown = place.file.read_text() + "\n".join(place.said).replace(str(place.file), "")
    workspace = place.sandbox.workspace
    words = {
        place.sandbox.bot_token,
        place.sandbox.app_token,
        *(word for one in workspace.people if not one.is_bot for word in (one.id, one.name, one.handle)),
        *(word for channel in workspace.channels for word in (channel.id, channel.name)),
        "T0SANDBOX",
        "The House",
    }
    assert [word for word in words if re.search(rf"\b{re.escape(word)}\b", shown)] == []
    assert re.search(r"\b[A-Z][A-Z0-9]{7,}\b", shown.replace("ERROR", "")) is None
    assert re.search(r"\d{9,}", shown) is None


def test_a_failed_question_is_recorded_with_its_code_and_the_others_continue(place: ProbeWorkspace) -> None:
    place.sandbox.faults.fail_next("files.getUploadURLExternal", "server_error")
    place.sandbox.faults.fail_next("canvases.create", "canvas_disabled_user_team")
    points = place.probe(alone=True)
    assert points["files"] == {"status": "failed", "code": "HTTP 503", "detail": ""}
    assert points["canvas"]["answer"]["created"]["code"] == "canvas_disabled_user_team"
    assert points["unknown_trigger"]["status"] == "answered"
    assert place.remains() == []


def test_an_answer_of_another_shape_is_a_failure_of_that_question_alone(
    place: ProbeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a name that must not be shown")

    monkeypatch.setattr("bot.probe.unattended_questions.ask_about_characters", broken)
    points = place.probe(alone=True)
    assert points["texts"] == {"status": "failed", "code": "unexpected_answer", "detail": "KeyError"}
    assert points["canvas"]["status"] == "answered"


def test_scopes_that_the_manifest_names_and_slack_does_not_grant_are_listed(tmp_path: Path) -> None:
    described: Any = build_manifest("socket")
    described["oauth_config"]["scopes"]["bot"].remove("canvases:write")
    with open_probe_workspace(tmp_path, manifest=described) as place:
        points = place.probe(alone=True)
        assert place.answer("installation")["missing_scopes"] == ["canvases:write"]
        assert points["canvas"]["answer"]["created"]["code"] == "missing_scope"


def test_the_test_card_has_the_maximum_size_of_a_message() -> None:
    shown = build_sample_content().card
    assert slack_limits.MESSAGE_CHARACTERS - 120 <= json_size(shown.blocks) <= slack_limits.MESSAGE_CHARACTERS


def test_a_missing_channel_or_membership_is_reported_in_one_line(place: ProbeWorkspace) -> None:
    with pytest.raises(OperatorError, match=r"--probe: the bot cannot see a channel #nowhere"):
        place.probe(channel="#nowhere")
    with pytest.raises(OperatorError, match=r"--probe: the bot cannot see a channel #house-keys"):
        place.probe(channel="#house-keys")
    with pytest.raises(OperatorError, match=r"--with: there is no person @nobody"):
        place.probe(person="@nobody")
    assert not place.file.exists()


def test_unreached_questions_are_listed() -> None:
    assert b'"reason": "not_reached"' in answers_json({})
