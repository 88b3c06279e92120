"""Answers of a workspace as written to a file: no names, IDs or user text.

The answer to each question is a JSON object; `tests/probe/answers-1.schema.json` describes them all.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

FORMAT: Final = "threatmodel-slack-probe"
VERSION: Final = 1
"""Raised whenever a key changes its meaning or goes; new keys alone need no new version."""

Reason = Literal[
    "not_reached",  # the probe was ended before this question
    "alone",  # it takes a person, and none was asked for
    "no_person",  # no one pressed the button in time
    "no_channel",  # the option that names the second channel was not given
    "no_app_token",  # interactions of a person are received over Socket Mode only
    "no_connection",  # Socket Mode did not open
    "shared_connection",  # another process is connected and would hear some of it
    "no_answer",  # the person did not do this step within the time
]
"""Why a question was not asked."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of one call: `ok`, or Slack's code with its detail."""

    code: str = "ok"
    detail: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag="answered", tag_field="status"):
    """The workspace answered."""

    answer: dict[str, Any]


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed", tag_field="status"):
    """The question could not be put: Slack's code for why, and what it says in addition."""

    code: str
    detail: str = ""


class Skipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped", tag_field="status"):
    """The question was not asked."""

    reason: Reason


Point: TypeAlias = Answered | Failed | Skipped

STEP_LABELS: Final = {
    "installation": "Scopes and organization",
    "fields": "Fields of three answers",
    "largest_card": "The largest card",
    "texts": "Texts at their limits",
    "files": "Files in a thread",
    "canvas": "A report as a canvas",
    "unknown_trigger": "A trigger that was never issued",
    "direct_message": "Metadata in the direct message",
    "replies": "Where answers appear",
    "expired_trigger": "An expired trigger",
    "form": "A form whose initial values change",
    "mention": "The teams of a mention",
    "mention_in_shared_channel": "The same in a shared channel",
}
"""The points of the file, with the title of each at the terminal."""

OF_A_PERSON: Final = ("replies", "expired_trigger", "form", "mention", "mention_in_shared_channel")


def answers_json(points: Mapping[str, Point]) -> bytes:
    """Return the file's content: the same answers give the same bytes."""
    every = dict.fromkeys(STEP_LABELS, Skipped(reason="not_reached")) | dict(points)
    answers = {"format": FORMAT, "version": VERSION, "points": every}
    return msgspec.json.format(msgspec.json.encode(answers, order="deterministic"), indent=2) + b"\n"
