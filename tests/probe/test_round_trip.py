"""A sandbox configured by the probe's answers behaves like the workspace."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.probe.probe_answers import STEP_LABELS
from bot.sandbox.api import (
    POINTS,
    SOME_ENTERPRISE,
    SOME_SECONDS,
    Behavior,
    FieldOverrides,
    LengthCounting,
    SlackRefusal,
    read_answers,
)
from tests.depth import deep_also
from tests.probe.probe_workspace import ProbeWorkspace, open_probe_workspace, participant_in

OF_A_REAL_WORKSPACE: dict[str, FieldOverrides] = {
    "conversations.info": FieldOverrides(
        missing=("channel.previous_names", "channel.topic.last_set"),
        present={"channel.is_frozen": "boolean", "channel.new": "object", "channel.updated": "string"},
    ),
    "conversations.members": FieldOverrides(),
    "users.info": FieldOverrides(
        missing=("user.color", "user.profile.status_text"), present={"user.profile.fields": "list"}
    ),
}

VALUES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "alt_text_hides_files": ("files", (False, True)),
    "files_appear_after": ("files", (0.0, SOME_SECONDS, None)),
    "hidden_files": ("files", (frozenset(), frozenset({"csv", "png+alt_txt"}))),
    "response_url_reaches_thread": ("replies", (False, True)),
    "ephemeral_reaches_thread": ("replies", (False, True)),
    "response_url_replaces": ("replies", (True, False)),
    "response_url_uses": ("replies", (5, 3)),
    "foreign_outer_team": ("mention_in_shared_channel", (False, True)),
    "authorizations_listed": ("mention", (False, True)),
    "direct_info_takes_scope": ("direct_message", (False, True)),
    "context_team_listed": ("mention", (False, True)),
    "enterprise": ("installation", (None, SOME_ENTERPRISE)),
    "missing_scopes": ("installation", (frozenset(), frozenset({"canvases:write"}))),
    "extra_scopes": ("installation", (frozenset(), frozenset({"reactions:read"}))),
    "expired_trigger_in_detail": ("expired_trigger", (False, True)),
    "unknown_trigger": (
        "unknown_trigger",
        (
            SlackRefusal(code="invalid_trigger_id"),
            SlackRefusal(code="invalid_arguments", detail="no such `trigger_id`"),
        ),
    ),
    "update_hands_in_initial_values": ("form", (False, True)),
    "canvas_refusals": (
        "canvas",
        (
            {},
            {"canvases.create": SlackRefusal(code="canvas_disabled_user_team")},
            {"canvases.edit": SlackRefusal(code="canvas_editing_failed", detail="'content' error: line 3")},
        ),
    ),
    "large_messages_taken": ("largest_card", (False, True)),
    "blocks_counting": (
        "texts",
        (
            LengthCounting(),
            LengthCounting(limited=False),
            LengthCounting(ampersand="escaped"),
            LengthCounting(ampersand="unescaped", astral_is_two=True),
        ),
    ),
    "edits_counting": ("texts", (LengthCounting(), LengthCounting(astral_is_two=True))),
    "metadata_in_history": ("direct_message", (False, True)),
    "metadata_survives_edit": ("direct_message", (False, True)),
    "fields": ("fields", (OF_A_REAL_WORKSPACE,)),
}
"""For each point of behavior the question that tells it, and values that it is to be told by."""

NOT_TOLD: dict[str, str] = {"uninstall_is_repeated": "the probe does not uninstall the app"}
"""Points of behavior that the probe cannot tell, each with the reason."""


def test_every_point_of_behavior_is_probed_or_listed_with_a_reason() -> None:
    assert set(VALUES) | set(NOT_TOLD) == set(Behavior.__struct_fields__)
    assert not set(VALUES) & set(NOT_TOLD)
    assert all(NOT_TOLD.values())


def test_every_question_of_the_probe_determines_a_point_of_behavior() -> None:
    assert set(POINTS) == set(STEP_LABELS)


def probed(place: ProbeWorkspace, question: str) -> Behavior:
    """Put one question; return what the file says of the workspace."""
    if question in ("replies", "expired_trigger", "form", "mention"):
        with participant_in(place):
            place.probe(only=frozenset({question}))
    elif question == "mention_in_shared_channel":
        place.sandbox.change_channel("#general", is_ext_shared=True)
        place.sandbox.add_person("pia", "#general", team="T0PARTNER")
        with participant_in(place, "ana"), participant_in(place, "pia", "#general"):
            place.probe(only=frozenset({question}), person="@ana", shared_channel="#general")
    else:
        place.probe(only=frozenset({question}), person="@ana")
    place.answer(question)
    return read_answers(place.file)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, values[-1]) for name, (_, values) in VALUES.items()),
        *deep_also(*((name, value) for name, (_, values) in VALUES.items() for value in values[:-1])),
    ],
)
def test_a_sandbox_behaves_like_the_probed_workspace(tmp_path: Path, name: str, value: Any) -> None:
    question = VALUES[name][0]
    wanted = replace(Behavior(), **{name: value})
    with open_probe_workspace(tmp_path, behavior=wanted) as place:
        told = probed(place, question)
        first = place.file.read_bytes()
    if name == "fields":
        # Only what the sandbox cannot know is added: that other recorded fields are missing, too.
        for method, other in OF_A_REAL_WORKSPACE.items():
            assert set(other.missing) <= set(told.fields[method].missing)
            assert told.fields[method].present == other.present
    else:
        assert getattr(told, name) == value
    # And held to the file, another sandbox gives the same answers.
    with open_probe_workspace(tmp_path, behavior=told) as place:
        again = probed(place, question)
        assert place.file.read_bytes() == first
    assert again == told


def test_a_point_without_an_answer_keeps_its_default(place: ProbeWorkspace) -> None:
    place.probe(only=frozenset())
    assert read_answers(place.file) == Behavior()
