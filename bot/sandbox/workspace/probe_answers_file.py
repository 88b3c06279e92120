"""File with the answers of a real workspace, which configures the sandbox's behavior."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import DecodeError, Struct, ValidationError, convert
from msgspec.json import decode

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.behavior_from_probe import POINTS
from bot.sandbox.workspace.workspace_behavior import Behavior

FORMAT, VERSION = "threatmodel-slack-probe", 1


class ProbeFileUnusable(Exception):
    """Error: the file cannot be used; the message gives the reason in one line."""


class _Point(Struct, frozen=True):
    status: Literal["answered", "failed", "skipped"]
    answer: Json = {}


class _Head(Struct, frozen=True):
    format: str
    version: int


class _File(Struct, frozen=True):
    points: Mapping[str, _Point]


def read_answers(file: Path) -> Behavior:
    """Return the behavior that a file of answers describes; raises ProbeFileUnusable.

    A point without an answer keeps its default.
    """
    try:
        read: object = decode(file.read_bytes())
    except OSError as error:
        raise ProbeFileUnusable(f"{file} cannot be read ({error.strerror})") from None
    except (DecodeError, UnicodeDecodeError):
        raise ProbeFileUnusable(f"{file} is not JSON") from None
    try:
        head = convert(read, _Head)
        if (head.format, head.version) != (FORMAT, VERSION):
            raise ProbeFileUnusable(
                f"{file} is {head.format[:40]!r} version {head.version}, not {FORMAT!r} version {VERSION}"
            )
        points = convert(read, _File).points
        behavior: Json = {}
        for name, behavior_of in POINTS.items():
            point = points.get(name)
            if point is not None and point.status == "answered":
                behavior |= behavior_of(point.answer)
    except ValidationError as wrong:
        raise ProbeFileUnusable(f"{file} was not written by `doctor --probe`: {wrong}") from None
    return Behavior(**behavior)
